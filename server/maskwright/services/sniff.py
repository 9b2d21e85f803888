"""What a file is, told from its first bytes and never from its name."""

from dataclasses import dataclass
from pathlib import PurePosixPath

from maskwright.services.image_errors import (
    EmptyFile,
    MislabelledImage,
    NotAnImage,
    UnsupportedImage,
)


@dataclass(frozen=True)
class ImageKind:
    """A kind of image that is taken."""

    name: str  # Pillow's name for it, too
    media_type: str
    suffixes: tuple[str, ...]  # the first is the one to recommend


JPEG = ImageKind("JPEG", "image/jpeg", (".jpg", ".jpeg", ".jpe", ".jfif", ".mpo"))
PNG = ImageKind("PNG", "image/png", (".png", ".apng"))
WEBP = ImageKind("WEBP", "image/webp", (".webp",))
TIFF = ImageKind("TIFF", "image/tiff", (".tif", ".tiff"))
BMP = ImageKind("BMP", "image/bmp", (".bmp", ".dib"))
KINDS = (JPEG, PNG, WEBP, TIFF, BMP)
TAKEN = ", ".join(kind.name.replace("WEBP", "WebP") for kind in KINDS)

SUFFIX_KIND = {suffix: kind for kind in KINDS for suffix in kind.suffixes}

# (offset, signature): one must match at its offset.
_TAKEN_SIGNATURES: tuple[tuple[int, bytes, ImageKind], ...] = (
    (0, b"\xff\xd8\xff", JPEG),
    (0, b"\x89PNG\r\n\x1a\n", PNG),
    (8, b"WEBP", WEBP),
    (0, b"II*\0", TIFF),
    (0, b"MM\0*", TIFF),
    (0, b"II+\0", TIFF),  # BigTIFF
    (0, b"MM\0+", TIFF),
    (0, b"BM", BMP),
)

_SAVE_AS = "Save it as PNG or JPEG and upload that."
_ADVICE = {
    "HEIC": f"HEIC photographs are not taken. {_SAVE_AS}",
    "AVIF": f"AVIF images are not taken. {_SAVE_AS}",
    "GIF": "GIF images are not taken. Save it as PNG and upload that.",
    "JPEG 2000": "JPEG 2000 images are not taken. Save it as PNG or TIFF and upload that.",
    "JPEG XL": f"JPEG XL images are not taken. {_SAVE_AS}",
    "OpenEXR": "OpenEXR images are not taken. Save it as 16-bit PNG or TIFF and upload that.",
    "PSD": f"Photoshop documents are not taken. {_SAVE_AS}",
    "ICO": "Icons are not taken. Save it as PNG and upload that.",
    "raw": "Camera raw files are not taken. Develop it, then save it as TIFF, PNG or JPEG.",
    "SVG": "SVG drawings have no pixels to label. Render it to PNG and upload that.",
    "PDF": "PDF documents are not taken. Export the page as PNG and upload that.",
    "video": "Videos are not taken. Export frames as JPEG or PNG and upload those.",
    "archive": "Archives are not taken as images. Unpack it and upload the files inside.",
    "DICOM": "DICOM files are not taken as images. Export the slice as 16-bit PNG or TIFF.",
    "page": "This is a web page, not an image: the download probably failed. Download it again.",
}

_REFUSED_SIGNATURES: tuple[tuple[int, bytes, str], ...] = (
    (0, b"GIF87a", "GIF"),
    (0, b"GIF89a", "GIF"),
    (0, b"8BPS", "PSD"),
    (0, b"\0\0\0\x0cjP  ", "JPEG 2000"),
    (0, b"\xff\x4f\xff\x51", "JPEG 2000"),
    (0, b"\0\0\0\x0cJXL ", "JPEG XL"),
    (0, b"\xff\x0a", "JPEG XL"),
    (0, b"\x76\x2f\x31\x01", "OpenEXR"),
    (0, b"\0\0\x01\0", "ICO"),
    (0, b"FUJIFILMCCD-RAW", "raw"),
    (0, b"II\x55\0", "raw"),  # Panasonic RW2
    (0, b"IIRO", "raw"),  # Olympus ORF
    (0, b"%PDF-", "PDF"),
    (0, b"\x1aE\xdf\xa3", "video"),
    (0, b"PK\x03\x04", "archive"),
    (0, b"\x1f\x8b", "archive"),
    (0, b"7z\xbc\xaf\x27\x1c", "archive"),
    (0, b"Rar!", "archive"),
    (128, b"DICM", "DICOM"),
)

_HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
_AVIF_BRANDS = {b"avif", b"avis"}


def sniff(data: bytes) -> ImageKind:
    """The kind of the image in `data`.

    Raises `EmptyFile`, `UnsupportedImage` naming the kind, or `NotAnImage`.
    """
    if not data:
        raise EmptyFile("The file is empty: 0 bytes. Copy or download it again.")
    refused = _refused_kind(data)
    if refused:
        raise UnsupportedImage(_ADVICE[refused], kind=refused)
    for offset, signature, kind in _TAKEN_SIGNATURES:
        if data.startswith(signature, offset) and (kind is not WEBP or data[:4] == b"RIFF"):
            return kind
    raise NotAnImage(f"This is no image that we know. Taken are {TAKEN}.")


def check_name(name: str, kind: ImageKind) -> None:
    """Refuse `name` if its suffix promises another kind of image than `kind`.

    A name without a suffix, or with one that is no image's, promises nothing.
    """
    promised = SUFFIX_KIND.get(PurePosixPath(name).suffix.lower(), kind)
    if promised is not kind:
        raise MislabelledImage(
            f"The name says {promised.name}, the content is {kind.name}. "
            f"Rename it to end in {kind.suffixes[0]} and upload it again, "
            "or check that it is the file you meant.",
            content=kind.name,
        )


def is_animated_gif(data: bytes) -> bool:
    """Whether `data` is a GIF that plays: it says how often to repeat (as all players need)."""
    return data[:6] == b"GIF89a" and b"\x21\xff\x0bNETSCAPE2.0" in data[:4096]


def _refused_kind(data: bytes) -> str | None:
    for offset, signature, name in _REFUSED_SIGNATURES:
        if data.startswith(signature, offset):
            return name
    if data[4:8] == b"ftyp":
        brand = data[8:12].lower()
        return "HEIC" if brand in _HEIC_BRANDS else "AVIF" if brand in _AVIF_BRANDS else "video"
    if data[:4] == b"II*\0" and data[8:10] == b"CR":  # Canon CR2 is a TIFF inside
        return "raw"
    start = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<!doctype html", b"<html")):
        return "page"
    if start.startswith((b"<svg", b"<?xml", b"<!")) and b"<svg" in data[:4096].lower():
        return "SVG"
    return None
