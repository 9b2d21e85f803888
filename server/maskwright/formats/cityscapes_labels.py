"""The labels of Cityscapes, and the values that other labels have beside them."""

from collections.abc import Sequence
from dataclasses import dataclass

from maskwright.domain.labels import VOID, Label
from maskwright.formats.label_ids import give, match

UNLABELED = 0
IGNORED = 255
"""The train id of void, and of labels that Cityscapes does not train on."""


@dataclass(frozen=True)
class Standard:
    """A label of Cityscapes. `train_id` is 255 where networks are not trained on it."""

    name: str
    id: int
    train_id: int
    color: str
    is_thing: bool


# Id, train id, color, name; things begin with 24.
_TABLE = """
1 255 000000 ego vehicle
2 255 000000 rectification border
3 255 000000 out of roi
4 255 000000 static
5 255 6f4a00 dynamic
6 255 510051 ground
7 0 804080 road
8 1 f423e8 sidewalk
9 255 faaaa0 parking
10 255 e6968c rail track
11 2 464646 building
12 3 66669c wall
13 4 be9999 fence
14 255 b4a5b4 guard rail
15 255 966464 bridge
16 255 96785a tunnel
17 5 999999 pole
18 255 999999 polegroup
19 6 faaa1e traffic light
20 7 dcdc00 traffic sign
21 8 6b8e23 vegetation
22 9 98fb98 terrain
23 10 4682b4 sky
24 11 dc143c person
25 12 ff0000 rider
26 13 00008e car
27 14 000046 truck
28 15 003c64 bus
29 255 00005a caravan
30 255 00006e trailer
31 16 005064 train
32 17 0000e6 motorcycle
33 18 770b20 bicycle
"""
_FIRST_THING, _LAST = 24, 33


def _standard(line: str) -> Standard:
    number, train_id, color, name = line.split(" ", 3)
    return Standard(
        name, int(number), int(train_id), f"#{color}", is_thing=int(number) >= _FIRST_THING
    )


STANDARD = tuple(_standard(line) for line in _TABLE.strip().splitlines())
BY_ID = {one.id: one for one in STANDARD}
TRAINED = tuple(
    sorted((one for one in STANDARD if one.train_id != IGNORED), key=lambda o: o.train_id)
)
_IDS = {one.name: one.id for one in STANDARD}


@dataclass(frozen=True)
class Values:
    """What each label is written as. `known`: index → id of those that Cityscapes has."""

    known: dict[int, int]
    ids: dict[int, int]
    train_ids: dict[int, int]


def values_of(labels: Sequence[Label]) -> Values:
    """Give every label an id and a train id.

    Labels of Cityscapes have its own, by name. Others have ids from 34 on, things first, and train
    ids from 19 on; when these are used up, those of Cityscapes' labels that the data set has not.
    """
    known = match(labels, _IDS)
    ids = give(labels, known, [*range(_LAST + 1, 256), *range(_LAST, UNLABELED, -1)])
    trained = {index: BY_ID[number].train_id for index, number in known.items()}
    free = [*range(len(TRAINED), VOID), *range(len(TRAINED) - 1, -1, -1)]
    return Values(known, ids, give(labels, trained, free))
