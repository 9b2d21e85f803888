"""Every error that a user can meet: one tree, one handler for HTTP, one for the command line.

AppError
├── NotFound (404)
├── BadRequest (400), Unprocessable (422), TooLarge (413), UnsupportedMedia (415)
├── Conflict (409)
│   ├── StaleRevision, LabelInUse, InvalidTransition, NameTaken
├── Gone (410)
├── PreconditionRequired (428)
├── Forbidden (403)
└── Busy (503)

`detail` is one sentence or two: what happened, and what to do.
"""

from collections.abc import Mapping
from typing import Any, ClassVar


class AppError(Exception):
    """An error with an HTTP status, a stable code, and a sentence for the user."""

    status: ClassVar[int] = 500
    code: str = "internal"
    title: ClassVar[str] = "Something went wrong"

    def __init__(self, detail: str, *, code: str | None = None, **extra: Any) -> None:
        super().__init__(detail)
        self.detail = detail
        self.extra: Mapping[str, Any] = extra
        if code:
            self.code = code

    def problem(self) -> dict[str, Any]:
        """Return the error as RFC 9457 problem details."""
        return {
            "type": f"urn:maskwright:problem:{self.code}",
            "title": self.title,
            "status": self.status,
            "code": self.code,
            "detail": self.detail,
            **self.extra,
        }


class NotFound(AppError):
    status, code, title = 404, "not_found", "Not found"


class BadRequest(AppError):
    status, code, title = 400, "bad_request", "Bad request"


class Unprocessable(AppError):
    status, code, title = 422, "invalid", "Invalid input"


class InvalidMaskUpload(Unprocessable):
    """The body is no mask of this image."""

    code, title = "invalid_mask", "Invalid mask"


class UnknownLabel(Unprocessable):
    """Pixels hold an index that the project has no label for."""

    code, title = "unknown_label", "Unknown label"


class TooLarge(AppError):
    status, code, title = 413, "too_large", "Too large"


class UnsupportedMedia(AppError):
    status, code, title = 415, "unsupported_media", "Unsupported kind of file"


class Conflict(AppError):
    status, code, title = 409, "conflict", "Conflict"


class StaleRevision(Conflict):
    """Someone saved these tiles since you loaded them."""

    code, title = "stale_revision", "Changed in the meantime"


class LabelInUse(Conflict):
    """Masks hold the index of a label that would disappear."""

    code, title = "label_in_use", "Label in use"


class InvalidTransition(Conflict):
    """The image can't go from its status to the one asked for."""

    code, title = "invalid_transition", "Not possible in this status"


class NameTaken(Conflict):
    code, title = "name_taken", "Name taken"


class NothingToExport(Conflict):
    code, title = "nothing_to_export", "Nothing to export"


class NothingToDraft(Conflict):
    code, title = "nothing_to_draft", "Nothing to draft"


class NoProposal(Conflict):
    """There is no draft to accept or reject."""

    code, title = "no_proposal", "No draft yet"


class Gone(AppError):
    status, code, title = 410, "gone", "No longer there"


class PreconditionRequired(AppError):
    status, code, title = 428, "if_match_required", "If-Match is required"


class Forbidden(AppError):
    status, code, title = 403, "forbidden", "Forbidden"


class Busy(AppError):
    """All places are taken; `retry_after` is in seconds."""

    status, code, title = 503, "busy", "Busy"


class ModelUnavailable(AppError):
    status, code, title = 503, "model_unavailable", "No model"
