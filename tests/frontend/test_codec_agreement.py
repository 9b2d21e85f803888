"""The editor's codec against the server's: each reads what the other writes, byte for byte."""

import shutil
import subprocess
import zlib
from pathlib import Path

import numpy as np
import pytest

from maskwright.domain.codec import TileBundle

HERE = Path(__file__).parent


def disc_tile(seed: int, dtype: type) -> np.ndarray:
    rng = np.random.default_rng(seed)
    rows, columns = np.mgrid[:256, :256]
    tile = np.full((256, 256), 255, dtype)
    for _ in range(rng.integers(0, 14)):
        y, x, radius = rng.uniform(0, 256, 3) * (1, 1, 0.4)
        value = rng.integers(0, np.iinfo(dtype).max)
        tile[(rows - y) ** 2 + (columns - x) ** 2 < radius**2] = value
    return tile


def bundle() -> TileBundle:
    noise = np.random.default_rng(0).integers(0, 255, (256, 256)).astype(np.uint8)
    stripes = np.tile(np.arange(256) // 2, (256, 1)).astype(np.uint8)
    classes = {index: disc_tile(index, np.uint8) for index in range(8)} | {8: noise, 9: stripes}
    instances = {3: disc_tile(3, np.uint16), 7: disc_tile(7, np.uint16)}
    confidence = {index: disc_tile(50 + index, np.uint8) for index in range(12)}
    tiles = {"classes": classes, "instances": instances, "confidence": confidence}
    return TileBundle(1000, 600, tiles)


def test_the_editor_reads_and_writes_the_same_bytes(tmp_path: Path) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.fail("node is needed to compare the two codecs: install nodejs")
    (tmp_path / "in").write_bytes(bundle().to_bytes())
    paths = [str(tmp_path / "in"), str(tmp_path / "out")]
    subprocess.run([node, str(HERE / "agree.js"), *paths, "1000", "600"], check=True)
    written = (tmp_path / "out").read_bytes()
    assert zlib.decompress(written) == zlib.decompress((tmp_path / "in").read_bytes())
    read = TileBundle.from_bytes(written, 1 << 30)
    for name, tiles in bundle().tiles.items():
        for index, tile in tiles.items():
            assert np.array_equal(read.tiles[name][index], tile)
