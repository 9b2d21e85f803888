"""Images looked at part by part: no seams, the whole image covered, little memory."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from PIL import Image

from segnets import Predictor, ProposeOptions, tiles
from segnets.network import Grid
from segnets.tiles import Plan, plan, tile_side, tiled
from segnets.transforms import Preprocessing

LITE = Preprocessing()
PUBLISHED = Preprocessing(short_side=520, long_side=2080, multiple=1)
TILES = ProposeOptions(detail="tiles")


def picture(height: int, width: int) -> torch.Tensor:
    """(H, W, 3) uint8: smooth waves that differ from place to place."""
    y = torch.arange(height)[:, None, None] / 61
    x = torch.arange(width)[None, :, None] / 83
    waves = torch.sin(y + torch.tensor([0.0, 1.0, 2.0])) * torch.cos(x)
    return (127 + 120 * waves).to(torch.uint8)


def pooled(stride: int, grid: Grid):
    """A network that answers with the brightness at each node: the same in every tile."""

    def look(tile: torch.Tensor) -> torch.Tensor:
        values = tile.float() / 255
        if grid == "corners":
            return values[:, ::stride, ::stride]
        return torch.nn.functional.avg_pool2d(values, stride)

    return look


@pytest.mark.parametrize(("stride", "grid"), [(8, "corners"), (8, "centres"), (16, "centres")])
@pytest.mark.parametrize("size", [(900, 1400), (515, 2000), (100, 1000), (1, 1500)])
def test_tiles_of_a_local_network_join_to_what_it_says_of_the_whole(
    stride: int, grid: Grid, size: tuple[int, int]
) -> None:
    image = picture(*size)
    look = pooled(stride, grid)
    joined = tiled(image, look, Plan(1.0, 512 + (grid == "corners")), grid)
    whole = look(image.permute(2, 0, 1)) if min(size) >= stride else None
    if whole is None:
        assert joined.probabilities.shape[2] * stride >= size[1]
    else:
        rows, columns = whole.shape[1:]
        assert torch.allclose(joined.probabilities[:, :rows, :columns], whole, atol=1e-5)


@pytest.mark.parametrize("grid", ["corners", "centres"])
def test_nodes_lie_where_the_image_has_them(grid: Grid) -> None:
    joined = tiled(picture(700, 1100), pooled(8, grid), Plan(1.0, 512 + (grid == "corners")), grid)
    first = 0.5 / 1100 if grid == "corners" else 4 / 1100
    assert (joined.columns.first, joined.columns.step) == pytest.approx((first, 8 / 1100))


def test_tiles_that_disagree_change_over_smoothly() -> None:
    answers = iter(range(100))

    def moody(tile: torch.Tensor) -> torch.Tensor:
        value = next(answers) % 2
        return torch.full((1, 65, 65), float(value))

    joined = tiled(picture(513, 1281), moody, Plan(1.0, 513), "corners").probabilities[0, 30]
    assert (joined[0], joined[-1], joined.max()) == (0, 0, 1)
    assert joined.diff().abs().max() < 0.25  # over the least overlap it is spread


@pytest.fixture(scope="module")
def strip(read_photo: Callable[[str], np.ndarray]) -> np.ndarray:
    """(513, 2736, 3): photographs side by side."""
    names = ("cat.png", "astronaut.png", "motorcycle.png", "admiral.jpg")
    photos = [Image.fromarray(read_photo(name)).resize((684, 513)) for name in names]
    return np.concatenate([np.asarray(photo) for photo in photos], 1)


def steps(predictor: Predictor, strip: np.ndarray) -> torch.Tensor:
    """(nodes,) how much neighbouring nodes differ, where three tiles cover 1281 pixels.

    Averaged over several places in the strip, so that what is in the picture cancels out.
    """
    views = [strip[:, start : start + 1281] for start in range(0, 1400, 230)]
    seen = [predictor.look(view, TILES).probabilities for view in views]
    return torch.stack([one.diff(dim=2).abs().sum(0).mean(0) for one in seen]).mean(0)


def test_the_drafts_of_tiles_have_no_seams(
    predictor: Predictor, strip: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neighbouring nodes differ no more where tiles meet than elsewhere.

    That the test could see a seam is shown by tiles that are cut hard, 48 pixels from their edges.
    """
    cuts = [start // 8 + offset for start in (384, 768) for offset in (5, 10)]
    blended = steps(predictor, strip)
    monkeypatch.setattr(tiles, "_ramp", lambda at: (at > 48).float().clamp(min=1e-4))
    cut = steps(predictor, strip)
    assert cut[cuts].mean() > 1.7 * cut.mean()
    assert blended[cuts].mean() < 1.15 * blended.mean()
    assert blended[cuts].max() < cut[cuts].max()


def test_tiles_agree_with_the_whole_where_both_are_possible(
    predictor: Predictor, cat: np.ndarray
) -> None:
    image = np.asarray(torch.from_numpy(cat.copy()).repeat_interleave(2, 0).repeat_interleave(2, 1))
    whole = predictor.propose(image, ProposeOptions(detail="whole")).classes
    parts = predictor.propose(image, TILES).classes
    assert (whole == parts).mean() > 0.8


@pytest.mark.parametrize(
    ("size", "expected", "parts"),
    [
        ((480, 640), LITE, False),
        ((4000, 6000), LITE, False),
        ((6336, 9504), LITE, False),  # 60 megapixels, as of a camera
        ((8192, 8192), LITE, True),
        ((1000, 3100), LITE, True),
        ((1000, 3900), PUBLISHED, False),
        ((1000, 4100), PUBLISHED, True),
        ((100, 400), LITE, False),  # no larger than what is seen at once
    ],
)
def test_only_what_a_look_at_the_whole_would_lose_is_tiled(
    size: tuple[int, int], expected: Preprocessing, parts: bool
) -> None:
    grid: Grid = "corners" if expected is LITE else "centres"
    assert (plan("auto", size, expected, grid) is not None) == parts
    assert (plan("auto", size[::-1], expected, grid) is not None) == parts


def test_a_large_image_is_shrunk_to_16_megapixels() -> None:
    assert plan("auto", (8192, 8192), LITE, "corners") == Plan(0.5, 513)


def test_a_panorama_is_a_row_of_tiles_as_high_as_itself() -> None:
    assert plan("auto", (2052, 20000), LITE, "corners") == Plan(0.25, 513)


def test_a_tile_is_what_a_network_sees_at_once() -> None:
    assert (tile_side(LITE, "corners"), tile_side(PUBLISHED, "centres")) == (513, 512)


@pytest.mark.parametrize(
    "options", [ProposeOptions(flips=True), ProposeOptions(scales=(0.75, 1.0))]
)
def test_more_views_draft_the_same_cat(
    predictor: Predictor, cat: np.ndarray, options: ProposeOptions
) -> None:
    plain = predictor.propose(cat).classes
    assert (predictor.propose(cat, options).classes == plain).mean() > 0.95


def test_the_mirrored_view_makes_a_draft_symmetric(predictor: Predictor, cat: np.ndarray) -> None:
    options = ProposeOptions(flips=True)
    straight = predictor.propose(cat, options).confidence.astype(int)
    mirrored = predictor.propose(cat[:, ::-1], options).confidence[:, ::-1].astype(int)
    assert np.abs(straight - mirrored).mean() < 1


@pytest.mark.parametrize("scales", [(), (0.0,), (1.0, 9.0)])
def test_scales_that_are_none_are_refused(scales: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="scales"):
        ProposeOptions(scales=scales)
