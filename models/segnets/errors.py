"""Everything that segnets raises on purpose. Each message says what to do.

SegnetsError
├── BadImage            not an image the network can read
├── UnknownModel        no registry entry of that name
├── BrokenModel         an entry's files are missing, damaged or do not fit the network
├── DeviceUnavailable   the asked device is not here
└── EngineUnavailable   the asked engine is unknown, not installed, or can't use the device
"""

from __future__ import annotations


class SegnetsError(Exception):
    """Base of all errors below."""


class BadImage(SegnetsError):
    """Not an image the network can read."""


class UnknownModel(SegnetsError):
    """No registry entry of that name."""

    def __init__(self, name: str, known: list[str]) -> None:
        super().__init__(
            f"no model is called {name!r}; there are: {', '.join(known) or 'none'}. "
            "Name one of them, or give the path of a model's JSON entry."
        )


class BrokenModel(SegnetsError):
    """An entry's files are missing, damaged or do not fit the network."""


class DeviceUnavailable(SegnetsError):
    """The asked device is not here."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(f"device {name!r} can't be used: {why}. Use 'auto' or 'cpu'.")


class EngineUnavailable(SegnetsError):
    """The asked engine is unknown, not installed, or can't use the device."""
