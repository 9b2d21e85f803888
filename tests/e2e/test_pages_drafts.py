"""Drafts in the gallery: runs started, watched, steered and withdrawn; images ordered by doubt."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import update

from factories import create_project, jpeg, photograph
from maskwright.tables import BlobRow, ImageRow

MANY = 22
"""More than a run may have without a question, and enough to be met under way."""
SLOW = 60_000
BROKEN = b"\xff\xd8 no more than the beginning of a photograph"


@pytest.fixture
def project(api) -> dict:
    return create_project(api, name="Drafts")


@pytest.fixture
def upload(api, project) -> Callable[[int], list[dict]]:
    """A maker of so many images: 00.jpg, 01.jpg and so on."""

    def make(count: int) -> list[dict]:
        files = [
            ("files", (f"{number:02}.jpg", jpeg(photograph(96, 72, number))))
            for number in range(count)
        ]
        answer = api.post(f"/api/v1/projects/{project['id']}/images", files=files)
        return answer.json()

    return make


@pytest.fixture
def gallery(open_page, project) -> Callable[[], Page]:
    def open_() -> Page:
        page = open_page(f"/projects/{project['id']}")
        page.locator(".card").first.wait_for()
        return page

    return open_


def statuses(api, project: dict) -> dict[str, int]:
    by_status = api.get(f"/api/v1/projects/{project['id']}").json()["by_status"]
    return {status: number for status, number in by_status.items() if number}


def start_many(page: Page) -> Locator:
    """Start the drafting of more images than without a question; return its section."""
    page.get_by_role("button", name="Draft all new").click()
    page.get_by_role("dialog").get_by_role("button", name="Start drafting").click()
    section = page.locator("#activity section[data-job]")
    section.wait_for()
    return section


def doubt(server, **values: float) -> None:
    """Give images, named by their id as in `_7`, drafts of such doubt."""
    with server.db.write() as session:
        for image, value in values.items():
            row = update(ImageRow).where(ImageRow.id == int(image[1:]))
            session.execute(row.values(uncertainty=value, status="proposed"))


def test_a_big_run_is_asked_about_shown_live_and_summed_up(api, gallery, project, upload):
    upload(MANY)
    page = gallery()
    page.get_by_role("button", name="Draft all new").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text(f"Draft {MANY} images?")
    expect(dialog).to_contain_text(f"All {MANY} new images")
    expect(dialog.get_by_role("link", name="Change")).to_have_attribute(
        "href", f"/projects/{project['id']}/model"
    )
    dialog.get_by_role("button", name="Start drafting").click()
    section = page.locator("#activity section[data-job]")
    expect(section).to_contain_text(
        re.compile(rf"Drafting: [1-9]\d* of {MANY} images"), timeout=SLOW
    )
    # A card changes where it stands, before the run has ended.
    first = page.locator(".card", has_text="00.jpg")
    expect(first.locator(".card-doubt")).to_be_visible(timeout=SLOW)
    expect(first.locator("img")).to_have_attribute("src", re.compile(r"v=0-[1-9]"))
    expect(section).to_contain_text(f"{MANY} images drafted", timeout=SLOW)
    expect(section).to_contain_text(re.compile(r"in \d+ s .*mean doubt \d"))
    expect(page.locator("#live")).to_contain_text(f"{MANY} images drafted")
    assert statuses(api, project) == {"proposed": MANY}


def test_a_run_is_paused_found_again_after_a_reload_resumed_and_withdrawn(
    api, gallery, project, upload
):
    upload(MANY)
    page = gallery()
    section = start_many(page)
    section.get_by_role("button", name="Pause").click()
    expect(section).to_contain_text(re.compile(rf"Paused at \d+ of {MANY} images"))
    expect(section.get_by_role("button", name="Resume")).to_be_focused()
    page.reload()
    expect(section).to_contain_text(re.compile(rf"Paused at \d+ of {MANY} images"))
    expect(page.locator("#draft-all")).to_contain_text("Paused")
    section.get_by_role("button", name="Hide").click()
    expect(section).to_be_hidden()
    page.locator("#draft-all").click()
    section.get_by_role("button", name="Resume").click()
    expect(section).to_contain_text(f"{MANY} images drafted", timeout=SLOW)

    section.get_by_role("button", name="Withdraw").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("What people accepted or painted stays")
    dialog.get_by_role("button", name=f"Withdraw {MANY} drafts").click()
    expect(section).to_contain_text(f"Withdrawn: {MANY} drafts taken back", timeout=SLOW)
    expect(page.locator(".badge", has_text="Drafted")).to_have_count(0)
    assert statuses(api, project) == {"new": MANY}


def test_a_run_begun_elsewhere_is_shown_cancelled_and_its_rest_drafted(
    api, gallery, project, upload
):
    upload(MANY)
    api.post(f"/api/v1/projects/{project['id']}/proposals", json={"chunk": 1})
    page = gallery()
    section = page.locator("#activity section[data-job]")
    section.get_by_role("button", name="Cancel").click()
    expect(section).to_contain_text("left out", timeout=SLOW)
    assert statuses(api, project)["new"] > 0
    section.get_by_role("button", name="Draft the rest").click()
    expect(section).to_contain_text(f"{MANY} images drafted", timeout=SLOW)
    assert statuses(api, project) == {"proposed": MANY}


def test_an_image_that_fails_is_named_with_its_reason_and_tried_again(
    api, gallery, project, server, upload
):
    broken = upload(3)[1]
    with server.db.write() as session:
        blob = session.get_one(BlobRow, broken["sha256"])
        whole, blob.data = blob.data, BROKEN
    page = gallery()
    page.get_by_role("button", name="Draft all new").click()
    section = page.locator("#activity section[data-job]")
    expect(section).to_contain_text("2 images drafted, 1 failed", timeout=SLOW)
    section.get_by_text("1 image failed").click()
    row = section.get_by_role("listitem")
    expect(row.get_by_role("link", name="01.jpg")).to_have_attribute(
        "href", f"/images/{broken['id']}"
    )
    expect(row.locator(".activity-reason")).not_to_be_empty()
    with server.db.write() as session:
        session.get_one(BlobRow, broken["sha256"]).data = whole
    section.get_by_role("button", name="Retry failed").click()
    expect(section).to_contain_text("3 images drafted", timeout=SLOW)
    expect(section.get_by_text("1 image failed")).to_be_hidden()


def test_drafts_are_made_again_and_the_earlier_run_can_be_withdrawn(api, gallery, project, upload):
    upload(2)
    page = gallery()
    activity = page.locator("#activity")
    expect(page.locator("#draft-all")).to_be_enabled()
    page.keyboard.press("d")
    expect(activity).to_contain_text("2 images drafted", timeout=SLOW)
    page.get_by_role("button", name="More ways to draft").click()
    page.get_by_role("menuitem", name="Draft again").click()
    expect(activity).to_contain_text("Earlier runs", timeout=SLOW)
    newest = activity.locator("section[data-job]")
    expect(newest).to_have_count(1)
    expect(newest).to_contain_text("2 images drafted", timeout=SLOW)
    activity.get_by_text("Earlier runs").click()
    earlier = activity.locator(".run-row")
    earlier.get_by_role("button", name="Withdraw").click()
    page.get_by_role("button", name="Withdraw 2 drafts").click()
    expect(earlier).to_contain_text("Withdrawn", timeout=SLOW)
    assert statuses(api, project) == {"proposed": 2}  # those of the newer run


def test_a_lost_connection_is_told_and_found_again(api, open_page, project, upload, watch):
    upload(1)
    run = api.post(f"/api/v1/projects/{project['id']}/proposals", json={}).json()
    api.post(f"/api/v1/jobs/{run['id']}/pause")
    page = open_page("/trash")
    page.route("**/events", lambda route: route.abort())
    page.goto(f"/projects/{project['id']}")
    section = page.locator("#activity section[data-job]")
    expect(section).to_contain_text("The connection is lost")
    page.unroute("**/events")
    expect(section).to_contain_text("It goes on when you resume it", timeout=SLOW)
    watch.errors.clear()  # Chromium logs the broken connections itself


def test_selected_images_that_people_have_begun_on_are_left_alone(api, gallery, project, upload):
    for image in upload(2):
        api.post(f"/api/v1/images/{image['id']}/status", json={"status": "in_progress"})
    page = gallery()
    page.keyboard.press("Control+a")
    page.locator("#selection-bar").get_by_role("button", name="Draft").click()
    expect(page.locator(".toast")).to_contain_text("People have begun on these images")
    assert api.get("/api/v1/jobs", params={"project_id": project["id"]}).json()["items"] == []


def test_the_most_doubtful_come_first_and_those_without_a_draft_last(api, gallery, server, upload):
    ids = [image["id"] for image in upload(4)]
    doubt(server, **{f"_{ids[0]}": 0.05, f"_{ids[2]}": 0.31, f"_{ids[3]}": 0.12})
    page = gallery()
    names = page.locator(".card-name")
    page.keyboard.press("m")
    expect(names).to_have_text(["02.jpg", "03.jpg", "00.jpg", "01.jpg"])
    expect(page.locator(".card-doubt").first).to_have_text("31 %")
    expect(page.locator(".card", has_text="01.jpg").locator(".card-doubt")).to_be_hidden()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.get_by_test_id("next").click()
    expect(page.locator("h1")).to_have_text("03.jpg")
    page.get_by_role("link", name="Drafts").click()
    expect(names).to_have_text(["02.jpg", "03.jpg", "00.jpg", "01.jpg"])
    page.get_by_label("Order").select_option("Least doubtful")
    expect(names).to_have_text(["00.jpg", "03.jpg", "02.jpg", "01.jpg"])
    page.reload()
    expect(names).to_have_text(["00.jpg", "03.jpg", "02.jpg", "01.jpg"])


def test_doubt_is_filtered_by_quarter_and_by_slider(gallery, server, upload):
    ids = [image["id"] for image in upload(5)]
    doubt(server, **{f"_{image}": 0.01 + 0.1 * at for at, image in enumerate(ids[:4])})
    page = gallery()
    names = page.locator(".card-name")
    page.get_by_role("button", name="Any doubt").click()
    panel = page.get_by_role("dialog", name="Doubt")
    expect(panel).to_contain_text("0–40 % · 4 images")
    panel.get_by_role("button", name="Doubtful quarter").click()
    expect(names).to_have_text(["03.jpg"])
    expect(page.get_by_role("button", name="Doubt ≥ 30 %")).to_be_visible()
    panel.get_by_role("slider", name="Doubt from").focus()
    for _ in range(5):
        page.keyboard.press("ArrowLeft")
    expect(names).to_have_text(["02.jpg", "03.jpg"])
    panel.get_by_role("button", name="Surest quarter").click()
    expect(names).to_have_text(["00.jpg"])
    panel.get_by_role("button", name="Any").click()
    expect(names).to_have_count(5)
