"""Properties of the store: nothing goes in that does not come out, and edits merge."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from factories import LABELS
from maskwright import schema
from maskwright.db import Database
from maskwright.domain.actor import LOCAL
from maskwright.domain.codec import TileBundle
from maskwright.domain.labels import Label
from maskwright.domain.mask import Mask
from maskwright.errors import StaleRevision
from maskwright.services import masks, projects
from maskwright.tables import BlobRow, ImageRow

VALUES = [label["index"] for label in LABELS] + [255]
WIDTH, HEIGHT = 600, 300  # 3×2 tiles, cut at both edges
# Shrinking arrays takes minutes and tells little; the seed that is printed tells enough.
FEW = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    print_blob=True,
)


@pytest.fixture(scope="module")
def store() -> Iterator[Database]:
    with tempfile.TemporaryDirectory() as folder:
        db = Database(f"sqlite:///{Path(folder) / 'store.db'}")
        schema.upgrade(db)
        yield db
        db.close()


def new_image(db: Database, width: int = WIDTH, height: int = HEIGHT) -> int:
    """An image row of that size; its file does not matter here."""
    with db.write() as session:
        labels = [Label(**label) for label in LABELS]
        project = projects.create(session, "p", "", labels, "default", LOCAL)
        if session.get(BlobRow, "0" * 64) is None:
            session.add(BlobRow(sha256="0" * 64, size=0, data=b""))
            session.flush()
        blobs = dict.fromkeys(("file_blob", "display_blob", "thumb_blob"), "0" * 64)
        image = ImageRow(
            project_id=project.id,
            name="a.png",
            width=width,
            height=height,
            sha256="0" * 64,
            media_type="image/png",
            display_media_type="image/png",
            bytes=0,
            created_by=1,
            **blobs,
        )
        session.add(image)
        session.flush()
        return image.id


def head(db: Database, image_id: int) -> tuple[int, np.ndarray]:
    with db.read() as session:
        loaded = masks.load(session, session.get_one(ImageRow, image_id))
    return loaded.revision, loaded.layers["classes"]


@st.composite
def mask_of(draw: st.DrawFn, width: int, height: int) -> np.ndarray:
    pixels = np.full((height, width), draw(st.sampled_from(VALUES)), np.uint8)
    for _ in range(draw(st.integers(0, 5))):
        y, x = draw(st.integers(0, height - 1)), draw(st.integers(0, width - 1))
        size = draw(st.integers(1, max(width, height)))
        pixels[y : y + size, x : x + draw(st.integers(1, size))] = draw(st.sampled_from(VALUES))
    return pixels


@st.composite
def sized_mask(draw: st.DrawFn) -> np.ndarray:
    return draw(mask_of(draw(st.integers(1, 700)), draw(st.integers(1, 600))))


def edit(draw: st.DrawFn, tiles: set[int]) -> dict[int, np.ndarray]:
    return {i: draw(mask_of(256, 256)) for i in sorted(tiles)}


def save(db: Database, image_id: int, base: int, tiles: dict[int, np.ndarray]) -> int:
    bundle = TileBundle(WIDTH, HEIGHT, {"classes": tiles})
    return masks.save_tiles(db, image_id, bundle, base, LOCAL).id


def apply(mask: np.ndarray, tiles: dict[int, np.ndarray]) -> np.ndarray:
    padded = np.full((512, 768), 255, np.uint8)
    padded[:HEIGHT, :WIDTH] = mask
    for index, tile in tiles.items():
        y, x = divmod(index, 3)
        padded[y * 256 : y * 256 + 256, x * 256 : x * 256 + 256] = tile
    return padded[:HEIGHT, :WIDTH]


@FEW
@given(sized_mask())
def test_any_mask_in_is_the_mask_out(store, pixels):
    image_id = new_image(store, pixels.shape[1], pixels.shape[0])
    masks.save_mask(store, image_id, Mask(pixels.copy()), 0, LOCAL)
    assert np.array_equal(head(store, image_id)[1], pixels)


@FEW
@given(sized_mask())
def test_counts_of_a_revision_are_those_of_its_pixels(store, pixels):
    image_id = new_image(store, pixels.shape[1], pixels.shape[0])
    saved = masks.save_mask(store, image_id, Mask(pixels.copy()), 0, LOCAL)
    values, counts = np.unique(pixels, return_counts=True)
    expected = {str(v): int(n) for v, n in zip(values, counts, strict=True)}
    assert saved.counts == expected


@FEW
@given(st.data())
def test_any_two_disjoint_edits_merge_to_both(store, data):
    image_id = new_image(store)
    start = data.draw(mask_of(WIDTH, HEIGHT))
    base = masks.save_mask(store, image_id, Mask(start.copy()), 0, LOCAL).id
    order = data.draw(st.permutations(range(6)))
    split = data.draw(st.integers(1, 5))
    one, two = edit(data.draw, set(order[:split])), edit(data.draw, set(order[split:]))
    save(store, image_id, base, one)
    save(store, image_id, base, two)
    assert np.array_equal(head(store, image_id)[1], apply(apply(start, one), two))


@FEW
@given(st.data())
def test_overlapping_edits_merge_or_are_refused_whole(store, data):
    image_id = new_image(store)
    one = edit(data.draw, data.draw(st.sets(st.integers(0, 5), min_size=1)))
    two = edit(data.draw, data.draw(st.sets(st.integers(0, 5), min_size=1)))
    save(store, image_id, 0, one)
    before = head(store, image_id)
    refused = refusal(store, image_id, two)
    if refused is not None:
        assert refused <= set(one) & set(two)
        assert np.array_equal(head(store, image_id)[1], before[1])
    else:
        # Tiles sent as they were at the base say nothing of them, and leave others' work.
        void = np.full((256, 256), 255, np.uint8)
        meant = {
            index: tile
            for index, tile in two.items()
            if not np.array_equal(_seen(tile, index), _seen(void, index))
        }
        assert np.array_equal(head(store, image_id)[1], apply(before[1], meant))


def refusal(db: Database, image_id: int, tiles: dict[int, np.ndarray]) -> set[int] | None:
    """Save over revision 0: the tiles that clash, or None when it was saved."""
    try:
        save(db, image_id, 0, tiles)
    except StaleRevision as error:
        return {tile["index"] for tile in error.extra["tiles"]}
    return None


def _seen(tile: np.ndarray, index: int) -> np.ndarray:
    """The part of a tile that lies inside the image."""
    y, x = divmod(index, 3)
    return tile[: HEIGHT - y * 256, : WIDTH - x * 256]


@FEW
@given(st.data())
def test_any_sequence_of_saves_and_restores_can_be_replayed(store, data):
    image_id = new_image(store)
    states = {0: np.full((HEIGHT, WIDTH), 255, np.uint8)}
    now = 0
    for _ in range(data.draw(st.integers(1, 6))):
        if data.draw(st.booleans()):
            tiles = edit(data.draw, data.draw(st.sets(st.integers(0, 5), min_size=1, max_size=3)))
            wanted = apply(states[now], tiles)
            now = save(store, image_id, now, tiles)
        else:
            old = data.draw(st.sampled_from(sorted(states)))
            wanted = states[old]
            now = masks.restore(store, image_id, old, LOCAL).id
        states[now] = wanted
    with store.read() as session:
        image = session.get_one(ImageRow, image_id)
        replayed = {i: masks.load(session, image, str(i)).layers["classes"] for i in states}
    assert all(np.array_equal(replayed[i], states[i]) for i in states)
