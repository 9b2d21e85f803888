"""Who did it: every revision and every status change has an author."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Actor:
    """A person or a process that acts. `id` is the row in `users`."""

    id: int
    name: str


LOCAL = Actor(1, "local")
"""The one user of an installation on loopback; the first migration writes its row."""
