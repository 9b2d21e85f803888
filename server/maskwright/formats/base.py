"""What every format shares: the sample it reads and writes, and the shape of a format."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from maskwright.domain.labels import Label
from maskwright.domain.mask import Mask
from maskwright.formats.archive import Sink, Source
from maskwright.formats.names import is_safe_name
from maskwright.formats.objects import Ids, Segments

Segmentation = Literal["rle", "polygons"]
_SUFFIX = re.compile(r"(\.[a-z0-9]{1,8})?", re.IGNORECASE)


class FormatError(ValueError):
    """A data set that cannot be read or written as asked; the message says what to do."""


@dataclass(frozen=True, eq=False)
class Sample:
    """One image of a data set with its mask.

    `name` is safe as a file name, has no suffix and is unique in its data set (see `Names`).
    `image` gives the encoded picture when it is called, so that a sample costs no memory until
    then; None where the data set has masks only. `suffix` is the picture's (".jpg"). `display`
    gives it as it is shown, where a format cannot take the picture as it is. `source` is the name
    that it came with.
    """

    name: str
    mask: Mask
    image: Callable[[], bytes] | None
    suffix: str = ".jpg"
    split: str | None = None
    status: str | None = None
    source: str | None = None
    display: Callable[[], bytes] | None = None

    def __post_init__(self) -> None:
        if not is_safe_name(self.name):
            raise FormatError(f"{self.name!r} is not safe as a file name in a data set.")
        if not _SUFFIX.fullmatch(self.suffix):
            raise FormatError(f"{self.suffix!r} is no suffix that a picture's file name can have.")

    @property
    def width(self) -> int:
        return self.mask.width

    @property
    def height(self) -> int:
        return self.mask.height


@dataclass(frozen=True)
class DataSet:
    """Labels and a stream of samples. The stream can be walked once.

    `count`: how many samples there are, if that was known before walking.
    """

    labels: tuple[Label, ...]
    samples: Iterator[Sample]
    count: int | None = None


@dataclass(frozen=True)
class ExportOptions:
    """Choices that a format may heed.

    `segmentation`: how COCO says which pixels an object has. `jpeg_quality`: of pictures that
    are recoded because the format's readers open JPEG only. `colors`: masks of `index-png` in the
    labels' colors instead of their indices. `workers`: threads that encode.
    """

    segmentation: Segmentation = "rle"
    jpeg_quality: int = 95
    colors: bool = False
    workers: int = 2


@dataclass(frozen=True)
class Written:
    """What a writer did: how many samples, and what the user should know about it."""

    images: int
    notes: tuple[str, ...] = ()


class Format(Protocol):
    """A data-set format. Both directions stream: one sample at a time is in memory.

    `lossless` says that pixels read back, and objects as `kept` has them, are the ones that were
    written.
    """

    @property
    def name(self) -> str: ...
    @property
    def title(self) -> str: ...

    def lossless(self, options: ExportOptions) -> bool: ...

    def kept(self, labels: Sequence[Label], objects: Segments) -> Ids | None:
        """Return (H, W) the objects that can be read back, numbered 1… in reading order.

        None where the format tells no objects of this image apart.
        """
        ...

    def recognise(self, source: Source) -> str | None:
        """Say by what a source is known to be of this format; None if it is not."""
        ...

    def write(
        self,
        labels: Sequence[Label],
        samples: Iterable[Sample],
        sink: Sink,
        options: ExportOptions,
    ) -> Written: ...

    def read(self, source: Source) -> DataSet: ...
