"""The editor as a test drives it: real pointer and keys, pixels read back from page and server."""

import base64
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import httpx
import numpy as np
from playwright.sync_api import Browser, Page, expect

from factories import LABELS, create_project, jpeg, photograph, read_png
from maskwright.domain.actor import LOCAL
from maskwright.services import proposals

VOID = 255
_READY = """Promise.race([maskwright.ready, new Promise((_, fail) => setTimeout(() =>
    fail(new Error(document.querySelector("#failed-text").textContent || "slow")), 20_000))])"""
Point = tuple[float, float]


def upload(api: httpx.Client, width: int = 300, height: int = 200, labels=None, count: int = 1):
    """A fresh project with `count` photographs; returns the ids of the images."""
    project = create_project(api, labels or LABELS, name="Editor")
    files = [
        ("files", (f"{n}.jpg", jpeg(photograph(width, height, seed=n)), "image/jpeg"))
        for n in range(count)
    ]
    answer = api.post(f"/api/v1/projects/{project['id']}/images", files=files)
    assert answer.status_code == 201, answer.text
    ids = [item["id"] for item in answer.json()]
    return ids if count > 1 else ids[0]


def draft(server, image: int, classes: np.ndarray, confidence: np.ndarray | None = None) -> None:
    """Put a proposal in the store that the test knows, instead of asking a model."""
    sure = np.full_like(classes, 200) if confidence is None else confidence
    proposals.write(server.db, image, classes, sure, "test", LOCAL)


def server_mask(api: httpx.Client, image: int, ref: str = "head") -> np.ndarray:
    return read_png(api.get(f"/api/v1/images/{image}/mask", params={"ref": ref}).content)


@contextmanager
def tab(browser: Browser, url: str) -> Iterator[Page]:
    """A window for all tests of a file: opening a browser context costs more than most of them."""
    size = {"width": 1100, "height": 700}
    context = browser.new_context(base_url=url, viewport=size)
    page = context.new_page()
    page.set_default_timeout(20_000)
    yield page
    context.close()


class Editor:
    """The editor open on one image."""

    def __init__(self, page: Page, width: int = 300, height: int = 200) -> None:
        self.page, self.size = page, (height, width)
        page.evaluate(_READY)

    def mask(self, read: str = "readMask") -> np.ndarray:
        """(H, W) label indices of the head in the page."""
        text = self.page.evaluate(
            f"btoa(Array.from(maskwright.{read}(), (v) => String.fromCharCode(v)).join(''))"
        )
        return np.frombuffer(base64.b64decode(text), np.uint8).reshape(self.size)

    def at(self, x: float, y: float) -> Point:
        point = self.page.evaluate("([x, y]) => maskwright.imageToScreen(x, y)", [x, y])
        return point["x"], point["y"]

    def stroke(self, *points: Point, button: str = "left") -> None:
        """Drag through image points."""
        mouse = self.page.mouse
        mouse.move(*self.at(*points[0]))
        mouse.down(button=button)
        for point in points[1:]:
            mouse.move(*self.at(*point), steps=4)
        mouse.up(button=button)

    def click(self, x: float, y: float, **options) -> None:
        self.page.mouse.click(*self.at(x, y), **options)

    def keys(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def brush(self, size: int, label: int | None = None, shape: str = "round") -> None:
        self.page.get_by_test_id("tool-brush").click()
        self.page.get_by_test_id("brush-number").fill(str(size))
        self.page.keyboard.press("Enter")
        self.page.get_by_test_id(f"shape-{shape}").click()
        if label is not None:
            self.page.get_by_test_id(f"label-{label}").click()

    def expect_state(self, state: str, seconds: float = 10) -> None:
        locator = self.page.get_by_test_id("save-state")
        expect(locator).to_have_attribute("data-state", state, timeout=seconds * 1000)

    def saved(self) -> None:
        self.page.evaluate("maskwright.saved()")
        self.expect_state("saved")


def rectangle(size: tuple[int, int], boxes: Sequence[tuple[int, int, int, int, int]]) -> np.ndarray:
    """A mask of boxes (x0, y0, x1, y1, label) on void."""
    mask = np.full(size, VOID, np.uint8)
    for x0, y0, x1, y1, label in boxes:
        mask[y0:y1, x0:x1] = label
    return mask


def count(mask: np.ndarray) -> dict[int, int]:
    values, counts = np.unique(mask, return_counts=True)
    return dict(zip(values.tolist(), counts.tolist(), strict=True))
