"""A 3×3 that reads padding alone is a smaller one."""

import pytest
import torch
from torch import nn

from segnets.atrous import AtrousConv, shorten_atrous
from segnets.layers import atrous


@pytest.mark.parametrize("groups", [1, 8])
@pytest.mark.parametrize("side", [(5, 7), (6, 6), (6, 20), (20, 6), (1, 1), (7, 7), (20, 30)])
@torch.inference_mode()
def test_the_answer_is_the_same(side: tuple[int, int], groups: int) -> None:
    torch.manual_seed(0)
    conv = nn.Conv2d(8, 16, 3, padding=6, dilation=6, groups=groups).double()
    x = torch.randn(2, 8, *side, dtype=torch.float64)
    short = AtrousConv(conv)(x)
    assert short.shape == (2, 16, *side)
    assert torch.allclose(short, conv(x), rtol=0, atol=1e-14)


@pytest.mark.parametrize(
    ("side", "kernel"), [((6, 6), (1, 1)), ((6, 7), (1, 3)), ((7, 6), (3, 1)), ((7, 7), (3, 3))]
)
def test_only_taps_that_can_read_a_node_are_computed(
    side: tuple[int, int], kernel: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    used = []
    plain = torch.nn.functional.conv2d

    def watched(x: torch.Tensor, weight: torch.Tensor, *rest: object) -> torch.Tensor:
        used.append(tuple(weight.shape[-2:]))
        return plain(x, weight, *rest)

    monkeypatch.setattr("segnets.atrous.F.conv2d", watched)
    AtrousConv(atrous(4, 4, rate=6))(torch.zeros(1, 4, *side))
    assert used == [kernel]


def test_only_padded_3x3_with_a_rate_are_replaced() -> None:
    net = nn.Sequential(
        atrous(4, 4, rate=12),
        atrous(4, 4, rate=1),
        atrous(4, 4, rate=2, stride=2),
        nn.Conv2d(4, 4, 5, padding=4, dilation=2),
        nn.Conv2d(4, 4, 1),
    )
    shorten_atrous(net)
    assert [isinstance(layer, AtrousConv) for layer in net] == [True, False, False, False, False]
