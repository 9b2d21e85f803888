"""The model of a project in a browser: its labels are mapped, previewed, and drafts follow."""

import json
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, Route, expect

import maskwright
from factories import create_project, jpeg, photograph, read_png

PHOTOS = Path(maskwright.__file__).parent / "demo" / "photos"
LABELS = [
    {"index": 0, "name": "pedestrian", "color": "#dc143c"},
    {"index": 4, "name": "rider", "color": "#00ff00"},
    {"index": 9, "name": "scenery", "color": "#0000ff"},
]
PEDESTRIAN, RIDER, SCENERY, VOID = 0, 4, 9, 255


@pytest.fixture
def project(api) -> dict:
    """A street's labels, and one photograph of a person among three."""
    made = create_project(api, LABELS, name="People")
    files = [("files", ("astronaut.png", (PHOTOS / "astronaut.png").read_bytes()))]
    files += [("files", (f"{n}.jpg", jpeg(photograph(200, 150, n)))) for n in range(3)]
    answer = api.post(f"/api/v1/projects/{made['id']}/images", files=files)
    return made | {"person": answer.json()[0]["id"]}


@pytest.fixture
def page(open_page, project) -> Page:
    page = open_page(f"/projects/{project['id']}/model")
    expect(page.locator("#map-rows tr")).to_have_count(21)
    return page


def choice(page: Page, label: str):
    return page.get_by_label(f"What {label} becomes", exact=True)


def save(page: Page) -> None:
    page.get_by_role("button", name="Save changes").click()
    expect(page.locator("#saved")).to_have_text("Saved")


def saved_map(api, project) -> dict[str, int | None]:
    answer = api.get(f"/api/v1/projects/{project['id']}/label-map").json()
    return {entry["name"]: entry["target"] for entry in answer["entries"] if entry["chosen"]}


def seen(page: Page) -> None:
    expect(page.locator(".preview")).to_have_count(3)
    expect(page.locator(".preview.waiting")).to_have_count(0, timeout=60_000)


def draft(api, image: int) -> np.ndarray:
    answer = api.post(f"/api/v1/images/{image}/proposal")
    assert answer.status_code == 201, answer.text
    return read_png(api.get(f"/api/v1/images/{image}/mask", params={"ref": "proposal"}).content)


def test_the_page_says_what_goes_where_by_itself(page):
    expect(choice(page, "person").locator("option:checked")).to_have_text("Automatic: pedestrian")
    expect(choice(page, "sofa").locator("option:checked")).to_have_text("Automatic: void")


def test_an_edited_map_is_followed_by_drafts_and_kept_with_them(page, api, project):
    choice(page, "person").select_option("rider")
    choice(page, "background").select_option("scenery")
    save(page)
    found = draft(api, project["person"])
    assert set(np.unique(found)) & {PEDESTRIAN, RIDER, SCENERY} == {RIDER, SCENERY}
    url = f"/api/v1/images/{project['person']}/revisions"
    record = api.get(url, params={"ref": "proposal"}).json()["items"][0]["draft"]
    assert (record["map"]["person"], record["map"]["background"]) == (RIDER, SCENERY)
    assert record["map"]["sofa"] is None


def test_void_is_chosen_and_automatic_comes_back(page, api, project):
    choice(page, "person").select_option("void")
    save(page)
    assert saved_map(api, project) == {"person": None}
    choice(page, "person").select_option("automatic")
    save(page)
    assert saved_map(api, project) == {}


COLORS = """canvas => {
    const copy = new OffscreenCanvas(canvas.width, canvas.height);
    const context = copy.getContext("2d", {willReadFrequently: true});
    context.drawImage(canvas, 0, 0);
    const {data} = context.getImageData(0, 0, canvas.width, canvas.height);
    const sum = [0, 0, 0];
    for (let i = 0; i < data.length; i++) if (i % 4 < 3) sum[i % 4] += data[i];
    return sum.map((value) => value / (data.length / 4));
}"""


def test_previews_are_recolored_while_the_map_is_edited(page):
    seen(page)
    canvas = page.get_by_role("img", name="0.jpg in your labels")
    before = canvas.evaluate(COLORS)
    choice(page, "background").select_option("scenery")  # blue
    after = canvas.evaluate(COLORS)
    assert after[2] > before[2] + 20
    expect(page.get_by_role("list", name="Your labels in these images")).to_contain_text("scenery")


