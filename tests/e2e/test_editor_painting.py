"""Painting in the editor, pixel by pixel, with a real pointer in a real browser."""

from collections.abc import Iterator

import numpy as np
import pytest
from playwright.sync_api import Page

from e2e.editor_page import VOID, Editor, count, server_mask, tab, upload
from factories import read_png


@pytest.fixture
def image(api) -> int:
    return upload(api)


@pytest.fixture(scope="module")
def page_of_all(browser, server) -> Iterator[Page]:
    with tab(browser, server.url) as page:
        yield page


@pytest.fixture
def editor(page_of_all, watch, image) -> Editor:
    watch.on(page_of_all).goto(f"/images/{image}")
    return Editor(page_of_all)


def test_a_brush_of_one_pixel_paints_exactly_one_pixel(editor: Editor) -> None:
    editor.brush(1, label=1)
    editor.click(40.5, 70.5)
    assert np.argwhere(editor.mask() != VOID).tolist() == [[70, 40]]


def test_a_round_dab_is_the_disc_of_its_diameter(editor: Editor) -> None:
    editor.brush(25, label=1)
    editor.click(100.5, 90.5)
    rows, columns = np.mgrid[:200, :300]
    disc = (rows - 90) ** 2 + (columns - 100) ** 2 <= 12.5**2
    assert np.array_equal(editor.mask() == 1, disc)


def test_a_square_dab_is_a_square(editor: Editor) -> None:
    editor.brush(8, label=1, shape="square")
    editor.click(50, 60)
    expected = np.zeros((200, 300), bool)
    expected[56:64, 46:54] = True
    assert np.array_equal(editor.mask() == 1, expected)


def test_a_fast_stroke_has_no_gaps(editor: Editor) -> None:
    editor.brush(1, label=1)
    editor.stroke((10.5, 10.5), (250.5, 170.5))
    assert len(np.unique(np.argwhere(editor.mask() == 1)[:, 1])) == 241


def test_a_stroke_is_there_after_reload(editor: Editor, api, image) -> None:
    editor.brush(30, label=7)
    editor.stroke((40, 40), (200, 120), (60, 150))
    painted = editor.mask()
    editor.saved()
    editor.page.reload()
    again = Editor(editor.page).mask()
    assert count(painted)[7] > 4000
    assert np.array_equal(again, painted)
    assert np.array_equal(server_mask(api, image), painted)


def test_undo_and_redo_give_back_every_pixel(editor: Editor) -> None:
    editor.brush(20, label=1)
    states = [editor.mask()]
    for x in (40, 60, 80):
        editor.stroke((x, 30), (x + 30, 150))
        states.append(editor.mask())
    for state in reversed(states[:-1]):
        editor.keys("Control+z")
        assert np.array_equal(editor.mask(), state)
    for state in states[1:]:
        editor.keys("Shift+Z")
        assert np.array_equal(editor.mask(), state)


def test_painting_only_over_void_keeps_labels(editor: Editor) -> None:
    editor.brush(40, label=1)
    editor.click(100, 100)
    tree = editor.mask() == 1
    editor.page.get_by_test_id("rule-void").click()
    editor.page.get_by_test_id("label-7").click()
    editor.stroke((60, 100), (140, 100))
    assert np.array_equal(editor.mask() == 1, tree)
    assert count(editor.mask())[7] > 1000


def test_a_locked_label_is_not_painted_over(editor: Editor) -> None:
    editor.brush(40, label=1)
    editor.click(100, 100)
    tree = editor.mask() == 1
    editor.page.get_by_test_id("label-1").hover()
    editor.page.get_by_test_id("lock-1").click()
    editor.keys("e")
    editor.stroke((60, 100), (140, 100))
    assert np.array_equal(editor.mask() == 1, tree)


def test_hiding_a_label_changes_no_pixel_here_or_on_the_server(editor: Editor, api, image) -> None:
    editor.brush(40, label=1)
    editor.click(100, 100)
    editor.saved()
    before = editor.mask()
    editor.page.get_by_test_id("label-1").hover()
    editor.page.get_by_test_id("hide-1").click()
    editor.keys("x")
    editor.saved()
    assert np.array_equal(editor.mask(), before)
    assert np.array_equal(server_mask(api, image), before)


def test_a_polygon_fills_its_pixels_and_another_erases_them(editor: Editor) -> None:
    editor.page.get_by_test_id("label-1").click()
    editor.keys("p")
    for corner in ((50, 50), (150, 50), (150, 120), (50, 120)):
        editor.click(*corner)
    editor.keys("Enter")
    expected = np.full((200, 300), VOID, np.uint8)
    expected[50:120, 50:150] = 1
    assert np.array_equal(editor.mask(), expected)
    editor.keys("Shift+P")
    for corner in ((60, 60), (100, 60), (100, 100), (60, 100)):
        editor.click(*corner)
    editor.keys("Enter")
    expected[60:100, 60:100] = VOID
    assert np.array_equal(editor.mask(), expected)


def test_escape_drops_a_polygon(editor: Editor) -> None:
    editor.keys("p")
    for corner in ((50, 50), (150, 50), (150, 120)):
        editor.click(*corner)
    editor.keys("Escape", "Enter")
    assert count(editor.mask()) == {VOID: 60000}


def test_the_bucket_fills_a_region_and_holes_are_filled(editor: Editor) -> None:
    editor.brush(12, label=1)
    editor.stroke((60, 60), (140, 60), (140, 140), (60, 140), (60, 60))
    ring = count(editor.mask())[1]
    editor.keys("Shift+G")
    editor.click(60.5, 60.5)
    assert count(editor.mask())[1] > ring + 4000
    editor.page.get_by_test_id("label-7").click()
    editor.keys("g")
    editor.click(100.5, 100.5)
    assert set(count(editor.mask())) == {7, VOID}


