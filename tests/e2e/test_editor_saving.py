"""Nothing that was painted is ever lost: offline, closed tabs, two people on one image."""

from collections.abc import Callable, Iterator

import numpy as np
import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from e2e.editor_page import VOID, Editor, count, server_mask, upload


@pytest.fixture
def image(api) -> int:
    return upload(api)


@pytest.fixture
def person(browser: Browser, server) -> Iterator[Callable[[], BrowserContext]]:
    """A person with a browser of their own. Going offline logs errors, so nobody watches them."""
    contexts: list[BrowserContext] = []

    def make() -> BrowserContext:
        context = browser.new_context(base_url=server.url, viewport={"width": 1100, "height": 700})
        contexts.append(context)
        return context

    yield make
    for context in contexts:
        context.close()


def open_editor(context: BrowserContext, image: int, size: tuple[int, int] = (300, 200)) -> Editor:
    page = context.new_page()
    page.set_default_timeout(15_000)
    page.goto(f"/images/{image}")
    return Editor(page, *size)


def test_strokes_painted_offline_are_saved_when_the_network_is_back(person, api, image) -> None:
    context = person()
    editor = open_editor(context, image)
    context.set_offline(True)
    editor.brush(30, label=1)
    editor.stroke((40, 40), (200, 120))
    editor.expect_state("offline")
    editor.stroke((40, 120), (200, 40))
    painted = editor.mask()
    context.set_offline(False)
    editor.expect_state("saved")
    assert np.array_equal(server_mask(api, image), painted)


def test_a_tab_closed_offline_comes_back_with_every_stroke(person, api, image) -> None:
    context = person()
    editor = open_editor(context, image)
    editor.brush(30, label=1)
    editor.stroke((40, 40), (200, 120))
    editor.saved()
    context.set_offline(True)
    editor.stroke((40, 120), (200, 40))
    editor.expect_state("offline")
    editor.stroke((250, 20), (250, 180))
    editor.keys("Control+z", "Control+Shift+Z")
    painted = editor.mask()
    editor.page.close()
    context.set_offline(False)
    again = open_editor(context, image)
    assert np.array_equal(again.mask(), painted)
    again.saved()
    assert np.array_equal(server_mask(api, image), painted)


def test_a_tab_closed_right_after_a_stroke_loses_nothing(person, api, image) -> None:
    context = person()
    editor = open_editor(context, image)
    editor.brush(30, label=1)
    editor.stroke((40, 40), (200, 120))
    painted = editor.mask()
    editor.page.close()
    again = open_editor(context, image)
    assert np.array_equal(again.mask(), painted)
    again.saved()
    assert np.array_equal(server_mask(api, image), painted)


def test_a_save_whose_answer_was_lost_is_not_taken_for_someone_elses(person, api, image) -> None:
    context = person()
    editor = open_editor(context, image)
    lost = []

    def lose_answer(route) -> None:
        if route.request.method == "PATCH" and not lost:
            lost.append(route.fetch().status)
            route.abort()
        else:
            route.continue_()

    context.route("**/mask?**", lose_answer)
    editor.brush(30, label=1)
    editor.stroke((40, 40), (200, 120))
    editor.expect_state("offline")
    editor.stroke((40, 120), (200, 40))
    painted = editor.mask()
    editor.saved()
    assert lost == [200]
    assert np.array_equal(server_mask(api, image), painted)


def test_work_left_on_another_image_is_sent_by_the_next_page(person, api) -> None:
    first, second = upload(api, count=2)
    context = person()
    editor = open_editor(context, first)
    context.set_offline(True)
    editor.brush(30, label=1)
    editor.stroke((40, 40), (200, 120))
    editor.expect_state("offline")
    painted = editor.mask()
    editor.page.close()
    context.set_offline(False)
    other = open_editor(context, second)
    expect(other.page.get_by_text("Strokes left on other images")).to_be_visible()
    assert np.array_equal(server_mask(api, first), painted)


def test_edits_of_different_tiles_are_merged(person, api) -> None:
    image = upload(api, 600, 300)
    mine, theirs = (open_editor(person(), image, (600, 300)) for _ in range(2))
    theirs.brush(30, label=7)
    theirs.stroke((500, 40), (560, 120))
    theirs.saved()
    mine.brush(30, label=1)
    mine.stroke((40, 40), (120, 120))
    mine.saved()
    both = count(server_mask(api, image))
    assert both[1] > 1000
    assert both[7] > 1000
    assert np.array_equal(mine.mask(), server_mask(api, image))


