"""What the application asks of a model. `segnets` is one maker of such; a test has another."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np
import numpy.typing as npt

from maskwright.domain.mask import Classes

Detail = Literal["auto", "whole", "tiles"]


@dataclass(frozen=True)
class DraftOptions:
    """How to draft an image; the plain `DraftOptions()` is what the model was measured with.

    `refine`: follow the photograph's edges at full resolution; None leaves it to the model.
    `flips`, `scales`: average over mirrored and rescaled views: slower, a little better.
    `detail`: `whole` looks at the image at once, `tiles` part by part, at its own resolution;
    `auto` takes tiles for images far larger than the model's working size.
    `maps`: also return the margin and entropy maps.
    """

    refine: bool | None = None
    flips: bool = False
    scales: tuple[float, ...] = (1.0,)
    detail: Detail = "auto"
    maps: bool = False

    @property
    def record(self) -> dict[str, Any]:
        """What of it makes a draft what it is, as JSON."""
        return {
            "refine": self.refine,
            "flips": self.flips,
            "scales": list(self.scales),
            "detail": self.detail,
        }

    @classmethod
    def of_record(cls, record: Mapping[str, Any] | None) -> "DraftOptions":
        """The options of a record; of None, the plain ones."""
        if record is None:
            return cls()
        return cls(record["refine"], record["flips"], tuple(record["scales"]), record["detail"])


@dataclass(frozen=True, eq=False)
class Draft:
    """A model's opinion of one image, in its own label indices.

    `classes`, `confidence`: (H, W) uint8; confidence is the calibrated probability of the class,
    255 = certain. `margin` (lead over the second class, 255 = certain) and `entropy` (255 = all
    labels equally likely) are (H, W) uint8 too, where they were asked for.
    """

    classes: Classes
    confidence: npt.NDArray[np.uint8]
    margin: npt.NDArray[np.uint8] | None = None
    entropy: npt.NDArray[np.uint8] | None = None


class Proposer(Protocol):
    """A loaded model. Safe to share between threads."""

    @property
    def name(self) -> str: ...

    @property
    def labels(self) -> Sequence[str]:
        """The model's label names, in the order of its indices."""
        ...

    @property
    def sha256(self) -> str:
        """Of its weights, hex; empty where there are none."""
        ...

    @property
    def engine(self) -> str:
        """What computes it."""
        ...

    def propose(self, image: npt.NDArray[np.uint8], options: DraftOptions = ...) -> Draft:
        """Draft an (H, W, 3) uint8 RGB image."""
        ...
