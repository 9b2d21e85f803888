"""The draft in the editor: what is pending, accepting, rejecting, and what the server then has."""

from collections.abc import Iterator

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from e2e.editor_page import VOID, Editor, count, draft, rectangle, server_mask, tab, upload

SIZE = (200, 300)
BOXES = [(10, 10, 60, 60, 1), (100, 10, 160, 60, 7), (200, 100, 260, 160, 1)]


@pytest.fixture
def image(api, server) -> int:
    made = upload(api)
    confidence = np.full(SIZE, 80, np.uint8)
    confidence[:, :180] = 220
    draft(server, made, rectangle(SIZE, BOXES), confidence)
    return made


@pytest.fixture(scope="module")
def page_of_all(browser, server) -> Iterator[Page]:
    with tab(browser, server.url) as page:
        yield page


@pytest.fixture
def editor(page_of_all, watch, image) -> Editor:
    watch.on(page_of_all).goto(f"/images/{image}")
    return Editor(page_of_all)


def test_nothing_is_ground_truth_before_a_person_accepts_it(editor: Editor) -> None:
    assert count(editor.mask()) == {VOID: 60000}
    expect(editor.page.get_by_test_id("draft-share")).to_have_attribute("data-pixels", "9100")


def test_accepting_a_label_takes_its_pixels_only(editor: Editor, api, image) -> None:
    editor.page.get_by_test_id("accept-1").click()
    expected = rectangle(SIZE, [BOXES[0], BOXES[2]])
    assert np.array_equal(editor.mask(), expected)
    editor.saved()
    assert np.array_equal(server_mask(api, image), expected)
    expect(editor.page.get_by_test_id("accept-1")).to_be_hidden()


def test_accept_all_takes_what_the_model_is_sure_of(editor: Editor) -> None:
    editor.page.get_by_test_id("threshold").fill("128")
    editor.keys("a")
    assert np.array_equal(editor.mask(), rectangle(SIZE, BOXES[:2]))


def test_a_click_accepts_one_region_and_a_right_click_rejects_one(editor: Editor) -> None:
    editor.keys("c")
    editor.click(30, 30)
    editor.click(230, 130, button="right")
    assert np.array_equal(editor.mask(), rectangle(SIZE, BOXES[:1]))
    assert np.array_equal(editor.mask("readProposal"), rectangle(SIZE, BOXES[:2]))


def test_rejecting_a_label_is_saved_and_stays_after_reload(editor: Editor, api, image) -> None:
    editor.page.get_by_test_id("reject-7").click()
    editor.saved()
    expected = rectangle(SIZE, [BOXES[0], BOXES[2]])
    assert np.array_equal(server_mask(api, image, "proposal"), expected)
    editor.page.reload()
    assert np.array_equal(Editor(editor.page).mask("readProposal"), expected)


def test_a_draft_never_replaces_labels_unless_told_to(editor: Editor) -> None:
    editor.brush(20, label=7)
    editor.click(30, 30)
    painted = editor.mask() == 7
    editor.page.get_by_test_id("accept-1").click()
    assert np.array_equal(editor.mask() == 7, painted)
    editor.page.get_by_test_id("draft-over").select_option("all")
    editor.page.get_by_test_id("accept-1").click()
    assert np.array_equal(editor.mask(), rectangle(SIZE, [BOXES[0], BOXES[2]]))


def test_accepting_and_rejecting_can_be_undone(editor: Editor, api, image) -> None:
    drafted = editor.mask("readProposal")
    editor.page.get_by_test_id("accept-all").click()
    editor.keys("Control+z")
    editor.page.get_by_test_id("reject-all").click()
    editor.keys("Control+z")
    editor.saved()
    assert count(editor.mask()) == {VOID: 60000}
    assert np.array_equal(editor.mask("readProposal"), drafted)
    assert np.array_equal(server_mask(api, image, "proposal"), drafted)


def test_the_eraser_clears_the_draft_under_it(editor: Editor) -> None:
    editor.keys("e")
    editor.page.get_by_test_id("brush-number").fill("200")
    editor.keys("Enter")
    editor.click(30, 30)
    assert (editor.mask("readProposal")[10:60, 10:60] == VOID).all()


def test_the_model_drafts_an_image_from_the_button(page_of_all, watch, api) -> None:
    fresh = upload(api)
    watch.on(page_of_all).goto(f"/images/{fresh}")
    editor = Editor(page_of_all)
    editor.page.get_by_test_id("draft").click()
    expect(editor.page.get_by_test_id("status")).to_contain_text("Drafted", timeout=60_000)
    assert np.array_equal(editor.mask("readProposal"), server_mask(api, fresh, "proposal"))


def test_a_new_draft_meanwhile_comes_in_and_rejections_stay(editor, api, server, image) -> None:
    draft(server, image, rectangle(SIZE, [(0, 0, 300, 200, 7)]))
    editor.page.get_by_test_id("reject-1").click()
    expect(editor.page.get_by_text("drafted anew meanwhile")).to_be_visible()
    editor.expect_state("saved")
    expected = np.full(SIZE, 7, np.uint8)
    expected[rectangle(SIZE, [BOXES[0], BOXES[2]]) == 1] = VOID
    assert np.array_equal(editor.mask("readProposal"), expected)
    assert np.array_equal(server_mask(api, image, "proposal"), expected)
