"""The label files of Pascal VOC data sets, and VOC's colors."""

from collections.abc import Mapping, Sequence

from maskwright.domain.labels import VOID, InvalidLabels, Label
from maskwright.formats.archive import Source

LABELS = "labels.txt"
LABELMAP = "labelmap.txt"
_UNUSED = "__unused_"  # begins the line of an index that no label has
_IGNORED = frozenset({"void", "ignored", "ignore", "unlabeled"})

VOC_NAMES = (
    "background", "aeroplane", "bicycle", "bird", "boat", "bottle", "bus", "car", "cat", "chair",
    "cow", "diningtable", "dog", "horse", "motorbike", "person", "pottedplant", "sheep", "sofa",
    "train", "tvmonitor",
)  # fmt: skip


def _color(index: int) -> tuple[int, int, int]:
    """VOC's color of an index: its bits dealt out to red, green and blue, highest first."""
    red = green = blue = 0
    for bit in range(7, -1, -1):
        red |= (index & 1) << bit
        green |= (index >> 1 & 1) << bit
        blue |= (index >> 2 & 1) << bit
        index >>= 3
    return red, green, blue


def color_code(color: tuple[int, int, int]) -> int:
    """Return a color as R + 256 G + 65536 B."""
    return color[0] | color[1] << 8 | color[2] << 16


COLORS = tuple(_color(index) for index in range(256))
PALETTE = bytes(channel for color in COLORS for channel in color)


def labels_txt(labels: Sequence[Label]) -> str:
    """Return one name a line; line i, counted from 0, names index i."""
    names = {label.index: label.name for label in labels}
    lines = (names.get(i, f"{_UNUSED}{i}__") for i in range(max(names, default=-1) + 1))
    return "".join(f"{line}\n" for line in lines)


def is_unused(name: str) -> bool:
    """Say whether a line of labels.txt stands for an index that no label has."""
    return name.startswith(_UNUSED)


def labelmap_txt(labels: Sequence[Label]) -> str:
    """Return CVAT's labelmap. Its colors are those of the PNG palette, which CVAT goes by."""
    lines = ["# label:color_rgb:parts:actions"]
    lines += [_labelmap_line(label.name, label.index) for label in by_index(labels)]
    lines += [_labelmap_line("void", VOID)]
    return "".join(f"{line}\n" for line in lines)


def _labelmap_line(name: str, index: int) -> str:
    return f"{name.replace(':', '_')}:{','.join(map(str, COLORS[index]))}::"


def by_index(labels: Sequence[Label]) -> list[Label]:
    """Return the labels in the order of their indices."""
    return sorted(labels, key=lambda label: label.index)


def read_labels(source: Source, root: str) -> tuple[tuple[Label, ...], Mapping[int, int]]:
    """Return the labels, and which index each color (R + 256 G + 65536 B) stands for.

    From labels.txt, else labelmap.txt, else VOC's own 21. None of these files tells things from
    stuff, so VOC's 20 objects are things and all else is not.
    """
    if source.has(root + LABELS):
        names = source.read(root + LABELS).decode("utf-8-sig").splitlines()
        colors = {i: COLORS[i] for i in range(min(len(names), VOID))}
    elif source.has(root + LABELMAP):
        names, colors = _read_labelmap(source.read(root + LABELMAP).decode("utf-8-sig"))
    else:
        names, colors = list(VOC_NAMES), dict(enumerate(COLORS[: len(VOC_NAMES)]))
    if len(names) > VOID:
        raise InvalidLabels(f"The data set has {len(names)} labels; at most {VOID} are possible.")
    labels = tuple(
        Label(
            i,
            name.strip(),
            "#{:02x}{:02x}{:02x}".format(*colors[i]),
            is_thing=name.strip() in VOC_NAMES[1:],
        )
        for i, name in enumerate(names)
        if name.strip() and not is_unused(name)
    )
    indices = {color_code(color): index for index, color in colors.items()}
    return labels, {color_code(COLORS[VOID]): VOID} | indices


def _read_labelmap(text: str) -> tuple[list[str], dict[int, tuple[int, int, int]]]:
    """Read lines of the form "name:r,g,b:parts:actions"; void's own line is no label."""
    names: list[str] = []
    colors: dict[int, tuple[int, int, int]] = {}
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        name, _, rest = line.partition(":")
        if name.casefold() in _IGNORED:
            continue
        channels = rest.partition(":")[0].split(",")
        if len(channels) == 3 and all(channel.strip().isdigit() for channel in channels):
            red, green, blue = (min(int(channel), 255) for channel in channels)
            colors[len(names)] = red, green, blue
        else:
            colors[len(names)] = COLORS[len(names) & 255]
        names.append(name)
    return names, colors
