"""`python -m tests.parity [--record]`: the table of six; fails above 1e-5."""

import argparse
import sys
import time
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from segnets.architectures import build
from segnets.catalogue import PUBLISHED, PublishedModel
from segnets.network import Network
from tests.parity import fingerprint, inputs, reference

TOLERANCE = 1e-5
ODD = (301, 417)
GREY_LEVELS = 2
"""Pillow and PyTorch round between the two passes of a resize, each in its own way."""
ROW = "| {:<42} | {:>7} | {:>10} | {:>9} | {:>9} | {:>9} | {:>6} | {:>5} |"


class Parity(NamedTuple):
    """Largest absolute differences of the logits, all in float32."""

    photograph: float
    odd: float
    auxiliary: float | None
    largest_logit: float
    states: fingerprint.Fingerprint


def main() -> int:
    parser = argparse.ArgumentParser(description="Our networks beside torchvision's.")
    parser.add_argument(
        "--record", action="store_true", help="rewrite tests/models/published_states.json"
    )
    arguments = parser.parse_args()
    reference.stub_operators()
    import torchvision

    print(f"PyTorch {torch.__version__}, torchvision {torchvision.__version__}, float32, CPU\n")
    failures = compare_networks(arguments.record) + compare_preprocessing()
    for failure in failures:
        print(f"FAILED: {failure}", file=sys.stderr)
    return 1 if failures else 0


def compare_networks(record: bool) -> list[str]:
    photo = inputs.prepared(dict(inputs.photographs())["cat.png"])
    size = "×".join(map(str, photo.shape[-2:]))
    odd = "×".join(map(str, ODD))
    print(ROW.format("file", "tensors", "parameters", size, odd, "auxiliary", "logits", "s"))
    print(ROW.format("---", *["--:"] * 7))
    failures: list[str] = []
    found: dict[str, fingerprint.Fingerprint] = {}
    for model in PUBLISHED:
        start = time.perf_counter()
        parity = compare(model, photo)
        found[model.file] = parity.states
        differences = [parity.photograph, parity.odd, parity.auxiliary or 0.0]
        if not max(differences) <= TOLERANCE:
            failures.append(f"{model.file}: logits differ by {max(differences):.1e}")
        print(
            ROW.format(
                model.file,
                parity.states.tensors,
                parity.states.parameters,
                f"{parity.photograph:.1e}",
                f"{parity.odd:.1e}",
                "none" if parity.auxiliary is None else f"{parity.auxiliary:.1e}",
                f"{parity.largest_logit:.1f}",
                f"{time.perf_counter() - start:.0f}",
            ),
            flush=True,
        )
    if record:
        fingerprint.record(found)
    elif found != fingerprint.recorded():
        failures.append(f"{fingerprint.RECORD.name} is not what torchvision's networks hold")
    return failures


@torch.inference_mode()
def compare(model: PublishedModel, photo: Tensor) -> Parity:
    """Random weights of torchvision's network, loaded strictly into ours, on two sizes."""
    builder = Path(model.file).stem.rpartition("-")[0].removesuffix("_coco")
    crops = torch.cat([photo[..., :225, :289], photo[..., -225:, -289:].flip(3)])
    theirs = reference.reference(builder, crops, seed=0)
    state = theirs.state_dict()
    ours = build(model.architecture, {"auxiliary": True} if model.auxiliary else {}, 21).eval()
    ours.load_state_dict(state, strict=True)
    whole = outputs(theirs, ours, photo)
    small = outputs(theirs, ours, photo[..., : ODD[0], : ODD[1]])
    return Parity(
        whole["out"][0],
        small["out"][0],
        max(whole["aux"][0], small["aux"][0]) if "aux" in whole else None,
        whole["out"][1],
        fingerprint.fingerprint(state),
    )


def outputs(theirs: nn.Module, ours: Network, x: Tensor) -> dict[str, tuple[float, float]]:
    """By output: largest difference at full size, and largest logit."""
    expected: dict[str, Tensor] = theirs(x)
    found = {"out": ours(x)}
    if "aux" in expected:
        found["aux"] = ours.auxiliary(x)
    results: dict[str, tuple[float, float]] = {}
    for name, logits in found.items():
        full = F.interpolate(logits, size=x.shape[-2:], mode="bilinear", align_corners=False)
        difference = float((full - expected[name]).abs().max())
        results[name] = difference, float(expected[name].abs().max())
    return results


def compare_preprocessing() -> list[str]:
    print("\npreparation of the demo's photographs against torchvision's, in grey levels")
    differences = inputs.preparation_differences()
    for name, difference in differences.items():
        print(f"  from a {name}: largest {difference.largest:.2f}, mean {difference.mean:.4f}")
    sizes = inputs.sizes_that_differ()
    print(f"  working sizes that differ: {len(sizes)} of 2000 image sizes {sizes[:3]}")
    failures = [f"working size of {size}" for size in sizes[:3]]
    if max(difference.largest for difference in differences.values()) > GREY_LEVELS + 0.01:
        failures.append(f"a pixel is prepared more than {GREY_LEVELS} grey levels apart")
    return failures


if __name__ == "__main__":
    sys.exit(main())
