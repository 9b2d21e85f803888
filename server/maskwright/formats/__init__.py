"""Data-set formats: each writes samples to a sink and reads them from a source; no database."""

from collections.abc import Mapping

from maskwright.formats.base import Format
from maskwright.formats.bdd100k import Bdd100k
from maskwright.formats.camvid import Camvid
from maskwright.formats.cityscapes import Cityscapes
from maskwright.formats.coco import Coco
from maskwright.formats.coco_panoptic import CocoPanoptic
from maskwright.formats.index_png import IndexPng
from maskwright.formats.voc import Voc

_ALL: tuple[Format, ...] = (
    Voc(), Coco(), CocoPanoptic(), Cityscapes(), Bdd100k(), Camvid(), IndexPng(),
)  # fmt: skip

FORMATS: Mapping[str, Format] = {made.name: made for made in _ALL}
"""Format name, as the command line and HTTP have it → format."""
