"""The network's shapes, and that folding the norms changes nothing."""

import copy

import pytest
import torch
from torch import nn

from segnets.backbones.efficientnet_lite import EfficientNetLite0
from segnets.layers import ConvNorm, fold_norms, restore_norms
from segnets.nets.deeplab import DeepLab, DeepLabConfig, Evidence


@pytest.fixture(scope="module")
def net() -> DeepLab:
    """A network whose norms are not the identity, as after training."""
    torch.manual_seed(0)
    net = DeepLab(DeepLabConfig(labels=5, classes=30, groups=4))
    for module in net.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.normal_(module.bias, std=0.2)
            nn.init.normal_(module.running_mean, std=0.2)
            nn.init.uniform_(module.running_var, 0.5, 1.5)
    return net.eval()


@pytest.mark.parametrize(("height", "width"), [(65, 97), (17, 17), (513, 17)])
@torch.inference_mode()
def test_logits_have_a_node_every_8_pixels(net: DeepLab, height: int, width: int) -> None:
    logits = net(torch.zeros(1, 3, height, width))
    assert logits.shape == (1, 5, (height - 1) // 8 + 1, (width - 1) // 8 + 1)


@torch.inference_mode()
def test_backbone_features_come_at_strides_4_8_and_16(net: DeepLab) -> None:
    features = net.backbone(torch.zeros(2, 3, 65, 97))
    assert [tuple(feature.shape) for feature in features] == [
        (2, 24, 17, 25),
        (2, 40, 9, 13),
        (2, 320, 5, 7),
        (2, 1280, 5, 7),
    ]


def test_the_last_stages_dilate_in_place_of_their_stride() -> None:
    depthwise = [block.depthwise.conv for block in EfficientNetLite0().blocks]
    assert [conv.stride[0] for conv in depthwise].count(2) == 3
    assert [conv.dilation[0] for conv in depthwise] == [1] * 12 + [2] * 4


@torch.inference_mode()
def test_folded_norms_give_the_same_logits(net: DeepLab) -> None:
    image = torch.randn(1, 3, 65, 65, generator=torch.Generator().manual_seed(1))
    expected = net(image)
    folded = copy.deepcopy(net)
    fold_norms(folded)
    assert not any(isinstance(module, nn.BatchNorm2d) for module in folded.modules())
    difference = (folded(image) - expected).abs().max()
    assert difference <= 1e-4 * max(1.0, float(expected.abs().max()))


def test_folding_twice_changes_nothing_more() -> None:
    layer = ConvNorm(3, 4, 3)
    layer.fold()
    once = layer.conv.weight.clone()
    layer.fold()
    assert torch.equal(layer.conv.weight, once)


@torch.inference_mode()
def test_evidence_sums_the_classes_of_a_group_after_the_softmax() -> None:
    evidence = Evidence(3, 2)
    nn.init.zeros_(evidence.classify.weight)
    evidence.classify.bias = nn.Parameter(torch.tensor([0.0, 0.0, 0.0]))
    evidence.group.weight.copy_(torch.tensor([[1.0, 1.0, 0.0], [0.0, 0.0, 1.0]])[:, :, None, None])
    found = evidence(torch.zeros(1, 1280, 7, 9)).exp()
    assert found.shape == (1, 6, 7, 9)
    assert torch.allclose(found[0, :, 3, 4], torch.tensor([2 / 3, 1 / 3] * 3))


@torch.inference_mode()
def test_a_folded_network_with_norms_again_gives_the_same_logits(net: DeepLab) -> None:
    image = torch.randn(1, 3, 65, 65, generator=torch.Generator().manual_seed(1))
    expected = net(image)
    again = copy.deepcopy(net)
    fold_norms(again)
    restore_norms(again)
    assert sum(isinstance(module, nn.BatchNorm2d) for module in again.modules()) == sum(
        isinstance(module, nn.BatchNorm2d) for module in net.modules()
    )
    assert (again(image) - expected).abs().max() <= 1e-4 * max(1.0, float(expected.abs().max()))
