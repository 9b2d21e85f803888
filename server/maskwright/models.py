"""Joins `segnets` to the application: the one place on this side that knows it."""

import os
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

import segnets
from maskwright.domain.proposer import Draft, DraftOptions, Proposer
from maskwright.errors import ModelUnavailable, NotFound, UnsupportedMedia

if TYPE_CHECKING:
    from segnets import Predictor


@dataclass(frozen=True)
class SegnetsProposer:
    """A `segnets` predictor as the application's `Proposer`."""

    predictor: "Predictor"

    @property
    def name(self) -> str:
        return self.predictor.entry.name

    @property
    def labels(self) -> Sequence[str]:
        return self.predictor.entry.labels

    @property
    def sha256(self) -> str:
        return self.predictor.entry.sha256 or ""

    @property
    def engine(self) -> str:
        return getattr(self.predictor, "engine_name", "torch")

    def propose(
        self, image: npt.NDArray[np.uint8], options: DraftOptions = DraftOptions()
    ) -> Draft:
        try:
            made = self.predictor.propose(image)
        except segnets.BadImage as error:
            raise UnsupportedMedia(str(error), code="bad_image") from error
        return Draft(made.classes, made.confidence)


def load(
    name: str, device: str = "auto", threads: int = 0, directories: Iterable[Path] = ()
) -> Proposer:
    """Load a model by name, from `directories` or bundled. Imports torch.

    Raises NotFound for a name that no model has, ModelUnavailable when its file can't be used.
    """
    # Read when torch is imported: threads that wait for each other must sleep, not spin, or they
    # take the processor from the web server.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    try:
        predictor = segnets.Predictor.load(
            name, device=device, threads=threads or None, directories=directories
        )
    except segnets.UnknownModel as error:
        raise NotFound(str(error), code="unknown_model") from error
    except segnets.SegnetsError as error:
        raise ModelUnavailable(str(error)) from error
    return SegnetsProposer(predictor)


def listed(directories: Iterable[Path] = ()) -> list[dict[str, Any]]:
    """Return what is known of every model that has its file, without loading one."""
    return [
        {
            "name": entry.name,
            "labels": list(entry.labels),
            "default": entry.name == segnets.DEFAULT,
            "architecture": entry.architecture,
            "licence": entry.licence,
            "source": entry.source,
            "sha256": entry.sha256,
            "measured": asdict(entry.measured) if entry.measured else {},
        }
        for entry in segnets.list_models(directories)
        if entry.path.is_file()
    ]
