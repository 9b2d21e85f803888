"""Which format a data set has, and by what that is known."""

from maskwright.formats import FORMATS
from maskwright.formats.archive import Source
from maskwright.formats.base import Format, FormatError
from maskwright.formats.mask_folders import LABELS, find_folder, format_of

# The more particular a format's marks are, the earlier it is asked.
_ORDER = ("cityscapes", "bdd100k", "camvid", "voc", "coco-panoptic", "coco", "index-png")


def detect(source: Source) -> tuple[Format, str]:
    """Return the format of a source and why it is that one. Raises FormatError if none fits."""
    root = find_folder(source, LABELS)
    named = format_of(source, root) if root is not None else None
    if named is not None and named in FORMATS:
        return FORMATS[named], f"its {LABELS} says so"
    for name in _ORDER:
        reason = FORMATS[name].recognise(source)
        if reason is not None:
            return FORMATS[name], reason
    raise FormatError(
        f"This is no data set of a known format ({', '.join(FORMATS)}). Say which with --from, and "
        "check that the path leads to its topmost folder."
    )
