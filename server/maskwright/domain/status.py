"""Where an image stands, and where it can go from there."""

from typing import Literal, get_args

Status = Literal["new", "proposed", "in_progress", "submitted", "approved", "rejected"]
STATUSES: tuple[Status, ...] = get_args(Status)

# What a person may ask for. Drafting and saving move an image by themselves, see below.
TRANSITIONS: dict[Status, frozenset[Status]] = {
    "new": frozenset({"in_progress"}),
    "proposed": frozenset({"in_progress"}),
    "in_progress": frozenset({"submitted"}),
    "submitted": frozenset({"approved", "rejected", "in_progress"}),
    "approved": frozenset({"in_progress"}),
    "rejected": frozenset({"in_progress"}),
}


def after_proposal(status: Status) -> Status:
    """Return the status of an image that a model has just drafted."""
    return "proposed" if status == "new" else status


def after_withdrawal(status: Status) -> Status:
    """Return the status of an image whose only draft was taken back."""
    return "new" if status == "proposed" else status


def after_save() -> Status:
    """Return the status of an image whose ground truth a person has just changed.

    Also one that was submitted or approved: what was approved is no longer what is there.
    """
    return "in_progress"
