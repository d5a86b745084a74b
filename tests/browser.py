"""A real browser for tests: Chromium without a window, and what it complained about."""

import os
import shutil
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, ConsoleMessage, Dialog, Error, Page, Playwright, Request, sync_playwright
from werkzeug.serving import make_server

_PLACES = ("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")
_HOW_TO_GET_ONE = "No Chromium found. As root: apt-get install chromium. Otherwise: .venv/bin/playwright install chromium. Or set CHROMIUM to its path."
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
        if message.type in ("error", "warning"):
            self.heard.append(f"{message.type}: {message.text}")

    def _on_failed(self, request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # which only means that the page was left while it was loading
            self.heard.append(f"failed: {request.url} {request.failure}")

    def _on_dialog(self, dialog: Dialog) -> None:
        self.heard.append(f"dialog: {dialog.message}")
        dialog.dismiss()


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """Serve an app on a free port of this machine for a while; gives its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
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
