"""A real browser for tests: Chromium without a window, and what it complained about."""

import os
import shutil
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Dialog,
    Error,
    Page,
    Playwright,
    Request,
    expect,
    sync_playwright,
)
from werkzeug.serving import make_server

# The headless shell is the same engine without the window's parts: it takes a quarter less time.
_PLACES = (
    "/usr/bin/chromium-headless-shell",
    "/usr/bin/chromium",
    "/usr/bin/chromium-browser",
    "/usr/bin/google-chrome",
)
_HOW_TO_GET_ONE = (
    "No Chromium found. As root: apt-get install chromium-headless-shell. Otherwise: .venv/bin/playwright install --only-shell chromium. "
    "Or set CHROMIUM to its path."
)
WIDE, NARROW = (1280, 860), (390, 844)  # windows: a desk's and a phone's
_LAYOUT_SECONDS = 5.0  # for a page to fit a window that has another width now
_PATIENCE_MS = 30_000  # what a page may take to come to what is expected of it, on a machine that others use as well
expect.set_options(timeout=_PATIENCE_MS)
# What htmx says when a request was overtaken by the next of the same part, as it should be; one that failed is called htmx:sendError or :responseError too.
_OVERTAKEN = ("htmx:sendAbort", "htmx:afterRequest")
_ARGUMENTS = ["--no-sandbox", "--disable-dev-shm-usage"]


def chromium_path() -> str | None:
    """Return where Chromium is: what CHROMIUM names, or the system's own; None when only Playwright may have one."""
    named = os.environ.get("CHROMIUM")
    candidates = [named] if named else [*_PLACES, shutil.which("chromium") or ""]
    return next((path for path in candidates if path and Path(path).is_file()), None)


def launch(playwright: Playwright) -> Browser:
    """Start Chromium, or fail with a sentence that says how to get one."""
    try:
        return playwright.chromium.launch(executable_path=chromium_path(), args=_ARGUMENTS)
    except Error as error:
        pytest.fail(f"{_HOW_TO_GET_ONE} ({str(error).splitlines()[0]})", pytrace=False)


@dataclass
class Complaints:
    """What a page complained about: errors on the console (a refused inline style is one), failed requests, dialogs nobody asked for."""

    heard: list[str] = field(default_factory=list)

    def listen(self, page: Page) -> None:
        """Hear every complaint of the page from now on."""
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self.heard.append(f"exception: {error}"))
        page.on("requestfailed", self._on_failed)
        page.on("dialog", self._on_dialog)

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not message.text.startswith(_OVERTAKEN):
            self.heard.append(f"{message.type}: {message.text}")

    def _on_failed(self, request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # which only means that the page was left while it was loading
            self.heard.append(f"failed: {request.url} {request.failure}")

    def _on_dialog(self, dialog: Dialog) -> None:
        self.heard.append(f"dialog: {dialog.message}")
        dialog.dismiss()


@contextmanager
def launched() -> Iterator[Browser]:
    """Run a Chromium for a while."""
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


def new_page(
    chromium: Browser, complaints: Complaints, size: tuple[int, int], *, address: str = "", session: str = ""
) -> Page:
    """Return an empty page of a new person, in a window of this size; of somebody who is signed in at the address when a session is given."""
    context = chromium.new_context(viewport={"width": size[0], "height": size[1]}, locale="zh-CN")
    if session:
        context.add_cookies([{"name": "zhaohu", "value": session, "url": address}])
    page = context.new_page()
    page.set_default_timeout(_PATIENCE_MS)
    complaints.listen(page)
    return page


@contextmanager
def served(app: Flask, port: int = 0) -> Iterator[str]:
    """Serve an app on a free port of this machine for a while, or on this one; gives its address."""
    server = make_server("127.0.0.1", port, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def sideways(page: Page) -> int:
    """Return how many pixels the page is wider than its window; 0 when nothing has to be scrolled sideways."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


def fits(page: Page) -> bool:
    """Say whether the page has to be scrolled sideways neither on a desk nor on a phone; the window is then as wide as before."""
    before = page.viewport_size
    assert before is not None
    fitting = []
    for width in (WIDE[0], NARROW[0]):
        page.set_viewport_size({"width": width, "height": before["height"]})
        fitting.append(_comes_to_fit(page, width))
    page.set_viewport_size(before)
    return all(fitting)


def _comes_to_fit(page: Page, width: int) -> bool:
    """Say whether a window that is made this wide soon shows the whole width of its page: it is laid out anew only after a while."""
    ends = time.monotonic() + _LAYOUT_SECONDS
    while page.evaluate("innerWidth") != width or sideways(page) > 0:
        if time.monotonic() > ends:
            return False
        page.wait_for_timeout(50)
    return True


def main() -> int:
    """Return 0 when a Chromium can be started, 1 when not: ``python -m tests.browser``."""
    with sync_playwright() as playwright:
        try:
            playwright.chromium.launch(executable_path=chromium_path(), args=_ARGUMENTS).close()
        except Error:
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
