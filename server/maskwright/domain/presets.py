"""Label sets that a new project can start from.

Names and order are the data sets' own. Cityscapes, BDD100K and CamVid keep their published colors;
VOC and COCO get colors that differ from each other and from what photographs are full of (greedy
farthest points in OKLab), because the published VOC colors are hard to tell apart on a picture.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from maskwright.domain.labels import Label

# One line per label, in index order: color, name.
_VOC = """
10151c background
9b75f9 aeroplane
e601f9 bicycle
4964f6 bird
0d9296 boat
27f6cc bottle
fb8bd4 bus
088fe3 car
d034a4 cat
b8b40b chair
ab72a6 cow
eeee9e diningtable
f86927 dog
8f2f39 horse
4101ea motorbike
e6284b person
74f834 pottedplant
00ba56 sheep
8d13f4 sofa
08569a train
7e2c86 tvmonitor
"""

_COCO_THINGS = """
e6284b person
4101ea bicycle
74f834 car
e601f9 motorcycle
7e2c86 airplane
eeee9e bus
9b75f9 train
08569a truck
fb8bd4 boat
27f6cc traffic light
00ba56 fire hydrant
8f2f39 stop sign
b8b40b parking meter
d034a4 bench
088fe3 bird
8d13f4 cat
ab72a6 dog
0d9296 horse
f86927 sheep
4964f6 cow
dbbaff elephant
5635b6 bear
dc6efc zebra
f5a420 giraffe
6fc29b backpack
81e5fe umbrella
6772b2 handbag
aa3bc9 tie
d8fa52 suitcase
fba7a9 frisbee
a60f65 skis
cc656b snowboard
b74506 sports ball
859ff6 kite
8bd96f baseball bat
f45e96 baseball glove
719901 skateboard
7a4800 surfboard
18671e tennis racket
18c2e2 bottle
594987 wine glass
fd53de cup
b18e15 fork
0f41cc knife
8c4d76 spoon
fdce3e bowl
b0fccc banana
b98ee5 apple
1fa170 sandwich
7e53bc orange
f41183 broccoli
7d23bc carrot
c034ff hot dog
fbbb87 pizza
d68aa9 donut
14e66e cake
2277a0 chair
cec476 couch
a94ea3 potted plant
8ca761 bed
7854ee dining table
b83c55 toilet
37830f tv
2a6cc9 laptop
d173ca mouse
87fe88 remote
ab0c94 keyboard
0d785b cell phone
33dbd6 microwave
4c9cc6 oven
eb8373 toaster
6480e9 sink
6223de refrigerator
c76e3c book
c55087 clock
a968ce vase
19affe scissors
cad64a teddy bear
7eb944 hair drier
d535cf toothbrush
"""

# Cityscapes' train ids, which BDD100K shares.
_STREET = """
804080 road
f423e8 sidewalk
464646 building
66669c wall
be9999 fence
999999 pole
faaa1e traffic light
dcdc00 traffic sign
6b8e23 vegetation
98fb98 terrain
4682b4 sky
dc143c person
ff0000 rider
00008e car
000046 truck
003c64 bus
005064 train
0000e6 motorcycle
770b20 bicycle
"""

_CAMVID = """
808080 sky
800000 building
c0c080 pole
804080 road
0000c0 pavement
808000 tree
c08080 sign
404080 fence
400080 car
404000 pedestrian
0080c0 bicyclist
"""

_STREET_THINGS = frozenset(
    ("person", "rider", "car", "truck", "bus", "train", "motorcycle", "bicycle")
)
_CAMVID_THINGS = frozenset(("car", "pedestrian", "bicyclist"))
_NO_HOTKEY = frozenset(("background",))


@dataclass(frozen=True)
class Preset:
    """A named label set; `key` is what the API takes."""

    key: str
    title: str
    labels: tuple[Label, ...]


def _labels(table: str, things: frozenset[str] | None = None) -> tuple[Label, ...]:
    """Number the lines from 0; hotkeys 1-9 go to the first nine labels that are no background.

    `things` None means that every label but the background is a thing.
    """
    rows = [line.split(" ", 1) for line in table.split("\n") if line]
    keyed = [name for _, name in rows if name not in _NO_HOTKEY][:9]
    hotkeys = {name: str(number) for number, name in enumerate(keyed, start=1)}
    return tuple(
        Label(
            index=index,
            name=name,
            color=f"#{color}",
            hotkey=hotkeys.get(name),
            is_thing=name not in _NO_HOTKEY if things is None else name in things,
        )
        for index, (color, name) in enumerate(rows)
    )


PRESETS: Mapping[str, Preset] = {
    preset.key: preset
    for preset in (
        Preset("voc", "Pascal VOC 21", _labels(_VOC)),
        Preset("coco-things", "COCO things (80)", _labels(_COCO_THINGS)),
        Preset("cityscapes", "Cityscapes 19", _labels(_STREET, _STREET_THINGS)),
        Preset("bdd100k", "BDD100K 19", _labels(_STREET, _STREET_THINGS)),
        Preset("camvid", "CamVid 11", _labels(_CAMVID, _CAMVID_THINGS)),
        Preset("blank", "Blank", ()),
    )
}
"""Every preset by its key, in the order the page shows them."""
