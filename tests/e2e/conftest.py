"""Chromium as the system has it, and pages that must stay free of errors and foreign requests."""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page

_EXPECTED = (
    "status of 409",
    "status of 422",
    "status of 503",
    "was preloaded using link preload",
)
"""Chromium logs every refused request as an error; these are answers the pages expect. And it warns
of the preloaded font where the machine is so slow that `font-display: optional` went without it."""

_DRIVER = "GL Driver Message"
"""Without a GPU Chromium reads a WebGL canvas back to show it, and says that this is slow."""


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict) -> dict:
    found = (shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome"))
    path = os.environ.get("MASKWRIGHT_TEST_CHROMIUM") or next(filter(None, found), None)
    quiet = ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
    arguments = {"args": ["--no-sandbox", *quiet]}
    return browser_type_launch_args | arguments | ({"executable_path": path} if path else {})


@dataclass
class Watch:
    """What went wrong on a page while nobody looked."""

    host: str
    errors: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)

    def on(self, page: Page) -> Page:
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("request", lambda request: self._request(request.url))
        return page

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not any(
            x in message.text for x in (*_EXPECTED, _DRIVER)
        ):
            self.errors.append(f"{message.text} at {message.location.get('url')}")

    def _request(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme.startswith("http") and parts.netloc != self.host:
            self.foreign.append(url)


@pytest.fixture
def watch(server) -> Iterator[Watch]:
    """Put pages `on` it; the test fails if one of them had an error or asked a third party."""
    watching = Watch(urlsplit(server.url).netloc)
    yield watching
    assert watching.errors == []
    assert watching.foreign == []


@pytest.fixture
def open_page(browser: Browser, server, watch: Watch) -> Iterator[Callable[..., Page]]:
    """Open a path of the server in a new window; options are those of a Playwright context."""
    contexts = []

    def open_(path: str, **options) -> Page:
        size = {"width": 1440, "height": 900}
        context = browser.new_context(base_url=server.url, **({"viewport": size} | options))
        contexts.append(context)
        page = watch.on(context.new_page())
        page.set_default_timeout(15_000)
        page.goto(path)
        return page

    yield open_
    for context in contexts:
        context.close()


@pytest.fixture
def api(server) -> Iterator[httpx.Client]:
    """A client of the server, to arrange with and to look behind the page."""
    with httpx.Client(base_url=server.url, timeout=30) as client:
        yield client
