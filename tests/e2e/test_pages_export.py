"""Export in a browser: the job, its proof, the download."""

import zipfile

import numpy as np
import pytest
from playwright.sync_api import expect

from factories import create_project, jpeg, photograph, png


@pytest.fixture
def annotated(api) -> dict:
    """A project with two annotated images and one without a mask."""
    project = create_project(api, name="To export")
    for seed in range(3):
        files = [("files", (f"{seed}.jpg", jpeg(photograph(64, 48, seed))))]
        made = api.post(f"/api/v1/projects/{project['id']}/images", files=files).json()[0]["id"]
        if seed < 2:
            mask = np.full((48, 64), 7, np.uint8)
            mask[:20] = seed
            api.put(f"/api/v1/images/{made}/mask", content=png(mask), headers={"If-Match": '"0"'})
    return project


def test_an_export_is_proved_and_downloaded(open_page, annotated, tmp_path):
    page = open_page(f"/projects/{annotated['id']}/export")
    page.locator("label", has_text="Pascal VOC").click()
    page.get_by_role("button", name="Export").click()
    job = page.locator(".job").first
    expect(job).to_contain_text("Read back and equal to the masks", timeout=60_000)
    expect(job.locator(".proof-facts")).to_contain_text(f"{2 * 48 * 64:,}")
    expect(job.locator(".proof-facts > div").last).to_contain_text("0")
    with page.expect_download() as download:
        job.get_by_role("link", name="Download").click()
    file = tmp_path / "export.zip"
    download.value.save_as(file)
    with zipfile.ZipFile(file) as archive:
        masks = [name for name in archive.namelist() if "SegmentationClass/" in name]
    assert len(masks) == 2


def test_earlier_exports_are_listed(open_page, api, annotated):
    api.post(f"/api/v1/projects/{annotated['id']}/exports", json={"format": "coco"})
    page = open_page(f"/projects/{annotated['id']}/export")
    expect(page.locator(".job").first).to_contain_text("COCO instances", timeout=60_000)


def test_only_coco_offers_polygons(open_page, annotated):
    page = open_page(f"/projects/{annotated['id']}/export")
    expect(page.locator("#coco-options")).to_be_hidden()
    page.locator("label", has_text="COCO instances").click()
    expect(page.locator("#coco-options")).to_be_visible()


def test_cityscapes_is_proved_like_the_others(open_page, annotated):
    page = open_page(f"/projects/{annotated['id']}/export")
    page.locator("label", has_text="Cityscapes").click()
    page.get_by_role("button", name="Export").click()
    job = page.locator(".job").first
    expect(job).to_contain_text("Read back and equal to the masks", timeout=60_000)
    expect(job).to_contain_text("Cityscapes has no label")


def test_only_index_png_offers_colors(open_page, annotated):
    page = open_page(f"/projects/{annotated['id']}/export")
    expect(page.locator("#png-options")).to_be_hidden()
    page.locator("label", has_text="Index PNG").click()
    page.locator("#png-options label", has_text="Colors").click()
    page.get_by_role("button", name="Export").click()
    expect(page.locator(".job").first).to_contain_text("Read back and equal", timeout=60_000)


def test_without_any_status_there_is_nothing_to_export(open_page, annotated):
    page = open_page(f"/projects/{annotated['id']}/export")
    for box in page.locator('input[name="status"]:enabled').all():
        box.uncheck()
    expect(page.get_by_role("button", name="Export")).to_be_disabled()
