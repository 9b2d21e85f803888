"""torchvision's networks, with random weights that keep logits near 1."""

import importlib.util
from pathlib import Path

import torch
from torch import Tensor, nn

NEEDED_AT_IMPORT = ("nms", "qnms")
"""Operators that torchvision's Python side names while it is imported."""

_library = torch.library.Library("torchvision", "FRAGMENT")


def stub_operators() -> None:
    """Declare torchvision's compiled operators where its own library does not fit this PyTorch.

    A wheel for PyTorch with CUDA is none for PyTorch without. No segmentation network calls these.
    """
    found = importlib.util.find_spec("torchvision")
    if found is None or found.origin is None:
        raise SystemExit("torchvision is not installed here: run scripts/parity.")
    try:
        torch.ops.load_library(str(Path(found.origin).parent / "_C.so"))
    except OSError:
        for name in NEEDED_AT_IMPORT:
            _library.define(f"{name}(Tensor boxes, Tensor scores, float threshold) -> Tensor")


def reference(builder: str, calibration: Tensor, seed: int) -> nn.Module:
    """Return torchvision's network of that name, 21 labels, every parameter and statistic random.

    `calibration` is (B, 3, h, w), B > 1: norms take their statistics from it before these are
    disturbed, or a hundred random layers would end in overflow or in nothing.
    """
    from torchvision.models import segmentation

    torch.manual_seed(seed)
    auxiliary = {} if builder.startswith("lraspp") else {"aux_loss": True}
    build = getattr(segmentation, builder)
    net = build(weights=None, weights_backbone=None, num_classes=21, **auxiliary).eval()
    norms = [module for module in net.modules() if isinstance(module, nn.BatchNorm2d)]
    for norm in norms:
        nn.init.uniform_(norm.weight, 0.5, 1.5)
        nn.init.normal_(norm.bias, std=0.3)
        norm.momentum = 1.0
        norm.train()
    with torch.no_grad():
        net(calibration)
        for norm in norms:
            norm.eval()
            norm.running_mean += 0.3 * norm.running_var.sqrt() * torch.randn_like(norm.running_mean)
            norm.running_var *= torch.empty_like(norm.running_var).uniform_(0.5, 2)
        for name, logits in net(calibration).items():
            for classifier in last_layers(net, name):
                classifier.weight /= logits.std()
                classifier.bias /= logits.std()
    return net


def last_layers(net: nn.Module, output: str) -> list[nn.Conv2d]:
    """The convolutions whose sum is an output's logits."""
    head = net.classifier if output == "out" else net.aux_classifier
    return [module for module in head.modules() if getattr(module, "out_channels", 0) == 21]
