"""Projects, label sets and the trash, in a browser."""

import re

import pytest
from playwright.sync_api import expect

from factories import create_project, jpeg, photograph, png


@pytest.fixture
def project(api) -> dict:
    return create_project(api)


def test_a_project_is_made_from_a_preset(open_page, api):
    page = open_page("/projects/new")
    page.get_by_label("Name", exact=True).first.fill("Crossings at noon")
    page.locator("label", has_text="Cityscapes 19").click()
    page.get_by_role("button", name="Create project").click()
    page.wait_for_url(re.compile(r"/projects/\d+$"))
    made = api.get("/api/v1/projects", params={"q": "Crossings at noon"}).json()["items"][0]
    preset = next(p for p in api.get("/api/v1/presets").json() if p["key"] == "cityscapes")
    assert made["labels"] == preset["labels"]


def test_a_project_without_a_name_is_not_made(open_page):
    page = open_page("/projects/new")
    page.get_by_role("button", name="Create project").click()
    expect(page.locator("#name-error")).to_have_text("Give the project a name.")
    expect(page.locator("#name")).to_be_focused()


def test_projects_are_found_as_one_types(open_page, api):
    create_project(api, name="Harbour at dusk")
    page = open_page("/")
    page.get_by_role("searchbox").fill("bour at")
    expect(page.locator(".project-name")).to_have_text(["Harbour at dusk"])


def test_a_search_without_result_says_so_and_can_be_cleared(open_page, project):
    page = open_page("/")
    page.get_by_role("searchbox").fill("no such name")
    page.get_by_role("button", name="Clear the search").click()
    expect(page.locator(".project-name").first).to_be_visible()


def test_labels_are_renamed_added_and_moved(open_page, api, project):
    page = open_page(f"/projects/{project['id']}/labels")
    rows = page.locator(".label-rows > li")
    rows.nth(0).get_by_label("Name").fill("soil")
    page.get_by_role("button", name="Add label").click()
    rows.nth(3).get_by_label("Name").fill("water")
    rows.nth(3).get_by_label(re.compile("^Move")).press("ArrowUp")
    page.get_by_role("button", name="Save changes").click()
    expect(page.locator("#saved")).to_have_text("Saved")
    saved = api.get(f"/api/v1/projects/{project['id']}").json()["labels"]
    names = [(label["index"], label["name"]) for label in saved]
    assert names == [(0, "soil"), (1, "tree"), (8, "water"), (7, "sky")]


def test_a_label_is_dragged_to_another_place(open_page, api, project):
    page = open_page(f"/projects/{project['id']}/labels")
    rows = page.locator(".label-rows > li")
    rows.nth(2).get_by_label(re.compile("^Move")).hover()
    page.mouse.down()
    top = rows.nth(0).bounding_box()
    page.mouse.move(top["x"] + 20, top["y"] + 4, steps=4)
    page.mouse.up()
    page.get_by_role("button", name="Save changes").click()
    expect(page.locator("#saved")).to_have_text("Saved")
    saved = api.get(f"/api/v1/projects/{project['id']}").json()["labels"]
    assert [label["name"] for label in saved] == ["sky", "ground", "tree"]


def test_a_label_in_use_can_not_be_removed(open_page, api, project):
    made = upload(api, project, "a.jpg")
    mask = photograph(64, 48)[:, :, 0] * 0 + 7
    saved = api.put(f"/api/v1/images/{made}/mask", content=png(mask), headers={"If-Match": '"0"'})
    assert saved.status_code == 200, saved.text
    page = open_page(f"/projects/{project['id']}/labels")
    rows = page.locator(".label-rows > li")
    rows.nth(2).get_by_role("button", name="Remove label").click()
    expect(rows).to_have_count(2)
    page.get_by_role("button", name="Save changes").click()
    expect(rows.nth(2).get_by_role("alert")).to_contain_text("1 image uses this label")
    assert len(api.get(f"/api/v1/projects/{project['id']}").json()["labels"]) == 3


def test_two_labels_of_one_name_are_not_saved(open_page, project):
    page = open_page(f"/projects/{project['id']}/labels")
    rows = page.locator(".label-rows > li")
    rows.nth(1).get_by_label("Name").fill("Ground")
    page.get_by_role("button", name="Save changes").click()
    expect(rows.nth(1).get_by_role("alert")).to_have_text("Another label has this name already.")


def test_a_trashed_project_comes_back_by_undo(open_page, api, project):
    page = open_page(f"/projects/{project['id']}/labels")
    page.get_by_role("button", name="Move project to trash").click()
    page.wait_for_url(re.compile(r"/$"))
    assert api.get(f"/api/v1/projects/{project['id']}").json()["trashed_at"]
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(f'a[href="/projects/{project["id"]}"]')).to_be_visible()


def test_the_trash_gives_back_images(open_page, api):
    project = create_project(api, name="Kept")
    made = upload(api, project, "thrown away.jpg")
    api.delete(f"/api/v1/images/{made}")
    page = open_page("/trash")
    page.get_by_role("button", name="Put back thrown away.jpg").click()
    expect(page.get_by_text("“thrown away.jpg” is back")).to_be_visible()
    assert api.get(f"/api/v1/images/{made}").json()["trashed_at"] is None


def upload(api, project: dict, name: str) -> int:
    files = [("files", (name, jpeg(photograph(64, 48))))]
    return api.post(f"/api/v1/projects/{project['id']}/images", files=files).json()[0]["id"]
