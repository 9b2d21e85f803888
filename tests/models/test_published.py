"""The networks of the published checkpoints. `scripts/parity` compares them with torchvision."""

import pytest
import torch

from parity.fingerprint import fingerprint, recorded
from segnets.architectures import ARCHITECTURES, build
from segnets.catalogue import PUBLISHED, PublishedModel, find_published
from segnets.labels import VOC21
from segnets.nets.published import PublishedNet
from segnets.network import Network

each_published = pytest.mark.parametrize("model", PUBLISHED, ids=lambda model: model.name)


def network(model: PublishedModel) -> Network:
    """The model's network without any weights: only names and shapes."""
    with torch.device("meta"):
        entry = model.entry("")
        return build(entry.architecture, entry.network, len(entry.labels)).eval()


@each_published
def test_parameters_are_called_and_shaped_as_published(model: PublishedModel) -> None:
    assert fingerprint(network(model).state_dict()) == recorded()[model.file]


@each_published
def test_any_size_gives_a_grid_rounded_up(model: PublishedModel) -> None:
    stride = 16 if model.architecture == "deeplabv3-mobilenet-v3-large" else 8
    logits = network(model)(torch.empty(1, 3, 97, 130, device="meta"))
    assert logits.shape == (1, 21, -(-97 // stride), -(-130 // stride))


@each_published
def test_the_auxiliary_head_can_be_dropped_after_loading(model: PublishedModel) -> None:
    net = network(model)
    assert model.auxiliary == isinstance(net, PublishedNet)
    net.drop_auxiliary()
    assert not any(name.startswith("aux") for name in net.state_dict())


def test_resnet_dilates_in_place_of_its_last_two_strides() -> None:
    net = network(PUBLISHED[0])
    threes = [
        module
        for module in net.get_submodule("backbone").modules()
        if isinstance(module, torch.nn.Conv2d) and module.kernel_size == (3, 3)
    ]
    assert [conv.dilation[0] for conv in threes] == [1] * 8 + [2] * 6 + [4] * 2
    assert [conv.stride[0] for conv in threes].count(2) == 1


@each_published
def test_an_entry_says_what_the_file_is(model: PublishedModel) -> None:
    entry = model.entry("0" * 64)
    assert entry.architecture in ARCHITECTURES
    assert entry.labels == VOC21
    assert (entry.licence, entry.measured) == ("BSD-3-Clause", None)
    assert len(model.sha256_start) == 8


@pytest.mark.parametrize(
    "name",
    [
        "deeplabv3-resnet50-coco",
        "deeplabv3_resnet50_coco",
        "deeplabv3_resnet50",
        "DeepLabV3-ResNet50",
        "deeplabv3_resnet50_coco-cd0a2569.pth",
    ],
)
def test_a_published_model_is_found_however_it_is_called(name: str) -> None:
    found = find_published(name)
    assert found is not None
    assert found.file == "deeplabv3_resnet50_coco-cd0a2569.pth"


def test_what_nobody_published_is_not_found() -> None:
    assert find_published("deeplabv3") is None
