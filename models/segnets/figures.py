"""The figures of a model card, written from the registry entry so that the two can't disagree."""

from __future__ import annotations

import re

from segnets.registry import Entry, Measured

HEADING = "## Figures\n"


def with_figures(card: str, entry: Entry) -> str:
    """The card with its section of figures written anew."""
    section = re.compile(re.escape(HEADING) + r".*?(?=^## |\Z)", re.DOTALL | re.MULTILINE)
    written = section.sub(lambda _: figures(entry) + "\n", card, count=1)
    return written.rstrip("\n") + "\n"


def figures(entry: Entry) -> str:
    """The section "Figures" of a measured model's card, Markdown."""
    measured = entry.measured
    assert measured is not None
    parts = [_quality(measured), _labels(measured), _edges(measured, entry.refine)]
    parts += [_confidence(measured, entry.temperature), _camvid(measured)]
    return HEADING + "\n" + "\n".join(part for part in parts if part)


def _quality(measured: Measured) -> str:
    speed = ""
    if measured.seconds_640x480 is not None:
        speed = (
            "| one decoded 640×480 image, encode + decode, median | "
            f"{measured.seconds_640x480 * 1000:.0f} ms |\n"
        )
    if measured.cpu_seconds_640x480 is not None:
        speed += f"| the same, processor time | {measured.cpu_seconds_640x480 * 1000:.0f} ms |\n"
    if speed:
        speed += f"| timed on | {measured.hardware} |\n"
    return f"""\
Measured with the published file in plain float32, at the photographs' full size, void left out:
{measured.data}.
`python -m segnets.measure` measures them anew (docs/models.md).

| | |
|---|---|
| mean IoU over the {len(measured.iou)} labels those photographs hold | {measured.miou:.3f} |
| pixel accuracy | {measured.pixel_accuracy:.3f} |
{speed}"""


def _labels(measured: Measured) -> str:
    rows = "\n".join(f"| {label} | {iou:.2f} |" for label, iou in measured.iou.items())
    return f"""\
| label | IoU |
|---|---|
{rows}

{measured.images} photographs are few: read the rarer labels' figures as hints. Labels not in the
table do not occur in the held-out photographs and were not measured.
"""


def _edges(measured: Measured, refine: bool) -> str:
    if measured.boundary_iou is None or measured.boundary_iou_refined is None:
        return ""
    rows = [
        f"| {measured.images} held out | {measured.miou:.3f} | {measured.miou_refined:.3f} | "
        f"{measured.boundary_iou:.3f} | {measured.boundary_iou_refined:.3f} |"
    ]
    if trained := measured.trained_on:
        rows.append(
            f"| {trained['images']:.0f} trained on | {trained['miou']:.3f} | "
            f"{trained['miou_refined']:.3f} | {trained['boundary_iou']:.3f} | "
            f"{trained['boundary_iou_refined']:.3f} |"
        )
    lines = "\n".join(rows)
    seconds = measured.refine_seconds
    took = "" if seconds is None else f"Refining one takes about {seconds * 1000:.0f} ms.\n"
    return f"""\
### Edges

Boundary IoU looks only at a band of 2 % of the diagonal along each label's outline. "Refined" lets
outlines follow the photograph's colours (`--refine`); it is {"on" if refine else "off"} by default.
Figures of photographs trained on say how edges fare where the label is right, nothing of new ones.
{took}
| fine photographs | mean IoU | refined | boundary IoU | refined |
|---|---|---|---|---|
{lines}
"""


def _confidence(measured: Measured, temperature: float) -> str:
    if measured.ece is None or measured.ece_uncalibrated is None:
        return ""
    return f"""\
### Confidence

Logits are divided by {temperature:.2f}, fitted on the held-out photographs' fine masks: on those
trained on, a network is too sure. The error below is that of photographs that had no part in
their own temperature: five groups, each judged with what the other four gave. 15 bins, every
known pixel.

| | |
|---|---|
| expected calibration error at temperature 1 | {measured.ece_uncalibrated:.3f} |
| expected calibration error, calibrated | {measured.ece:.3f} |
"""


def _camvid(measured: Measured) -> str:
    if measured.camvid_miou is None or measured.camvid_iou is None:
        return ""
    names = ", ".join(f"{name} {value:.3f}" for name, value in measured.camvid_iou.items())
    return f"""\
### Streets

On {measured.camvid_images} images of CamVid (val), never trained on, over the labels that both
have: mean IoU {measured.camvid_miou:.3f} ({names}), refined {measured.camvid_miou_refined:.3f}.
Everything else counts as one more label that takes pixels but is not in the mean.
"""
