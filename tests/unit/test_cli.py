"""The command line, run as its users run it."""

import os
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from sqlalchemy import select

from factories import jpeg, photograph
from maskwright.db import Database
from maskwright.domain.actor import LOCAL
from maskwright.domain.mask import Mask
from maskwright.services import masks
from maskwright.tables import BlobRow, ImageRow, JobRow


def run(*arguments: str | Path, data: Path | None = None) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "maskwright", *map(str, arguments)]
    if data is not None:
        command += ["--data", str(data)]
    environment = os.environ | {"COLUMNS": "200", "NO_COLOR": "1"}
    return subprocess.run(command, capture_output=True, text=True, timeout=240, env=environment)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two photographs, one in a folder below, and a broken file."""
    root = tmp_path_factory.mktemp("photos")
    (root / "a.jpg").write_bytes(jpeg(photograph(300, 200)))
    (root / "sub").mkdir()
    (root / "sub" / "b.jpg").write_bytes(jpeg(photograph(200, 150, seed=1)))
    (root / "broken.jpg").write_bytes(b"not at all")
    return root


@pytest.fixture(scope="module")
def imported(folder: Path, tmp_path_factory: pytest.TempPathFactory):
    data = tmp_path_factory.mktemp("cli") / "data"
    return data, run("import", folder, "--project", "Photos", data=data)


@pytest.fixture(scope="module")
def labelled(imported) -> Path:
    """The store with a mask on each image."""
    data, _ = imported
    db = Database(f"sqlite:///{data / 'maskwright.db'}")
    with db.read() as session:
        sizes = session.execute(select(ImageRow.id, ImageRow.height, ImageRow.width)).all()
    for image_id, height, width in sizes:
        classes = np.full((height, width), 255, np.uint8)
        classes[20:90, 30:120] = 8
        masks.save_mask(db, image_id, Mask(classes), 0, LOCAL)
    db.close()
    return data


def test_import_takes_the_good_files_and_names_the_bad(imported):
    _, done = imported
    assert "2 images imported" in done.stdout
    assert "broken.jpg: " in done.stderr
    assert done.returncode == 1


def test_import_again_adds_nothing(imported, folder):
    done = run("import", folder, "--project", "Photos", data=imported[0])
    assert "0 images imported into “Photos”, 2 were there already" in done.stdout


def test_export_to_zip_proves_itself(labelled, tmp_path):
    done = run(
        "export", tmp_path / "o.zip", "--project", "Photos", "--format", "voc", data=labelled
    )
    assert (done.returncode, "0 differ" in done.stdout) == (0, True), done.stderr
    with (
        zipfile.ZipFile(tmp_path / "o.zip") as archive,
        archive.open("SegmentationClass/a.png") as file,
    ):
        classes = np.array(Image.open(file))
    assert (classes == 8).sum() == 70 * 90


def test_export_to_a_folder_writes_files(labelled, tmp_path):
    run("export", tmp_path / "out", "--project", "Photos", "--format", "coco", data=labelled)
    assert (tmp_path / "out" / "annotations" / "instances.json").is_file()


def test_export_of_an_unknown_project_says_so_in_one_line(imported, tmp_path):
    done = run("export", tmp_path / "o.zip", "--project", "X", "--format", "voc", data=imported[0])
    assert done.stderr == "maskwright: There is no project “X”. Check the name.\n"
    assert done.returncode == 1


def test_unknown_format_is_bad_usage(imported, tmp_path):
    done = run("export", tmp_path / "o.zip", "--project", "X", "--format", "x", data=imported[0])
    assert done.returncode == 2


def test_propose_writes_indexed_masks_of_the_image_size(folder, tmp_path):
    done = run("propose", folder / "a.jpg", "--out", tmp_path, "--confidence")
    assert done.returncode == 0, done.stderr
    mask = Image.open(tmp_path / "a.png")
    assert (mask.mode, mask.size) == ("P", (300, 200))
    assert Image.open(tmp_path / "a.confidence.png").mode == "L"


def test_propose_takes_options_of_how_to_look(folder, tmp_path):
    done = run(
        *("propose", folder / "a.jpg", "--out", tmp_path, "--flips", "--scales", "0.75,1"),
        *("--detail", "whole", "--engine", "torch:fp32"),
    )
    assert (done.returncode, (tmp_path / "a.png").is_file()) == (0, True), done.stderr


@pytest.mark.parametrize("scales", ["x", "1,9"])
def test_propose_refuses_scales_that_are_none(folder, tmp_path, scales):
    done = run("propose", folder / "a.jpg", "--out", tmp_path, "--scales", scales)
    assert (done.returncode, "--scales takes" in done.stderr) == (2, True)


def test_propose_with_an_unknown_engine_names_those_there_are(folder, tmp_path):
    done = run("propose", folder / "a.jpg", "--out", tmp_path, "--engine", "abacus")
    assert (done.returncode, "openvino, onnxruntime" in done.stderr) == (1, True)


def test_propose_goes_on_after_a_bad_file(folder, tmp_path):
    done = run("propose", folder, "--out", tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.png", "b.png"]
    assert (done.returncode, "broken.jpg: " in done.stderr) == (1, True)


def test_propose_with_an_unknown_model_names_those_there_are(folder, tmp_path):
    done = run("propose", folder / "a.jpg", "--out", tmp_path, "--model", "nothing")
    assert done.returncode == 1
    assert "deeplabv3-efficientnet-lite0-voc" in done.stderr


def test_models_list_names_the_default():
    assert "(default)" in run("models", "list").stdout


def test_gc_empties_an_old_trash(labelled):
    done = run("gc", data=labelled)
    assert done.stdout.startswith("Removed 0 projects, 0 images")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--data", "/dev/null/x"), "Not a directory"),
        (("--database-url", "nothing"), "Could not parse"),
        (("--database-url", "foo://bar"), "foo"),
        (("--database-url", "postgresql://x@127.0.0.1:1/x"), "port 1"),
    ],
)
def test_store_that_cannot_be_used_is_said_in_one_line(options, said, tmp_path):
    done = run("gc", *options, *(() if "--data" in options else ("--data", tmp_path)))
    assert (done.returncode, done.stderr.count("\n")) == (1, 1), done.stderr
    assert done.stderr.startswith("maskwright: ")
    assert said in done.stderr


def test_file_that_is_no_database_is_said_in_one_line(tmp_path):
    (tmp_path / "maskwright.db").write_bytes(b"not a database" * 1000)
    done = run("gc", data=tmp_path)
    assert "file is not a database" in done.stderr
    assert (done.returncode, done.stderr.count("\n")) == (1, 1), done.stderr


def test_setting_that_cannot_be_used_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("MASKWRIGHT_MAX_PIXELS", "many")
    done = run("gc", data=tmp_path)
    assert done.stderr.startswith("maskwright: MASKWRIGHT_MAX_PIXELS can't be used: ")
    assert done.stderr.count("\n") == 1


def test_export_into_a_folder_that_is_missing_is_said_in_one_line(labelled, tmp_path):
    target = tmp_path / "missing" / "o.zip"
    done = run("export", target, "--project", "Photos", "--format", "voc", data=labelled)
    assert "No such file or directory" in done.stderr
    assert (done.returncode, done.stderr.count("\n")) == (1, 1), done.stderr


def test_project_without_a_name_is_not_made(folder, tmp_path):
    done = run("import", folder, "--project", " ", data=tmp_path)
    assert done.stderr == ("maskwright: A project needs a name of 1 to 200 printable characters.\n")


def test_serve_off_loopback_is_refused_while_there_are_no_accounts(tmp_path):
    done = run("serve", "--host", "0.0.0.0", "--port", "0", data=tmp_path)
    assert (done.returncode, "MASKWRIGHT_OPEN_TO_NETWORK" in done.stderr) == (1, True)


def test_propose_does_not_draft_its_own_drafts(folder, tmp_path):
    (tmp_path / "a.jpg").write_bytes((folder / "a.jpg").read_bytes())
    for _ in range(2):
        done = run("propose", tmp_path, "--out", tmp_path / "masks")
    assert done.stdout.count(" -> ") == 1


@pytest.fixture
def to_draft(folder: Path, tmp_path: Path) -> Path:
    """The store of a project with two new images."""
    run("import", folder, "--project", "Photos", data=tmp_path / "data")
    return tmp_path / "data"


def test_propose_drafts_a_project_with_a_worker_of_its_own_and_names_what_failed(to_draft):
    db = Database(f"sqlite:///{to_draft / 'maskwright.db'}")
    with db.write() as session:
        image = session.scalars(select(ImageRow).where(ImageRow.name == "b.jpg")).one()
        session.get_one(BlobRow, image.file_blob).data = b"rubbish"
    done = run("propose", "--project", "Photos", data=to_draft)
    assert done.returncode == 1
    assert "1 images drafted" in done.stdout
    assert "b.jpg: " in done.stderr
    with db.read() as session:
        assert {image.name: image.status for image in session.scalars(select(ImageRow))} == {
            "a.jpg": "proposed",
            "b.jpg": "new",
        }
    db.close()
    again = run("propose", "--project", "Photos", "--status", "approved", data=to_draft)
    assert (again.returncode, "No image of this project is approved" in again.stdout) == (0, True)


def test_propose_is_cancelled_by_ctrl_c(to_draft):
    command = [sys.executable, "-m", "maskwright", "propose", "--project", "Photos"]
    process = subprocess.Popen(
        [*command, "--data", str(to_draft)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    db = Database(f"sqlite:///{to_draft / 'maskwright.db'}")
    deadline = time.monotonic() + 60
    status = None
    while status is None and time.monotonic() < deadline:
        time.sleep(0.02)
        with db.read() as session:
            status = session.scalar(select(JobRow.status).where(JobRow.kind == "proposals"))
    db.close()
    time.sleep(0.2)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does it
    output, said = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "Cancelled. What is drafted stays" in said
    assert "2 left" in output or "1 left" in output


@pytest.mark.parametrize(
    "arguments",
    [
        ("--project", "Photos", "a.jpg"),
        ("--project", "Photos", "--out", "x"),
        ("a.jpg",),
        ("a.jpg", "--out", "x", "--status", "new"),
        (),
    ],
)
def test_propose_takes_files_or_a_project_and_not_both(arguments):
    assert run("propose", *arguments).returncode == 2


def test_propose_of_no_project_says_so(to_draft):
    done = run("propose", "--project", "Nowhere", data=to_draft)
    assert done.returncode == 1
    assert "There is no project “Nowhere”" in done.stderr
