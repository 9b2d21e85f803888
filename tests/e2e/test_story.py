"""The main job, end to end, as a newcomer does it: from the demo's drafts to a proved export."""

import contextlib
import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import numpy as np
import pytest
from PIL import Image, ImageOps
from playwright.sync_api import Browser, Page, expect
from pycocotools.coco import COCO

from conftest import Server, start_server, stop_server
from e2e.conftest import Watch
from e2e.editor_page import Editor, server_mask
from factories import read_png
from maskwright.demo.seed import PHOTOS

BACKGROUND, CAT, DOG, VOID = 0, 8, 12, 255
CAT_SIZE = (300, 451)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """`maskwright demo` on an empty folder: six photographs, drafted by the bundled model."""
    data = tmp_path_factory.mktemp("demo") / "data"
    running = start_server(data, "--no-browser", command="demo")
    yield running
    stop_server(running)


@pytest.fixture
def server(demo: Server) -> Server:
    """What `watch` and `api` look at."""
    return demo


@pytest.fixture
def own_photo(tmp_path: Path) -> Path:
    """A photograph of one's own: another take of the cat."""
    with Image.open(PHOTOS / "cat.png") as cat:
        taken = ImageOps.mirror(cat.convert("RGB")).resize((400, 266))
    taken.save(tmp_path / "my cat.jpg", quality=92)
    return tmp_path / "my cat.jpg"


def test_the_main_job(demo, browser: Browser, api: httpx.Client, watch: Watch, own_photo, tmp_path):
    context = browser.new_context(base_url=demo.url, viewport={"width": 1440, "height": 900})
    page = watch.on(context.new_page())
    page.set_default_timeout(30_000)
    cat = open_the_cat(page)
    editor = Editor(page, CAT_SIZE[1], CAT_SIZE[0])
    see_the_draft(editor)
    last = fix_the_cat(editor)

    # The tab is closed without saving, in the very moment after a stroke.
    page.close(run_before_unload=False)
    page = watch.on(context.new_page())
    page.set_default_timeout(30_000)
    page.goto(f"/images/{cat}")
    editor = Editor(page, CAT_SIZE[1], CAT_SIZE[0])
    assert np.array_equal(editor.mask(), last)
    assert BACKGROUND not in editor.mask("readProposal")
    editor.saved()
    assert np.array_equal(server_mask(api, cat), last)
    submit(page)

    mine = draft_own_photo(page, own_photo)
    page.goto(f"/images/{mine}")
    editor = Editor(page, 400, 266)
    page.get_by_test_id("accept-all").click()
    editor.brush(9, label=DOG)
    editor.stroke((20, 20), (60, 40))
    editor.saved()
    submit(page)
    canvases = {"cat": last, "my_cat": editor.mask()}  # VOC lists split at spaces

    check_voc(export(page, "Pascal VOC", tmp_path / "voc.zip"), canvases)
    check_coco(export(page, "COCO instances", tmp_path / "coco.zip"), canvases)
    check_command_line(demo, tmp_path)
    context.close()


def open_the_cat(page: Page) -> int:
    """From the list of projects, by the gallery, to the editor."""
    page.goto("/")
    page.get_by_role("link", name="Demo: everyday photographs").first.click()
    page.get_by_role("link", name="cat.png").first.click()
    page.wait_for_url("**/images/*")
    return int(page.url.rsplit("/", 1)[1])


def see_the_draft(editor: Editor) -> None:
    """The draft lies over the photo, and the legend tells its labels; nothing is truth yet."""
    proposal = editor.mask("readProposal")
    assert (proposal == CAT).mean() > 0.5
    assert (editor.mask() == VOID).all()
    expect(editor.page.get_by_test_id(f"label-{CAT}")).to_contain_text("cat")
    expect(editor.page.get_by_test_id(f"accept-{CAT}")).to_be_visible()