def test_the_right_button_erases(editor: Editor) -> None:
    editor.brush(40, label=1)
    editor.click(100, 100)
    editor.click(100, 100, button="right")
    assert count(editor.mask()) == {VOID: 60000}


def test_hotkeys_choose_labels_and_tools(editor: Editor) -> None:
    editor.keys("2")
    assert editor.page.evaluate("maskwright.state().label") == 1
    editor.keys("0")
    assert editor.page.evaluate("maskwright.state().tool") == "eraser"


def test_the_palette_runs_what_it_finds(editor: Editor) -> None:
    editor.keys("Control+k")
    editor.page.get_by_test_id("palette-input").fill("fill reg")
    editor.keys("Enter")
    assert editor.page.evaluate("maskwright.state().tool") == "bucket"


def test_space_moves_the_view_and_paints_nothing(editor: Editor) -> None:
    before = editor.page.evaluate("maskwright.state().view")
    editor.page.keyboard.down(" ")
    editor.stroke((100, 100), (130, 110))
    editor.page.keyboard.up(" ")
    after = editor.page.evaluate("maskwright.state().view")
    assert after["x"] > before["x"] + 50
    assert after["scale"] == before["scale"]
    assert count(editor.mask()) == {VOID: 60000}


def test_the_wheel_zooms_about_the_pointer(editor: Editor) -> None:
    x, y = editor.at(120.5, 80.5)
    editor.page.mouse.move(x, y)
    editor.page.mouse.wheel(0, -900)
    again = editor.at(120.5, 80.5)  # wheel events come in whole pixels, zoomed four times here
    assert editor.page.evaluate("maskwright.state().view.scale") > 10
    assert abs(again[0] - x) < 4
    assert abs(again[1] - y) < 4


def send(editor: Editor, kind: str, x: float, y: float, **init) -> None:
    """A pointer event at an image point, as pens and fingers make them."""
    client_x, client_y = editor.at(x, y)
    event = {"bubbles": True, "isPrimary": True, "buttons": 1, "button": 0} | init
    editor.page.evaluate(
        "([kind, init]) => document.querySelector('#canvas')"
        ".dispatchEvent(new PointerEvent(kind, init))",
        [kind, event | {"clientX": client_x, "clientY": client_y}],
    )


def test_a_pen_paints_wider_when_pressed_harder(editor: Editor) -> None:
    editor.brush(20, label=1)
    widths = []
    for x, pressure in ((50.5, 0.2), (150.5, 1.0)):
        pen = {"pointerId": 5, "pointerType": "pen", "pressure": pressure}
        send(editor, "pointerdown", x, 100.5, **pen)
        send(editor, "pointerup", x, 100.5, **pen)
        widths.append(count(editor.mask()).get(1, 0))
    assert 0 < widths[0] < 200
    assert widths[1] - widths[0] > 700


def test_two_fingers_zoom_and_take_back_what_the_first_began(editor: Editor) -> None:
    editor.brush(20, label=1)
    before = editor.page.evaluate("maskwright.state().view.scale")
    touch = {"pointerType": "touch"}
    send(editor, "pointerdown", 100, 100, pointerId=11, **touch)
    send(editor, "pointermove", 104, 100, pointerId=11, **touch)
    send(editor, "pointerdown", 200, 100, pointerId=12, isPrimary=False, **touch)
    send(editor, "pointermove", 250, 100, pointerId=12, isPrimary=False, **touch)
    for finger in (11, 12):
        send(editor, "pointerup", 100, 100, pointerId=finger, **touch)
    assert editor.page.evaluate("maskwright.state().view.scale") > before * 1.3
    assert count(editor.mask()) == {VOID: 60000}


def test_shift_click_draws_a_straight_line_from_the_last_stroke(editor: Editor) -> None:
    editor.brush(1, label=1)
    editor.click(20.5, 30.5)
    editor.page.keyboard.down("Shift")
    editor.click(120.5, 30.5)
    editor.page.keyboard.up("Shift")
    assert np.argwhere(editor.mask() == 1).tolist() == [[30, x] for x in range(20, 121)]


def test_the_picture_on_the_screen_shows_what_is_painted(editor: Editor) -> None:
    editor.page.evaluate("maskwright.dispatch({ type: 'show', opacity: 1, outline: false })")
    editor.brush(60, label=7)
    editor.click(150, 100)
    x, y = editor.at(150, 100)
    editor.page.mouse.move(5, 300)
    editor.page.wait_for_timeout(200)
    box = {"x": round(x), "y": round(y), "width": 4, "height": 4}
    shown = read_png(editor.page.screenshot(clip=box))[..., :3]
    assert np.abs(shown.astype(int) - (0x40, 0xA0, 0xFF)).max() <= 2
    editor.page.evaluate("maskwright.dispatch({ type: 'show', opacity: 0.5, outline: true })")


def test_a_lost_drawing_context_comes_back_with_the_same_picture(editor: Editor) -> None:
    editor.brush(60, label=7)
    editor.click(150, 100)
    editor.saved()
    editor.page.mouse.move(960, 600)
    editor.page.wait_for_timeout(300)
    canvas = editor.page.get_by_test_id("editor-canvas")
    before = read_png(canvas.screenshot())
    editor.page.evaluate(
        """() => new Promise((done) => {
          const canvas = document.querySelector("#canvas");
          const loss = canvas.getContext("webgl2").getExtension("WEBGL_lose_context");
          canvas.addEventListener("webglcontextrestored", () => setTimeout(done, 300));
          canvas.addEventListener("webglcontextlost", () => setTimeout(() =>
            loss.restoreContext()));
          loss.loseContext();
        })"""
    )
    assert np.array_equal(read_png(canvas.screenshot()), before)
