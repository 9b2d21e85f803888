"""How models are loaded into the server and the worker."""

import os
import sys
from pathlib import Path

import numpy as np
import pytest

from maskwright import models
from maskwright.domain.proposer import DraftOptions
from maskwright.errors import ModelUnavailable, NotFound
from maskwright.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path, threads=1, engine="torch:fp32")


IMAGE = np.zeros((48, 64, 3), np.uint8)


@pytest.mark.skipif(sys.platform != "linux", reason="priorities of threads are Linux's")
def test_drafts_of_the_server_stand_back_and_its_answers_do_not(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = os.getpriority(os.PRIO_PROCESS, 0)
    proposer = models.quiet_loader(settings)("default")
    assert proposer.threads is not None
    inside = proposer.threads.submit(os.getpriority, os.PRIO_PROCESS, 0).result()
    assert (inside, os.getpriority(os.PRIO_PROCESS, 0)) == (max(10, before), before)
    assert proposer.propose(IMAGE).classes.shape == (48, 64)
    proposer.threads.shutdown()


def test_the_engine_of_the_settings_computes(settings: Settings) -> None:
    assert models.loader(settings)("default").engine == "torch:fp32"


def test_options_reach_the_network(settings: Settings) -> None:
    draft = models.loader(settings)("default").propose(IMAGE, DraftOptions(flips=True, maps=True))
    assert draft.margin is not None
    assert draft.entropy is not None
    assert draft.margin.shape == draft.entropy.shape == (48, 64)


def test_an_engine_that_is_none_makes_the_model_unavailable(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, engine="abacus")
    with pytest.raises(ModelUnavailable, match="no engine is called 'abacus'"):
        models.loader(settings)("default")


def test_a_name_that_no_model_has_is_not_found(settings: Settings) -> None:
    with pytest.raises(NotFound, match="no model is called 'nothing'"):
        models.quiet_loader(settings)("nothing")
