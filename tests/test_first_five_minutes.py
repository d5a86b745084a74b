"""A stranger's first five minutes, just so: the demo is started, a consumer asks for a person, an agent answers, an editor changes a reply."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import NARROW, WIDE, Complaints, fits, new_page
from tests.faults.web_process import free_port

_START_SECONDS = 60.0
_LOGIN = re.compile(r"^\s+(\w+)\s+(\S{4}-\S{4}-\S{4})\s", re.MULTILINE)


@dataclass
class Demo:
    """A running demo: its address, and the passwords it printed."""

    address: str
    passwords: dict[str, str]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    folder, port = tmp_path_factory.mktemp("demo"), free_port()
    printed = folder / "printed.txt"
    command = [str(Path(sys.executable).with_name("zhaohu")), "demo"]
    values = {**os.environ, "PORT": str(port), "LOG_LEVEL": "ERROR"}
    with printed.open("w") as out:
        process = subprocess.Popen(command, env=values, cwd=folder, stdout=out, start_new_session=True)
    address = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + _START_SECONDS
    while f"{address}/console/" not in printed.read_text() or len(_LOGIN.findall(printed.read_text())) < 5:
        assert time.monotonic() < deadline, printed.read_text()
        assert process.poll() is None, printed.read_text()
        time.sleep(0.05)
    yield Demo(address, dict(_LOGIN.findall(printed.read_text())))
    os.killpg(process.pid, signal.SIGTERM)
    process.wait(30)


def open_room(page: Page, demo: Demo, room: str, name: str) -> None:
    """Open a room of the staff and sign in at its door."""
    page.goto(demo.address + room)
    page.fill("input[name=name]", name)
    page.fill("input[name=password]", demo.passwords[name])
    page.press("input[name=password]", "Enter")
    page.wait_for_url(f"**{room}")


def say(phone: Page, words: str) -> None:
    """Type words on the phone and send them."""
    if not phone.locator("#text").is_visible():
        phone.locator('[data-foot="typing"]').first.click()
    phone.fill("#text", words)
    phone.press("#text", "Enter")


@pytest.mark.browser
@pytest.mark.slow
def test_a_stranger_sees_the_whole_loop(demo: Demo, chromium: Browser, complaints: Complaints) -> None:
    phone, other = new_page(chromium, complaints, NARROW), new_page(chromium, complaints, NARROW)
    agent, editor = new_page(chromium, complaints, WIDE), new_page(chromium, complaints, WIDE)

    phone.goto(f"{demo.address}/simulator/new")
    say(phone, "我要找人工")
    expect(phone.locator("#talk")).to_contain_text("人工客服")

    open_room(agent, demo, "/desk/", "linxia")
    agent.get_by_text("用户要求人工").last.click()
    agent.get_by_role("button", name="接入").first.click()
    answer = "您好，我是林夏"
    agent.locator("textarea").first.fill(answer)
    agent.locator("textarea").first.press("Enter")
    expect(phone.locator("#talk")).to_contain_text(answer)

    say(phone, "有人在真好")
    expect(agent.locator("main")).to_contain_text("有人在真好")

    open_room(editor, demo, "/console/", "shumo")
    editor.goto(f"{demo.address}/console/replies/thanks")
    editor.locator(".cm-content").click()
    editor.keyboard.press("Control+End")
    wish = "祝您有美好的一天"
    editor.keyboard.type(wish)
    editor.keyboard.press("Control+Enter")
    editor.locator("dialog, .modal").get_by_role("button", name="发布").last.click()
    expect(editor.locator("main")).to_contain_text("版本")

    other.goto(f"{demo.address}/simulator/new")
    say(other, "谢谢")
    expect(other.locator("#talk")).to_contain_text(wish)

    assert complaints.heard == []
    assert all(fits(page) for page in (phone, agent, editor))
