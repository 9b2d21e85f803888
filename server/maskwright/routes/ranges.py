"""Parts of files: what a `Range` header asks for."""

import re

from maskwright.errors import AppError


class RangeNotSatisfiable(AppError):
    """Nothing of the range of bytes asked for lies in the file."""

    status, code, title = 416, "range_not_satisfiable", "No such range"


def parse_range(header: str, size: int) -> tuple[int, int] | None:
    """(start, stop) of the one range of bytes asked for; None when it is to be ignored.

    Ignored, as RFC 9110 allows, are other units, several ranges, and what can't be read.
    Raises RangeNotSatisfiable when nothing of it lies in the file.
    """
    match = re.fullmatch(r"bytes=\s*([0-9]{0,18})-([0-9]{0,18})\s*", header, re.ASCII)
    if match is None or match[0].strip() == "bytes=-":
        return None
    first, last = match[1], match[2]
    if first and last and int(first) > int(last):
        return None
    start = int(first) if first else max(0, size - int(last))
    stop = min(size, int(last) + 1) if first and last else size
    if start >= stop:
        raise RangeNotSatisfiable(
            f"The file has {size} bytes; nothing of it lies in the range asked for.", size=size
        )
    return start, stop
