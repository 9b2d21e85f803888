"""Joins `segnets` to the application: the one place on this side that knows it."""

import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

import segnets
from maskwright.domain.proposer import Draft, DraftOptions
from maskwright.errors import ModelUnavailable, NotFound, UnsupportedMedia
from maskwright.settings import Settings

if TYPE_CHECKING:
    from segnets import Predictor


@dataclass(frozen=True)
class SegnetsProposer:
    """A `segnets` predictor as the application's `Proposer`; in threads of its own, if given."""

    predictor: "Predictor"
    threads: ThreadPoolExecutor | None = None

    @property
    def name(self) -> str:
        return self.predictor.entry.name

    @property
    def labels(self) -> Sequence[str]:
        return self.predictor.entry.labels

    @property
    def sha256(self) -> str:
        return self.predictor.entry.sha256

    @property
    def engine(self) -> str:
        engine = self.predictor.engine
        return f"{engine.name}:{engine.precision}"

    def propose(
        self, image: npt.NDArray[np.uint8], options: DraftOptions = DraftOptions()
    ) -> Draft:
        if self.threads is None:
            return self._propose(image, options)
        return self.threads.submit(self._propose, image, options).result()

    def _propose(self, image: npt.NDArray[np.uint8], options: DraftOptions) -> Draft:
        try:
            made = self.predictor.propose(image, segnets.ProposeOptions(**vars(options)))
        except segnets.BadImage as error:
            raise UnsupportedMedia(str(error), code="bad_image") from error
        return Draft(made.classes, made.confidence, made.margin, made.entropy)


def load(
    name: str,
    device: str = "auto",
    threads: int = 0,
    directories: Iterable[Path] = (),
    engine: str = "auto",
    cache: Path | None = None,
) -> SegnetsProposer:
    """Load a model by name, from `directories` or bundled. Imports torch.

    Raises NotFound for a name that no model has, ModelUnavailable when its file or its engine
    can't be used.
    """
    # Read when torch is imported: threads that wait for each other must sleep, not spin, or they
    # take the processor from the web server.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    # Kernels are kept for each size of image, some 64. With more than two sizes kept, memory grows
    # for hours; without, a draft of another size takes a sixth longer.
    os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "128")
    try:
        predictor = segnets.Predictor.load(
            name,
            device=device,
            threads=threads or None,
            directories=directories,
            engine=engine,
            cache=cache,
        )
    except segnets.UnknownModel as error:
        raise NotFound(str(error), code="unknown_model") from error
    except segnets.SegnetsError as error:
        raise ModelUnavailable(str(error)) from error
    return SegnetsProposer(predictor)


def loader(
    settings: Settings, threads: int = 0, device: str = "auto"
) -> Callable[[str], SegnetsProposer]:
    """Return what loads models by name as the settings say. `threads` come before theirs."""

    def load_by_name(name: str) -> SegnetsProposer:
        return load(
            name,
            device=device,
            threads=threads or settings.threads,
            directories=[settings.models_dir],
            engine=settings.engine,
            cache=settings.engines_dir,
        )

    return load_by_name


def quiet_loader(settings: Settings) -> Callable[[str], SegnetsProposer]:
    """Return the same for a process that also answers requests, which go first.

    Models are loaded and run in threads of lower priority, which those that PyTorch and the
    engines start there inherit.
    """
    threads = ThreadPoolExecutor(
        settings.proposal_concurrency,
        thread_name_prefix="draft",
        initializer=_stand_back,
        initargs=(settings.proposal_nice,),
    )
    load_by_name = loader(settings)

    def load_quietly(name: str) -> SegnetsProposer:
        return replace(threads.submit(load_by_name, name).result(), threads=threads)

    return load_quietly


def _stand_back(nice: int) -> None:
    """Lower the priority of this thread alone; on other systems than Linux it stays."""
    if hasattr(os, "setpriority") and os.uname().sysname == "Linux":
        os.setpriority(os.PRIO_PROCESS, 0, max(nice, os.getpriority(os.PRIO_PROCESS, 0)))


def entry(name: str, directories: Iterable[Path] = ()) -> "segnets.Entry":
    """Return what is known of a model by name. Raises NotFound, ModelUnavailable."""
    try:
        return segnets.find(name, directories)
    except segnets.UnknownModel as error:
        raise NotFound(str(error), code="unknown_model") from error
    except segnets.SegnetsError as error:
        raise ModelUnavailable(str(error)) from error


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
