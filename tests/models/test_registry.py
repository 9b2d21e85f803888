"""Entries, weights and what is said when they don't fit."""

import json
import shutil
from pathlib import Path

import pytest

from segnets import DEFAULT, BrokenModel, Entry, Predictor, UnknownModel, find, list_models
from segnets.labels import VOC21
from segnets.registry import bundled_directory, read_entry

BUNDLED = list_models()


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A copy of the default model in a folder of one's own; the path of its entry."""
    entry = find("default")
    shutil.copy(entry.path, tmp_path)
    shutil.copy(entry.directory / f"{entry.name}.json", tmp_path)
    return tmp_path / f"{entry.name}.json"


def change(path: Path, **fields: object) -> None:
    path.write_text(json.dumps(json.loads(path.read_text()) | fields))


def test_the_default_is_an_alias() -> None:
    assert find("default").name == DEFAULT


def test_the_default_speaks_pascal_voc() -> None:
    assert find("default").labels == VOC21


@pytest.mark.parametrize("entry", BUNDLED, ids=lambda entry: entry.name)
def test_bundled_weights_are_the_ones_of_their_entry_and_small(entry: Entry) -> None:
    assert len(entry.verify()) < 20 * 2**20


@pytest.mark.parametrize("entry", BUNDLED, ids=lambda entry: entry.name)
def test_the_model_card_states_the_measured_figures(entry: Entry) -> None:
    card = (entry.directory / f"{entry.name}.md").read_text("utf-8")
    assert entry.measured is not None
    assert f"| {entry.miou:.3f} |" in card
    for label, iou in entry.measured.iou.items():
        assert f"| {label} | {iou:.2f} |" in card


def test_an_unknown_name_is_told_what_there_is() -> None:
    with pytest.raises(UnknownModel, match=DEFAULT):
        find("deeplabv4")


def test_an_entry_is_found_by_its_path(own: Path) -> None:
    assert find(own).directory == own.parent


def test_a_folder_of_ones_own_comes_before_the_bundled_one(own: Path) -> None:
    assert find("default", [own.parent]).directory == own.parent


def test_another_name_in_a_folder_of_ones_own_is_listed_too(own: Path) -> None:
    change(own, name="mine")
    assert [entry.name for entry in list_models([own.parent])] == [DEFAULT, "mine"]


def test_an_entry_survives_writing_and_reading(own: Path) -> None:
    entry = read_entry(own)
    own.write_text(entry.to_json())
    assert read_entry(own) == entry


def test_changed_weights_are_refused_with_both_checksums(own: Path) -> None:
    weights = read_entry(own).path
    data = bytearray(weights.read_bytes())
    data[-1] ^= 1
    weights.write_bytes(data)
    with pytest.raises(BrokenModel, match=read_entry(own).sha256):
        Predictor.load(own)


def test_missing_weights_are_named(own: Path) -> None:
    read_entry(own).path.unlink()
    with pytest.raises(BrokenModel, match=r"no readable weights at .*\.safetensors"):
        Predictor.load(own)


def test_weights_of_another_network_are_refused(own: Path) -> None:
    change(own, network={"labels": 21, "width": 64})
    with pytest.raises(BrokenModel, match="do not fit its network"):
        Predictor.load(own)


def test_labels_that_the_network_does_not_predict_are_refused(own: Path) -> None:
    change(own, labels=["background", "cat"])
    with pytest.raises(BrokenModel, match="predicts 21 labels but its entry names 2"):
        Predictor.load(own)


@pytest.mark.parametrize(
    "preprocessing",
    [{"longside": 513}, {"long_side": 0}, {"std": [0, 1, 1]}, {"mean": [127]}, {"multiple": "16"}],
)
def test_preprocessing_that_makes_no_sense_is_refused(own: Path, preprocessing: object) -> None:
    change(own, preprocessing=preprocessing)
    with pytest.raises(BrokenModel, match="Correct its entry"):
        Predictor.load(own)


def test_an_architecture_that_is_not_here_is_named(own: Path) -> None:
    change(own, architecture="segment-everything")
    with pytest.raises(BrokenModel, match="asks for the architecture 'segment-everything'"):
        Predictor.load(own)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"labels": []}', "not json"])
def test_a_file_that_is_no_entry_is_named(own: Path, text: str) -> None:
    own.write_text(text)
    with pytest.raises(BrokenModel, match=own.name):
        read_entry(own)


def test_the_weights_directory_is_beside_the_package_in_a_checkout() -> None:
    assert bundled_directory().name == "weights"
    assert list(bundled_directory().glob("*.safetensors"))