def test_other_images_can_be_looked_at(page):
    seen(page)
    names = page.locator(".preview figcaption")
    before = names.all_text_contents()
    page.get_by_role("button", name="Other images").click()
    seen(page)
    assert names.all_text_contents() != before


def test_all_unmapped_go_to_one_label_and_back(page, api, project):
    page.get_by_role("button", name="Set all unmapped to").click()
    page.get_by_role("menuitem", name="scenery").click()
    expect(page.locator(".map-changed")).to_have_count(20)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".map-changed")).to_have_count(0)
    page.get_by_role("button", name="Set all unmapped to").click()
    page.get_by_role("menuitem", name="scenery").click()
    save(page)
    assert set(saved_map(api, project).values()) == {SCENERY}
    page.get_by_role("button", name="Back to automatic").click()
    save(page)
    assert saved_map(api, project) == {}


def test_labels_are_searched_and_filtered(page):
    page.keyboard.press("/")
    page.keyboard.type("so")
    expect(page.locator("#map-rows tr:visible")).to_have_count(2)  # person, sofa
    expect(page.locator("#map-count")).to_have_text("2 of 21 labels")
    page.get_by_label("Show").select_option("Void")
    expect(page.locator("#map-rows tr:visible")).to_have_count(1)
    page.get_by_label("Search labels").fill("zebra")
    expect(page.get_by_text("No label matches.")).to_be_visible()


def test_a_label_that_is_gone_is_shown_so(page, api, project):
    choice(page, "person").select_option("rider")
    save(page)
    api.patch(f"/api/v1/projects/{project['id']}", json={"labels": [LABELS[0], LABELS[2]]})
    page.reload()
    expect(choice(page, "person").locator("option:checked")).to_have_text(
        f"Label {RIDER} is gone: void"
    )
    choice(page, "cat").select_option("scenery")
    save(page)
    assert saved_map(api, project) == {"person": None, "cat": SCENERY}


def test_draft_options_are_saved_and_say_what_they_cost(page, api, project):
    page.get_by_label("Edges").select_option("Refined")
    page.get_by_label("Mirrored view too").check()
    page.get_by_label("Sizes averaged").select_option("0.75, 1, 1.25")
    expect(page.locator("#cost")).to_contain_text("6.3 times")
    save(page)
    page.reload()
    expect(page.get_by_label("Mirrored view too")).to_be_checked()
    assert api.get(f"/api/v1/projects/{project['id']}").json()["draft_options"] == {
        "refine": True,
        "flips": True,
        "scales": [0.75, 1.0, 1.25],
        "detail": "auto",
    }


def test_changes_are_discarded(page, api, project):
    choice(page, "person").select_option("rider")
    page.get_by_role("button", name="Discard changes").click()
    expect(choice(page, "person")).to_have_value("automatic")
    expect(page.get_by_role("button", name="Save changes")).to_be_disabled()


def test_leaving_with_unsaved_changes_is_asked_about(page):
    choice(page, "person").select_option("rider")
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.get_by_role("link", name="Export").click()
    page.wait_for_timeout(300)
    assert asked == ["beforeunload"]
    choice(page, "person").select_option("automatic")


def test_ctrl_s_saves(page, api, project):
    choice(page, "person").focus()
    page.keyboard.type("rider")
    page.keyboard.press("Control+s")
    expect(page.locator("#saved")).to_have_text("Saved")
    expect(choice(page, "person")).to_be_focused()
    assert saved_map(api, project) == {"person": RIDER}


def test_the_default_model_stays_the_default(page, api, project):
    page.get_by_label("Edges").select_option("Refined")
    save(page)
    assert api.get(f"/api/v1/projects/{project['id']}").json()["model"] == "default"


