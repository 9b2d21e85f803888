"""A worker whose model is quick, can be slowed, and breaks at images that a test made for that."""

import os
import sys
import time

import numpy as np

from factories import BrightnessProposer
from maskwright.domain.proposer import Draft, DraftOptions
from maskwright.errors import ModelUnavailable
from maskwright.settings import Settings
from maskwright.worker import run_worker

SECONDS = float(os.environ.get("TEST_DRAFT_SECONDS", "0"))
BREAKS_AT, DIES_AT = 61, 62
"""Widths of images: at the one the model raises, at the other its process ends."""


class TryingProposer(BrightnessProposer):
    def propose(self, image: np.ndarray, options: DraftOptions = DraftOptions()) -> Draft:
        time.sleep(SECONDS)
        if image.shape[1] == BREAKS_AT:
            raise RuntimeError("the wheel came off")
        if image.shape[1] == DIES_AT:
            os._exit(9)
        return super().propose(image, options)


def load(name: str) -> TryingProposer:
    if name == "missing":
        raise ModelUnavailable("The file of the model is not there. Put it back.")
    return TryingProposer()


if __name__ == "__main__":
    run_worker(Settings(), parent=int(sys.argv[1]), load_model=load)
