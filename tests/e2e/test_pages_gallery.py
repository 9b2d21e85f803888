"""The gallery in a browser: uploads, filter, selection. Drafts are in test_pages_drafts.py."""

import re

import pytest
from playwright.sync_api import expect

from factories import create_project, jpeg, photograph, png


def photo(name: str, seed: int = 0) -> dict:
    """A file for a picker."""
    data = jpeg(photograph(96, 72, seed))
    return {"name": name, "mimeType": "image/jpeg", "buffer": data}


@pytest.fixture
def project(api) -> dict:
    return create_project(api, name="Gallery")


@pytest.fixture
def six(api, project) -> list[int]:
    """Six images, a.jpg to f.jpg."""
    return upload(api, project, "abcdef")


def upload(api, project: dict, letters: str) -> list[int]:
    files = [("files", (f"{c}.jpg", photo("", i)["buffer"])) for i, c in enumerate(letters)]
    answer = api.post(f"/api/v1/projects/{project['id']}/images", files=files)
    return [item["id"] for item in answer.json()]


def test_an_empty_project_says_what_to_do(open_page, project):
    page = open_page(f"/projects/{project['id']}")
    expect(page.get_by_role("heading", name="Add your first photographs")).to_be_visible()


def test_an_upload_tells_of_each_file(open_page, project):
    page = open_page(f"/projects/{project['id']}")
    broken = photo("broken.jpg", 9)
    broken["buffer"] = broken["buffer"][:300]
    page.set_input_files("#pick-files", [photo("first.jpg", 1)])
    expect(page.locator(".card")).to_have_count(1)
    page.set_input_files("#pick-files", [photo("second.jpg", 2), photo("twin.jpg", 1), broken])
    activity = page.locator("#activity")
    expect(activity).to_contain_text("2 images added")
    twin = activity.locator("li", has_text="twin.jpg")
    expect(twin).to_contain_text("Already in this project as first.jpg")
    expect(activity.locator("li", has_text="broken.jpg")).to_contain_text("damaged")
    expect(page.locator(".card-name")).to_have_text(["first.jpg", "second.jpg"])


def test_files_dropped_anywhere_are_uploaded(open_page, project):
    page = open_page(f"/projects/{project['id']}")
    data = list(jpeg(photograph(64, 48, 5)))
    drop = """(type, data) => {
        const transfer = new DataTransfer();
        transfer.items.add(new File([new Uint8Array(data)], "dropped.jpg", {type: "image/jpeg"}));
        const event = new DragEvent(type, {dataTransfer: transfer, bubbles: true});
        document.body.dispatchEvent(event);
    }"""
    page.evaluate(f"(data) => ({drop})('dragenter', data)", data)
    expect(page.locator("#drop-veil")).to_be_visible()
    page.evaluate(f"(data) => ({drop})('drop', data)", data)
    expect(page.locator("#drop-veil")).to_be_hidden()
    expect(page.locator(".card-name")).to_have_text(["dropped.jpg"])


def test_a_folder_is_uploaded_with_what_lies_deeper(open_page, project, tmp_path):
    (tmp_path / "day" / "night").mkdir(parents=True)
    (tmp_path / "day" / "a.jpg").write_bytes(photo("", 1)["buffer"])
    (tmp_path / "day" / "night" / "b.jpg").write_bytes(photo("", 2)["buffer"])
    (tmp_path / "day" / ".DS_Store").write_bytes(b"litter")
    page = open_page(f"/projects/{project['id']}")
    page.set_input_files("#pick-folder", tmp_path / "day")
    expect(page.locator(".card-name")).to_have_text(["a.jpg", "b.jpg"])
    expect(page.locator("#activity")).not_to_contain_text("not added")


def test_a_pasted_picture_is_uploaded(open_page, project):
    page = open_page(f"/projects/{project['id']}")
    paste = """(data) => {
        const transfer = new DataTransfer();
        transfer.items.add(new File([new Uint8Array(data)], "image.png", {type: "image/png"}));
        const event = new ClipboardEvent("paste", {clipboardData: transfer, bubbles: true});
        document.body.dispatchEvent(event);
    }"""
    page.evaluate(paste, list(png(photograph(64, 48, 6))))
    expect(page.locator(".card-name")).to_have_text([re.compile(r"^pasted .*\.png$")])


def test_the_status_filter_shows_only_those_and_survives_a_reload(open_page, api, project, six):
    for image in six[:2]:
        api.post(f"/api/v1/images/{image}/status", json={"status": "in_progress"})
    page = open_page(f"/projects/{project['id']}")
    page.get_by_role("button", name="In progress 2").click()
    expect(page.locator(".card-name")).to_have_text(["a.jpg", "b.jpg"])
    page.reload()
    expect(page.locator(".card-name")).to_have_text(["a.jpg", "b.jpg"])


def test_search_finds_by_name(open_page, project, six):
    page = open_page(f"/projects/{project['id']}")
    page.locator(".card").first.wait_for()
    page.keyboard.press("/")
    page.keyboard.type("d.jp")
    expect(page.locator(".card-name")).to_have_text(["d.jpg"])


def test_shift_selects_a_range_that_goes_to_the_trash_and_back(open_page, api, project, six):
    page = open_page(f"/projects/{project['id']}")
    page.locator(".card").nth(1).hover()
    page.get_by_label("Select b.jpg").click()
    page.locator(".card-link").nth(3).click(modifiers=["Shift"])
    expect(page.locator("#selection-bar")).to_contain_text("3 images selected")
    page.locator("#selection-bar").get_by_role("button", name="Trash").click()
    expect(page.locator(".card-name")).to_have_text(["a.jpg", "e.jpg", "f.jpg"])
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".card")).to_have_count(6)


def test_the_status_of_several_is_set_and_what_can_not_follow_is_said(open_page, api, project, six):
    api.post(f"/api/v1/images/{six[0]}/status", json={"status": "in_progress"})
    page = open_page(f"/projects/{project['id']}")
    page.locator(".card").first.wait_for()
    page.keyboard.press("Control+a")
    page.get_by_role("button", name="Set status").click()
    page.get_by_role("menuitem", name="Submitted").click()
    expect(page.locator(".toast-error")).to_contain_text("set to submitted")
    assert api.get(f"/api/v1/images/{six[0]}").json()["status"] == "submitted"


def test_arrows_move_and_enter_opens(open_page, project, six):
    page = open_page(f"/projects/{project['id']}")
    page.locator(".card").first.wait_for()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(page.locator(f'.card-link[href="/images/{six[2]}"]')).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/images/{six[2]}")


def test_the_masks_on_thumbnails_can_be_switched_off(open_page, project, six):
    page = open_page(f"/projects/{project['id']}")
    expect(page.locator(".card img").first).to_have_attribute("src", re.compile("overlay=auto"))
    page.keyboard.press("o")
    expect(page.locator(".card img").first).to_have_attribute("src", re.compile("overlay=none"))


def test_a_list_that_can_not_be_loaded_offers_another_try(open_page, project, six):
    page = open_page("/trash")
    pattern = f"**/api/v1/projects/{project['id']}/images?*"
    page.route(pattern, lambda route: route.fulfill(status=409, body="{}"))
    page.goto(f"/projects/{project['id']}")
    again = page.get_by_role("button", name="Try again")
    again.wait_for()
    page.unroute(pattern)
    again.click()
    expect(page.locator(".card")).to_have_count(6)