def test_drafts_of_the_old_map_are_offered_to_be_drafted_again(page, api, project):
    draft(api, project["person"])
    choice(page, "person").select_option("rider")
    save(page)
    expect(page.locator(".toast")).to_contain_text("1 draft was made with the old map")
    page.locator(".toast").get_by_role("button", name="Draft again").click()
    expect(page.locator(".toast").last).to_contain_text("Drafting again")
    expect(page.locator("#outdated")).to_be_hidden()
    url = f"/api/v1/images/{project['person']}/revisions"
    for _ in range(120):
        newest = api.get(url, params={"ref": "proposal"}).json()["items"][0]
        if newest["draft"]["map"]["person"] == RIDER:
            break
        page.wait_for_timeout(500)
    assert newest["draft"]["map"]["person"] == RIDER


def test_a_project_without_images_says_what_to_do(open_page, api):
    project = create_project(api, LABELS, name="Empty")
    page = open_page(f"/projects/{project['id']}/model")
    expect(page.get_by_text("No images yet.")).to_be_visible()
    expect(page.get_by_role("link", name="Add images")).to_be_visible()
    expect(page.locator("#map-rows tr")).to_have_count(21)


def refuse(route: Route, status: int, code: str, detail: str, **headers: str) -> None:
    problem = {"type": "x", "title": "x", "status": status, "code": code, "detail": detail}
    kind = {"Content-Type": "application/problem+json"}
    route.fulfill(status=status, headers=kind | headers, body=json.dumps(problem))


def test_a_busy_model_is_asked_again(open_page, project):
    page = open_page("/")
    asked = []

    def answer(route: Route) -> None:
        asked.append(route.request.url)
        if len(asked) > 2:
            route.continue_()
        else:
            refuse(route, 503, "busy", "Too many.", **{"Retry-After": "60" if asked[1:] else "1"})

    page.route("**/draft-preview*", answer)
    page.goto(f"/projects/{project['id']}/model")
    expect(page.get_by_text("The model is busy. Trying again in 60 s.")).to_be_visible()
    page.get_by_role("button", name="Try now").click()
    seen(page)


def test_a_model_that_is_not_there_says_so_and_can_be_tried_again(open_page, project):
    page = open_page("/")
    sentence = "The weights are gone. Reinstall the model."
    page.route("**/draft-preview*", lambda r: refuse(r, 503, "model_unavailable", sentence))
    page.goto(f"/projects/{project['id']}/model")
    expect(page.get_by_text(sentence)).to_be_visible()
    page.unroute("**/draft-preview*")
    page.get_by_role("button", name="Try again").click()
    seen(page)


def test_models_that_nobody_measured_say_so_and_keep_their_own_map(open_page, api, project):
    page = open_page("/")
    listed = api.get("/api/v1/models").json()
    other = listed[0] | {"name": "unmeasured", "default": False, "measured": {}}
    page.route("**/api/v1/models", lambda route: route.fulfill(json=[other, *listed]))
    broken = "**/label-map?model=unmeasured"
    page.route(broken, lambda route: refuse(route, 503, "model_unavailable", "It is broken."))
    page.goto(f"/projects/{project['id']}/model")
    cards = page.locator(".model-card")
    expect(cards.first).to_contain_text("Default")
    expect(cards.last).to_contain_text("Not measured")
    choice(page, "person").select_option("rider")
    cards.last.click()
    expect(page.get_by_text("It is broken.")).to_be_visible()
    cards.first.click()
    expect(choice(page, "person")).to_have_value(str(RIDER))


def test_many_labels_are_offered_where_somebody_looks(open_page, api):
    labels = [{"index": n, "name": f"kind {n}", "color": "#808080"} for n in range(250)]
    project = create_project(api, labels, name="Many")
    plain = {"target": None, "automatic": None, "chosen": False, "gone": None}
    entries = [{"index": n, "name": f"thing {n}"} | plain for n in range(200)]
    page = open_page("/")
    answer = {"model": "many", "entries": entries, "edited": False, "outdated": 0}
    page.route("**/label-map*", lambda route: route.fulfill(json=answer))
    page.goto(f"/projects/{project['id']}/model")
    expect(page.locator("#map-rows tr")).to_have_count(200)
    assert page.locator("#map-rows option").count() < 1000
    choice(page, "thing 199").focus()
    page.keyboard.type("kind 77")
    expect(choice(page, "thing 199")).to_have_value("77")