@pytest.mark.parametrize("choice", ["both", "mine", "theirs"])
def test_a_clash_shows_both_versions_and_does_what_is_chosen(person, api, image, choice) -> None:
    mine, theirs = (open_editor(person(), image) for _ in range(2))
    theirs.brush(30, label=7)
    theirs.stroke((40, 40), (200, 40))
    theirs.saved()
    mine.brush(30, label=1)
    mine.stroke((100, 20), (100, 180))
    mine.expect_state("conflict")
    my_mask, their_mask = mine.mask(), theirs.mask()
    page = mine.page
    page.get_by_test_id("conflict-open").click()
    expect(page.get_by_test_id("merge-tile-0").locator("canvas")).to_have_count(3)
    page.get_by_test_id(f"merge-all-{choice}").click()
    page.get_by_test_id("merge-apply").click()
    mine.expect_state("saved")
    over = np.where(my_mask != VOID, my_mask, their_mask)
    expected = {"both": over, "mine": my_mask, "theirs": their_mask}[choice]
    assert np.array_equal(server_mask(api, image), expected)
    assert np.array_equal(mine.mask(), expected)


def test_what_a_clash_set_aside_comes_back_with_undo(person, api, image) -> None:
    mine, theirs = (open_editor(person(), image) for _ in range(2))
    theirs.brush(30, label=7)
    theirs.click(100, 100)
    theirs.saved()
    mine.brush(30, label=1)
    mine.click(100, 100)
    mine.expect_state("conflict")
    painted = mine.mask()
    mine.page.get_by_test_id("conflict-open").click()
    mine.page.get_by_test_id("merge-all-theirs").click()
    mine.page.get_by_test_id("merge-apply").click()
    mine.expect_state("saved")
    mine.keys("Control+z")
    mine.saved()
    assert np.array_equal(mine.mask(), painted)


def test_a_revision_can_be_looked_at_and_restored(person, api, image) -> None:
    editor = open_editor(person(), image)
    editor.brush(30, label=1)
    editor.click(60, 60)
    editor.saved()
    first = editor.mask()
    number = api.get(f"/api/v1/images/{image}").json()["head"]
    editor.click(200, 100)
    editor.saved()
    second = editor.mask()
    page = editor.page
    page.get_by_test_id("history").click()
    page.get_by_test_id(f"revision-{number}").get_by_role("button").first.click()
    expect(page.get_by_test_id("looking")).to_be_visible()
    assert np.array_equal(editor.mask(), second)
    page.locator("#looking-restore").click()
    expect(page.get_by_test_id("looking")).to_be_hidden()
    assert np.array_equal(editor.mask(), first)
    assert np.array_equal(server_mask(api, image), first)
    editor.keys("Control+z")
    editor.saved()
    assert np.array_equal(server_mask(api, image), second)


def test_an_image_is_submitted_and_approved(person, api, image) -> None:
    editor = open_editor(person(), image)
    editor.brush(30, label=1)
    editor.click(60, 60)
    editor.page.get_by_test_id("submit").click()
    expect(editor.page.get_by_test_id("status")).to_have_attribute("data-status", "submitted")
    editor.page.get_by_test_id("approve").click()
    expect(editor.page.get_by_test_id("status")).to_have_attribute("data-status", "approved")
    assert api.get(f"/api/v1/images/{image}").json()["status"] == "approved"
    assert count(server_mask(api, image))[1] > 600


def test_going_to_the_next_image_saves_this_one(person, api) -> None:
    first, second = upload(api, count=2)
    editor = open_editor(person(), first)
    editor.brush(30, label=1)
    editor.stroke((40, 40), (200, 120))
    painted = editor.mask()
    editor.page.get_by_test_id("next").click()
    editor.page.wait_for_url(f"**/images/{second}")
    assert np.array_equal(server_mask(api, first), painted)


def test_changing_an_approved_image_takes_it_back_to_work(person, api, image) -> None:
    editor = open_editor(person(), image)
    editor.brush(30, label=1)
    editor.click(60, 60)
    editor.page.get_by_test_id("submit").click()
    editor.page.get_by_test_id("approve").click()
    status = editor.page.get_by_test_id("status")
    expect(status).to_have_attribute("data-status", "approved")
    editor.click(160, 60)
    expect(status).to_have_attribute("data-status", "in_progress")


def test_a_second_tab_leaves_the_strokes_of_the_first_to_it(person, api, image) -> None:
    context = person()
    first = open_editor(context, image)
    first.page.route("**/mask?**", lambda route: route.abort())
    first.brush(30, label=1)
    first.stroke((40, 40), (200, 120))
    first.expect_state("offline")
    painted = first.mask()
    second = open_editor(context, image)
    assert count(second.mask()) == {VOID: 60000}
    second.page.close()
    first.page.unroute("**/mask?**")
    first.saved()
    assert np.array_equal(server_mask(api, image), painted)