def fix_the_cat(editor: Editor) -> np.ndarray:
    """Accept, reject, repaint, fill a hole, undo twice; return what is on the canvas then."""
    page = editor.page
    proposal = editor.mask("readProposal")
    page.get_by_test_id(f"accept-{CAT}").click()
    assert np.array_equal(editor.mask() == CAT, proposal == CAT)
    page.get_by_test_id(f"reject-{BACKGROUND}").click()
    assert BACKGROUND not in editor.mask("readProposal")
    editor.saved()

    accepted = editor.mask()
    editor.brush(24, label=DOG)
    editor.stroke((220, 60), (260, 80))
    repainted = editor.mask()
    assert (repainted == DOG).sum() > 24 * 40

    page.get_by_test_id("tool-eraser").click()
    editor.click(220, 200)
    hole = editor.mask()
    assert (hole == VOID).sum() > (repainted == VOID).sum()
    page.get_by_test_id("tool-holes").click()
    editor.click(200, 150)
    assert (editor.mask()[190:210, 210:230] == CAT).all()

    editor.keys("Control+z", "Control+z")
    assert np.array_equal(editor.mask(), repainted)
    editor.brush(10, label=DOG)
    editor.stroke((300, 200), (330, 220))
    last = editor.mask()
    assert not np.array_equal(last, accepted)
    return last


def submit(page: Page) -> None:
    page.get_by_test_id("submit").click()
    expect(page.get_by_test_id("status")).to_contain_text("Submitted")


def draft_own_photo(page: Page, photo: Path) -> int:
    """Upload in the gallery, let the model draft what is new, and find the image."""
    page.goto("/projects/1")
    page.locator("#pick-files").set_input_files(photo)
    card = page.get_by_role("link", name="my cat.jpg").first
    expect(card).to_be_visible()
    page.get_by_role("button", name="Draft all new").click()
    expect(page.locator("#activity")).to_contain_text("1 image drafted", timeout=60_000)
    return int(card.get_attribute("href").rsplit("/", 1)[1])


def export(page: Page, title: str, target: Path) -> Path:
    """Export the submitted images in the page, read its proof, download."""
    page.goto("/projects/1/export")
    page.locator("label", has_text=title).click()
    page.get_by_role("button", name="Export").click()
    job = page.locator(".job").first
    expect(job).to_contain_text(title)
    expect(job).to_contain_text("Read back and equal to the masks", timeout=60_000)
    with page.expect_download() as download:
        job.get_by_role("link", name="Download").click()
    download.value.save_as(target)
    return target


def check_voc(file: Path, canvases: dict[str, np.ndarray]) -> None:
    """Every pixel as on the canvas, read by Pillow."""
    with zipfile.ZipFile(file) as archive:
        listed = archive.read("ImageSets/Segmentation/trainval.txt").decode().split("\n")
        assert sorted(filter(None, listed)) == sorted(canvases)
        for name, canvas in canvases.items():
            assert np.array_equal(read_png(archive.read(f"SegmentationClass/{name}.png")), canvas)


def check_coco(file: Path, canvases: dict[str, np.ndarray]) -> None:
    """Every pixel as on the canvas, read by pycocotools."""
    with zipfile.ZipFile(file) as archive:
        document = json.loads(archive.read("annotations/instances.json"))
    coco = COCO()
    coco.dataset = document
    with contextlib.redirect_stdout(io.StringIO()):
        coco.createIndex()
    for image in coco.loadImgs(coco.getImgIds()):
        mask = np.full((image["height"], image["width"]), VOID, np.uint8)
        for annotation in coco.loadAnns(coco.getAnnIds(imgIds=image["id"])):
            mask[coco.annToMask(annotation) > 0] = annotation["category_id"] - 1
        assert np.array_equal(mask, canvases[Path(image["file_name"]).stem])


def check_command_line(demo: Server, folder: Path) -> None:
    """The same from the command line: the same bytes."""
    with zipfile.ZipFile(folder / "voc.zip") as archive:
        asked = json.loads(archive.read("manifest.json"))["statuses"] or []
    again = folder / "again.zip"
    command = [sys.executable, "-m", "maskwright", "export", str(again), "--format", "voc"]
    which = ["--project", "Demo: everyday photographs", "--data", str(demo.data_dir)]
    statuses = [part for status in asked for part in ("--status", status)]
    subprocess.run([*command, *which, *statuses], check=True, capture_output=True, timeout=120)
    assert again.read_bytes() == (folder / "voc.zip").read_bytes()
