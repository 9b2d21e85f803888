"""Data-set formats: each writes samples to a sink and reads them from a source; no database."""

from collections.abc import Mapping

from maskwright.formats.base import Format
from maskwright.formats.cityscapes import Cityscapes
from maskwright.formats.coco import Coco
from maskwright.formats.coco_panoptic import CocoPanoptic
from maskwright.formats.voc import Voc

FORMATS: Mapping[str, Format] = {
    made.name: made for made in (Voc(), Coco(), CocoPanoptic(), Cityscapes())
}
"""Format name, as the command line and HTTP have it → format."""
