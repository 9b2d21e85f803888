"""Every page in both themes: no error, no third party, no sideways scroll, named, readable."""

import pytest
from playwright.sync_api import Page, expect

from factories import create_project, jpeg, photograph

CONTRAST = """() => {
    const canvas = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
    const rgba = (color) => {
        canvas.clearRect(0, 0, 1, 1);
        canvas.fillStyle = color;
        canvas.fillRect(0, 0, 1, 1);
        return [...canvas.getImageData(0, 0, 1, 1).data];
    };
    const light = ([r, g, b]) => [r, g, b]
        .map((v) => v / 255)
        .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
        .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
    const behind = (element) => {
        for (let at = element; at; at = at.parentElement) {
            const color = rgba(getComputedStyle(at).backgroundColor);
            if (color[3] === 255) return color;
        }
        return rgba(getComputedStyle(document.documentElement).backgroundColor);
    };
    const poor = [];
    for (const element of document.querySelectorAll("body *")) {
        const own = [...element.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
        const off = element.closest(":disabled, [hidden], script, .sr-only, .skip-link, option");
        if (!own || off || !element.checkVisibility()) continue;
        const style = getComputedStyle(element);
        const [a, b] = [light(rgba(style.color)), light(behind(element))];
        const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        if (ratio < 4.5) poor.push(`${element.textContent.trim()}: ${ratio.toFixed(2)}`);
    }
    return poor;
}"""


@pytest.fixture(scope="module")
def paths(server) -> list[str]:
    import httpx

    with httpx.Client(base_url=server.url, timeout=30) as api:
        project = create_project(api, name="Looked at")
        files = [("files", (f"{i}.jpg", jpeg(photograph(64, 48, i)))) for i in range(3)]
        api.post(f"/api/v1/projects/{project['id']}/images", files=files)
    at = f"/projects/{project['id']}"
    return ["/", "/projects/new", at, f"{at}/labels", f"{at}/model", f"{at}/export", "/trash"]


NAMELESS = """() => [...document.querySelectorAll("button, a, input, select, textarea")]
    .filter((e) => e.checkVisibility())
    .filter((e) => !(e.ariaLabel || e.textContent.trim() || e.labels?.length))
    .map((e) => e.outerHTML)"""


def look(page: Page, width: int) -> None:
    """Assert that the page as it is now fits, has names for its controls, and is readable."""
    assert page.evaluate("document.documentElement.scrollWidth") <= width, page.url
    assert page.evaluate(NAMELESS) == [], page.url
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        assert page.evaluate(CONTRAST) == [], (page.url, theme)


@pytest.mark.parametrize("size", [(1440, 900), (1024, 768)], ids=["large", "small"])
def test_pages_are_clean(open_page, paths, size):
    width, height = size
    page = open_page(paths[0], viewport={"width": width, "height": height})
    for path in paths:
        page.goto(path)
        page.wait_for_load_state("networkidle")
        look(page, width)


@pytest.mark.parametrize("size", [(1440, 900), (1024, 768)], ids=["large", "small"])
def test_drafts_and_their_doubt_are_clean(open_page, paths, server, size):
    import httpx

    width, height = size
    gallery = paths[2]
    with httpx.Client(base_url=f"{server.url}/api/v1", timeout=30) as api:
        images = api.get(f"{gallery}/images").json()["items"]
        run = api.post(f"{gallery}/proposals", json={"image_ids": [i["id"] for i in images]})
        job = f"/jobs/{run.json()['id']}"
        api.post(f"{job}/pause")
        page = open_page(gallery, viewport={"width": width, "height": height})
        page.locator("#activity section[data-job]", has_text="Paused").wait_for()
        look(page, width)
        api.post(f"{job}/resume")
        section = page.locator("#activity section[data-job]", has_text="3 images drafted")
        section.wait_for(timeout=60_000)
        page.locator(".card-doubt:visible").first.wait_for()
    look(page, width)
    page.get_by_role("button", name="Any doubt").click()
    look(page, width)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Withdraw").click()
    look(page, width)


def test_the_theme_is_switched_and_kept(open_page):
    page = open_page("/", color_scheme="light")
    background = "getComputedStyle(document.documentElement).backgroundColor"
    light = page.evaluate(background)
    page.get_by_role("button", name="Switch between light and dark").click()
    dark = page.evaluate(background)
    page.goto("/trash")
    assert light != dark
    assert page.evaluate(background) == dark


def test_a_page_can_be_walked_through_by_keyboard(open_page, paths):
    page = open_page("/trash")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator(".brand")).to_be_focused()
