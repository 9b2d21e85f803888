"""Edges: colours decide near outlines, and nowhere else."""

import numpy as np
import torch

from segnets.decode import label_pixels
from segnets.grid import Coarse
from segnets.refine import Refinement, refine

SIZE = (96, 128)
WORKING = (97, 129)
NODES = (13, 17)


def scene(edge: int = 70) -> torch.Tensor:
    """(H, W, 3) uint8: dark on the left, light from column `edge` on."""
    image = np.full((*SIZE, 3), 40, np.uint8)
    image[:, edge:] = 200
    return torch.from_numpy(image)


def opinion(edge: float, labels: int = 4, left: int = 1, right: int = 2) -> Coarse:
    """A network that is sure of two labels, and sees the edge between them at column `edge`."""
    columns = torch.arange(NODES[1]) * 8.0
    share = torch.sigmoid((columns - edge) / 6)
    probabilities = torch.full((labels, *NODES), 0.01)
    probabilities[right] += share * (1 - labels * 0.01)
    probabilities[left] += (1 - share) * (1 - labels * 0.01)
    return Coarse.of("corners", probabilities, WORKING)


def drafted(coarse: Coarse) -> tuple[torch.Tensor, torch.Tensor]:
    classes, confidence = label_pixels(coarse, SIZE)
    return torch.from_numpy(classes), torch.from_numpy(confidence)


def refined(
    image: torch.Tensor, coarse: Coarse, **options: int
) -> tuple[torch.Tensor, torch.Tensor]:
    classes, confidence = drafted(coarse)
    refine(image, coarse, classes, confidence, **options)
    return classes, confidence


def test_an_outline_moves_to_the_edge_of_the_photograph() -> None:
    classes, _ = refined(scene(70), opinion(64))
    first_light = (classes == 2).int().argmax(1)
    assert int((first_light - 70).abs().max()) <= 1


def test_without_an_edge_in_the_photograph_the_outline_stays() -> None:
    image = torch.full((*SIZE, 3), 128, dtype=torch.uint8)
    before, _ = drafted(opinion(64))
    after, _ = refined(image, opinion(64))
    assert (before != after).float().mean() < 0.02


def test_texture_in_which_nothing_looks_alike_leaves_the_draft_nearly_as_it_is() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (*SIZE, 3), dtype=np.uint8)
    before, _ = drafted(opinion(64))
    after, _ = refined(torch.from_numpy(noise), opinion(64))
    assert (before != after).float().mean() < 0.02


def test_pixels_far_from_every_outline_keep_label_and_confidence() -> None:
    coarse = opinion(64)
    classes, confidence = drafted(coarse)
    far = torch.ones(SIZE, dtype=torch.bool)
    reach = (Refinement().reach + 1) * 4  # nodes are 4 pixels apart
    far[:, 64 - reach : 64 + reach + 1] = False
    after = refined(scene(30), coarse)
    assert torch.equal(after[0][far], classes[far])
    assert torch.equal(after[1][far], confidence[far])


def test_no_label_comes_that_the_draft_lacks() -> None:
    probabilities = opinion(64).probabilities.clone()
    probabilities[3] = 0.45  # everywhere second: never in the draft, always tempting
    probabilities /= probabilities.sum(0)
    coarse = Coarse.of("corners", probabilities, WORKING)
    before, _ = drafted(coarse)
    after, _ = refined(scene(70), coarse)
    assert set(after.unique().tolist()) <= set(before.unique().tolist())


def test_a_draft_of_one_label_is_left_alone() -> None:
    coarse = opinion(64, left=1, right=1)
    classes, confidence = drafted(coarse)
    after = refined(scene(70), coarse)
    assert torch.equal(after[0], classes)
    assert torch.equal(after[1], confidence)


def test_bands_make_no_difference() -> None:
    rng = np.random.default_rng(1)
    image = torch.from_numpy(rng.integers(0, 256, (12, 16, 3), dtype=np.uint8))
    image = image.repeat_interleave(8, 0).repeat_interleave(8, 1)
    logits = torch.from_numpy(rng.normal(0, 2, (4, *NODES)).astype(np.float32))
    coarse = Coarse.of("corners", logits.softmax(0), WORKING)
    whole, parts = refined(image, coarse), refined(image, coarse, band_nodes=1)
    assert torch.equal(whole[0], parts[0])
    assert (whole[1].int() - parts[1].int()).abs().max() <= 1


def test_confidence_is_the_networks_own_of_the_label_that_was_chosen() -> None:
    classes, confidence = refined(scene(70), opinion(64))
    assert classes[40, 66] == 1  # the network leans to 2 here
    assert confidence[40, 66] < 128


def test_images_smaller_than_the_grid_are_taken() -> None:
    image = scene(70)[:5, 60:69].contiguous()
    coarse = opinion(64)
    classes, confidence = (torch.from_numpy(a) for a in label_pixels(coarse, (5, 9)))
    refine(image, coarse, classes, confidence)
    assert set(classes.unique().tolist()) <= {1, 2}
