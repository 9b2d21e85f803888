"""Where the pixels of a model's labels go."""

import numpy as np
import pytest

from maskwright.domain.label_map import label_map, match_labels
from maskwright.domain.label_names import key
from maskwright.domain.labels import VOID, Label
from maskwright.domain.presets import PRESETS


def labels(*names: str) -> list[Label]:
    """Labels at 10, 11, 12, …, so that no index is by chance the model's."""
    return [Label(10 + at, name, "#808080") for at, name in enumerate(names)]


def led_to(model: str, *project: str) -> str | None:
    """The name that one model label is matched to."""
    found = match_labels([model], labels(*project)).get(0)
    return None if found is None else project[found - 10]


@pytest.mark.parametrize(
    ("model", "project"),
    [
        ("person", "person"),
        ("TrafficLight", "traffic light"),
        ("trafficlight", "Traffic-Lights"),
        ("dining-table", "diningtable"),
        ("dining_table", "DiningTable"),
        ("TVMonitor", "tvmonitor"),
        ("tvmonitor", "tv"),
        ("sofa", "couch"),
        ("sofa, couch, lounge", "Settee"),
        ("pottedplant", "Potted plants"),
        ("motorbike", "motorcycle"),
        ("motor", "motorbike"),
        ("aeroplane", "Airplanes"),
        ("pavement", "sidewalk"),
        ("SignSymbol", "traffic sign"),
        ("Column_Pole", "pole"),
        ("VegetationMisc", "vegetation"),
        ("tree-merged", "trees"),
        ("LaneMkgsDriv", "road"),
        ("Truck_Bus", "truck"),
        ("Bicyclist", "rider"),
        ("object--vehicle--car", "car"),
        ("object--vehicle--car", "vehicle"),
        ("car", "object--vehicle--car"),
        ("dog", "dog (toy)"),
        ("human--rider--bicyclist", "Rider"),
        ("people", "person"),
        ("buses", "bus"),
        ("tree", "vegetation"),
        ("van", "car"),
        ("horse", "animals"),
        ("person", "rider"),
        ("rider", "person"),
    ],
)
def test_names_of_one_thing_meet(model, project):
    assert led_to(model, "something else", project) == project


@pytest.mark.parametrize(
    ("model", "project", "expected"),
    [
        ("person", ("rider", "pedestrian"), "pedestrian"),
        ("person", ("pedestrian", "person"), "person"),
        ("rider", ("person", "pedestrian", "rider"), "rider"),
        ("tvmonitor", ("monitor", "tv"), "tv"),
        ("van", ("vehicle", "car"), "car"),
        ("sofa", ("chair", "sofa or couch", "couch"), "couch"),
        ("car", ("car, van", "car"), "car"),
        ("background", ("person", "other"), "other"),
        ("object--vehicle--car", ("vehicle", "automobile"), "automobile"),
    ],
)
def test_the_nearest_name_is_taken(model, project, expected):
    assert led_to(model, *project) == expected


@pytest.mark.parametrize(
    ("model", "project"),
    [
        ("background", ("person", "void", "unlabelled")),
        ("person", ("man", "woman")),
        ("bird", ("cat", "dog")),
        ("vehicle", ("car",)),
        ("bus", ("truck", "car")),
        ("wall", ("building",)),
        ("bus", ("object--vehicle--car",)),
        ("cat", ("animal--bird", "animal--ground animal")),
        ("dog", ("tail (dog)",)),
        ("bird", ("nest [bird]",)),
        ("boat", ("vessel", "organ")),
    ],
)
def test_what_is_not_surely_the_same_stays_void(model, project):
    assert led_to(model, *project) is None


def test_several_labels_may_lead_to_one():
    assert match_labels(["car", "bus", "truck"], labels("vehicle")) == {0: 10, 1: 10, 2: 10}


@pytest.mark.parametrize("preset", [name for name in PRESETS if name != "blank"])
def test_a_label_set_maps_to_itself(preset):
    own = PRESETS[preset].labels
    assert match_labels([x.name for x in own], own) == {i: x.index for i, x in enumerate(own)}


def test_every_word_has_one_meaning():
    from maskwright.domain import label_names

    lines = label_names._MEANINGS.strip().splitlines()
    words = [word for line in lines if line for word in {key(name) for name in line.split(",")}]
    assert len(words) == len(set(words))


def test_a_name_without_letters_matches_nothing():
    assert led_to("!!", "??") is None


def test_a_choice_goes_before_the_name():
    mapped = label_map(["person", "sofa"], labels("person", "couch"), {"person": 11})
    assert mapped.record == {"person": 11, "sofa": 11}


def test_void_can_be_chosen():
    entry = label_map(["person"], labels("person"), {"person": None}).entries[0]
    assert (entry.target, entry.automatic, entry.chosen) == (None, 10, True)


def test_a_choice_whose_label_is_gone_is_void_and_says_so():
    entry = label_map(["person"], labels("person"), {"person": 99}).entries[0]
    assert (entry.target, entry.gone) == (None, 99)


def test_the_table_is_void_where_nothing_is_mapped():
    table = label_map(["background", "person"], labels("person"), {}).table
    assert table[1] == 10
    assert (np.delete(table, 1) == VOID).all()
