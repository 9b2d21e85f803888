"""Why a file was not taken in. Each sentence says what to do about it."""

from typing import Self

from maskwright.errors import Unprocessable


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


class TooManyFiles(ImageRefused):
    """More files in one request than the setting allows."""

    status, code = 413, "too_many_files"
