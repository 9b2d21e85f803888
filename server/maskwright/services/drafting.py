"""Runs models: loaded once, a few at a time, the rest in a short queue."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
import numpy.typing as npt

from maskwright.domain.proposer import Draft, DraftOptions, Proposer
from maskwright.errors import Busy

Loader = Callable[[str], Proposer]


class Drafter:
    """Models behind a bound: `concurrency` drafts at once, `queue` more may wait.

    Share one between all threads of a process.
    """

    def __init__(self, load: Loader, concurrency: int, queue: int) -> None:
        self._load = load
        self._models: dict[str, Proposer] = {}
        self._loading = threading.Lock()
        self._running = threading.Semaphore(concurrency)
        self._places = threading.Semaphore(concurrency + queue)

    def model(self, name: str) -> Proposer:
        """Return the model, loading it the first time it is asked for."""
        with self._loading:
            if name not in self._models:
                self._models[name] = self._load(name)
            return self._models[name]

    def warm(self, name: str) -> None:
        """Load the model and run it once, so that the first draft is as quick as the next."""
        with self._place():
            self.model(name).propose(np.zeros((480, 640, 3), np.uint8))

    def draft(
        self,
        name: str,
        image: Callable[[], npt.NDArray[np.uint8]],
        options: DraftOptions = DraftOptions(),
    ) -> Draft:
        """Draft the (H, W, 3) uint8 RGB image that `image` decodes when its turn has come.

        Raises Busy when the queue is full.
        """
        with self._place():
            return self.model(name).propose(image(), options)

    @contextmanager
    def _place(self) -> Iterator[None]:
        if not self._places.acquire(blocking=False):
            raise Busy(
                "The model has as many images to draft as it can queue. Nothing was lost: try "
                "again in a few seconds.",
                retry_after=3,
            )
        try:
            with self._running:
                yield
        finally:
            self._places.release()
