"""What travels over HTTP, and only that: requests are strict, answers are made from rows."""

from maskwright.schemas.common import Page, Problem, Request
from maskwright.schemas.images import ImageOut, StatusChangeOut, StatusIn
from maskwright.schemas.masks import (
    AcceptIn,
    CompareOut,
    DraftIn,
    RejectIn,
    RestoreIn,
    RevisionOut,
    TilesIn,
)
from maskwright.schemas.projects import (
    LabelOut,
    ModelOut,
    PresetOut,
    ProjectChange,
    ProjectIn,
    ProjectOut,
    StatsOut,
    to_labels,
)

__all__ = [
    "AcceptIn",
    "CompareOut",
    "DraftIn",
    "ImageOut",
    "LabelOut",
    "ModelOut",
    "Page",
    "PresetOut",
    "Problem",
    "ProjectChange",
    "ProjectIn",
    "ProjectOut",
    "RejectIn",
    "Request",
    "RestoreIn",
    "RevisionOut",
    "StatsOut",
    "StatusChangeOut",
    "StatusIn",
    "TilesIn",
    "to_labels",
]
