"""The default model on photographs, and on what is no photograph."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from segnets import BadImage, DeviceUnavailable, Predictor
from segnets.options import ProposeOptions


def share(predictor: Predictor, image: np.ndarray, label: str) -> float:
    """Share of the image's pixels that the draft gives the label."""
    classes = predictor.propose(image).classes
    return float((classes == predictor.labels.index(label)).mean())


@pytest.mark.parametrize(
    ("name", "label", "least"),
    [
        ("cat.png", "cat", 0.7),
        ("astronaut.png", "person", 0.3),
        ("admiral.jpg", "person", 0.4),
        ("motorcycle.png", "motorbike", 0.15),
    ],
)
def test_the_demo_photographs_show_what_they_show(
    predictor: Predictor,
    read_photo: Callable[[str], np.ndarray],
    name: str,
    label: str,
    least: float,
) -> None:
    assert share(predictor, read_photo(name), label) > least


def test_a_draft_has_the_size_of_its_image(predictor: Predictor, cat: np.ndarray) -> None:
    proposal = predictor.propose(cat)
    for layer in (proposal.classes, proposal.confidence):
        assert layer.shape == cat.shape[:2]
        assert layer.dtype == np.uint8


def test_a_certain_cat_is_more_confident_than_its_edge(
    predictor: Predictor, cat: np.ndarray
) -> None:
    proposal = predictor.propose(cat)
    edge = np.diff(proposal.classes.astype(int), axis=1) != 0
    assert proposal.confidence[:, 1:][edge].mean() + 50 < proposal.confidence.mean()


@pytest.mark.parametrize("size", [(1, 1), (7, 5), (1, 2000), (2000, 1), (16, 16)])
def test_tiny_and_thin_images_work(predictor: Predictor, size: tuple[int, int]) -> None:
    proposal = predictor.propose(np.full((*size, 3), 90, np.uint8))
    assert proposal.classes.shape == size
    assert proposal.classes.max() < len(predictor.labels)


@pytest.mark.parametrize(
    ("image", "message"),
    [
        (np.zeros((8, 8), np.uint8), r"shape \(height, width, 3\), got \(8, 8\)"),
        (np.zeros((8, 8, 1), np.uint8), r"got \(8, 8, 1\)"),
        (np.zeros((8, 8, 4), np.uint8), r"convert\('RGB'\)"),
        (np.zeros((8, 8, 3), np.float32), "expected uint8 values 0 to 255, got float32"),
        (np.zeros((0, 8, 3), np.uint8), "no pixels"),
        (Image.new("RGB", (8, 8)), "expected a numpy array, got Image"),
    ],
)
def test_what_is_no_rgb_image_is_refused(predictor: Predictor, image: object, message: str) -> None:
    with pytest.raises(BadImage, match=message):
        predictor.propose(image)


def test_threads_that_share_a_predictor_get_what_each_would_alone(
    predictor: Predictor, cat: np.ndarray
) -> None:
    images = [cat, cat[:, ::-1], cat[50:], cat[:, 100:]]
    alone = [predictor.propose(image) for image in images]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(predictor.propose, images))
    for one, other in zip(alone, together, strict=True):
        assert np.array_equal(one.classes, other.classes)
        assert np.array_equal(one.confidence, other.confidence)


def test_features_decode_any_number_of_times(predictor: Predictor, cat: np.ndarray) -> None:
    features = predictor.encode(cat)
    first, second = predictor.decode(features), predictor.decode(features)
    assert np.array_equal(first.classes, second.classes)


@pytest.mark.parametrize(
    "variant",
    [lambda image: image[::2, ::-1], np.asfortranarray],
    ids=["strided", "fortran order"],
)
def test_the_order_in_memory_does_not_matter(
    predictor: Predictor, cat: np.ndarray, variant: Callable[[np.ndarray], np.ndarray]
) -> None:
    odd = variant(cat)
    plain = np.ascontiguousarray(odd)
    assert np.array_equal(predictor.propose(odd).classes, predictor.propose(plain).classes)


def test_an_image_is_left_as_it_was(predictor: Predictor, cat: np.ndarray) -> None:
    image = cat.copy()
    predictor.propose(image)
    assert np.array_equal(image, cat)


def test_warming_up_leaves_no_trace(predictor: Predictor, cat: np.ndarray) -> None:
    before = predictor.propose(cat).classes
    predictor.warm()
    assert np.array_equal(predictor.propose(cat).classes, before)


def test_a_device_that_is_not_there_is_told_what_to_use() -> None:
    with pytest.raises(DeviceUnavailable, match="'auto' or 'cpu'"):
        Predictor.load(device="flux-capacitor")


def test_refining_moves_outlines_and_the_maps_come_when_asked_for(
    predictor: Predictor, cat: np.ndarray
) -> None:
    plain = predictor.propose(cat, ProposeOptions(refine=False))
    refined = predictor.propose(cat, ProposeOptions(refine=True, maps=True))
    assert plain.margin is None
    moved = (plain.classes != refined.classes).mean()
    assert 0.001 < moved < 0.1
    assert refined.margin is not None
    assert refined.entropy is not None
    assert refined.margin.shape == refined.entropy.shape == cat.shape[:2]


def test_the_entry_says_whether_edges_are_refined_unless_told_otherwise(
    predictor: Predictor, cat: np.ndarray
) -> None:
    wanting = replace(predictor, entry=replace(predictor.entry, refine=True))
    refined = predictor.propose(cat, ProposeOptions(refine=True))
    assert np.array_equal(wanting.propose(cat).classes, refined.classes)
