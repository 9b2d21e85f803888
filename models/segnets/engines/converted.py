"""Networks converted for another engine, kept on disk."""

from __future__ import annotations

import os
import shutil
import tempfile
import warnings
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

import torch
from torch import Tensor, nn

from segnets.engines.base import Setting
from segnets.layers import fold_norms
from segnets.network import Network

# Raised when a change here makes earlier conversions stale.
_VERSION = 1
# Any size does, as long as no side of any feature map is 1: sides are traced as open.
_SIZE = (129, 193)

Convert = Callable[[nn.Module, tuple[Tensor, ...], Path], None]
"""Writes a module, traced with these inputs, to a file."""


class _Encode(nn.Module):
    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        return self.network.encode(x)


class _Decode(nn.Module):
    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network

    def forward(self, *features: Tensor) -> Tensor:
        return self.network.decode(*features)


@contextmanager
def converted(
    setting: Setting, engine: str, suffix: str, convert: Convert
) -> Generator[tuple[Path, Path], None, None]:
    """Files of both halves of a network, `encode` and `decode`, for an engine with its version.

    They are converted once for each `setting.key` and `engine`, and kept in `setting.cache`;
    without one they go when the block ends.
    """
    with tempfile.TemporaryDirectory(prefix="segnets-") as scratch:
        if setting.cache is None:
            home = Path(scratch)
        else:
            home = setting.cache / f"{setting.key[:16]}-{engine}-{_VERSION}"
        files = home / f"encode{suffix}", home / f"decode{suffix}"
        if not all(file.is_file() for file in files):
            _convert_into(setting, home, files, convert)
        yield files


def _convert_into(setting: Setting, home: Path, files: tuple[Path, Path], convert: Convert) -> None:
    """Convert beside `home` and put it there whole: another process may be doing the same."""
    home.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=f".{home.name}-", dir=home.parent))
    try:
        network = setting.network
        fold_norms(network)
        x = torch.zeros(1, 3, *_SIZE)
        with torch.inference_mode(), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that sizes are traced: they stay open
            features = network.encode(x)
        with torch.no_grad(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            convert(_Encode(network).eval(), (x,), fresh / files[0].name)
            inputs = tuple(feature.clone() for feature in features)
            convert(_Decode(network).eval(), inputs, fresh / files[1].name)
        if home.is_dir():
            shutil.rmtree(home, ignore_errors=True)
        os.replace(fresh, home)
    except OSError:
        if not all(file.is_file() for file in files):  # nobody else has put it there meanwhile
            raise
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
