"""Why a file was not taken in. Each sentence says what to do about it."""

from collections.abc import Sequence
from typing import Any, Self

from maskwright.errors import TooLarge, Unprocessable


class ImageRefused(Unprocessable):
    """The file cannot become an image of a project."""

    code, title = "image_refused", "Image not taken"


class EmptyFile(ImageRefused):
    """Nothing arrived."""

    code = "empty_file"


class NotAnImage(ImageRefused):
    """The content is of no image kind that we know."""

    code = "not_an_image"


class UnsupportedImage(ImageRefused):
    """An image (or document) of a kind that is not taken."""

    code = "unsupported_image"


class BrokenImage(ImageRefused):
    """The right kind, but damaged or cut short."""

    code = "broken_image"


class MislabelledImage(ImageRefused):
    """The name promises another kind than the content has."""

    code = "mislabelled_image"


class AnimatedImage(ImageRefused):
    """Several frames: a mask belongs to one still picture."""

    code = "animated_image"


class MultiPageImage(ImageRefused):
    """Several pages: a mask belongs to one of them."""

    code = "multi_page_image"


class FileTooLarge(ImageRefused):
    """More bytes than the setting allows."""

    status, code = 413, "file_too_large"

    @classmethod
    def of(cls, size: int, limit: int) -> Self:
        """The error of a file of `size` bytes where `limit` are allowed."""
        return cls(
            f"The file has {size / 2**20:.1f} MiB, the limit is {limit / 2**20:.1f} MiB. "
            "Make it smaller, or raise MASKWRIGHT_MAX_UPLOAD_BYTES.",
            limit=limit,
        )


class TooManyPixels(ImageRefused):
    """More pixels than the setting allows, told from the header alone."""

    status, code = 413, "too_many_pixels"


class TooManyFiles(TooLarge):
    """More files in one request than the setting allows."""

    code, title = "too_many_files", "Too many files"

    @classmethod
    def of(cls, count: int, limit: int) -> Self:
        """The error of `count` files where `limit` are allowed."""
        return cls(
            f"These are {count} files, a request may have {limit}. Send them in several, or use "
            "maskwright import. Nothing was stored.",
            limit=limit,
        )


class NoImageTaken(Unprocessable):
    """Not one file of a request could be taken in; `errors` tells why, file by file."""

    code, title = "no_image_taken", "No image taken"

    @classmethod
    def of(cls, errors: Sequence[dict[str, Any]]) -> Self:
        """The error of files given as {name, error: {code, detail}}."""
        first = f"{errors[0]['name']}: {errors[0]['error']['detail']}"
        count = len(errors)
        detail = first if count == 1 else f"None of {count} files could be taken. {first}"
        return cls(detail, errors=list(errors))
