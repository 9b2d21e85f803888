"""The web server imports segnets to list models; PyTorch takes seconds to import."""

import subprocess
import sys

import pytest

import segnets


def test_listing_models_does_not_import_torch() -> None:
    code = "import sys, segnets; segnets.list_models(); sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("name", segnets.__all__)
def test_every_public_name_is_there(name: str) -> None:
    assert getattr(segnets, name) is not None


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="Predictr"):
        segnets.Predictr  # noqa: B018
