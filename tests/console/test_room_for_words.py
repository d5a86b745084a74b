"""Words have the room they need, in English too, which takes more of it."""

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from storage import stores
from storage.database import Database
from storage.sessions import start_session
from storage.stores import Store
from storage.users import RoleName, User
from tests.browser import NARROW, WIDE, Complaints, new_page, served
from tests.conftest import Clock

pytestmark = pytest.mark.browser


@pytest.fixture
def page(
    chromium: Browser, app: Flask, staff: dict[RoleName, User], database: Database, clock: Clock, complaints: Complaints
) -> Iterator[Page]:
    """A window of an administrator who reads English."""
    token = database.write(lambda tx: start_session(tx, staff["admin"].id, clock()))
    with served(app) as address:
        page = new_page(chromium, complaints, WIDE, address=address, session=token)
        page.goto(f"{address}/console/?lang=en")
        yield page
        page.context.close()


@pytest.mark.parametrize("size", [WIDE, NARROW])
def test_the_legend_of_a_chart_is_whole_and_shows_and_hides(
    page: Page, complaints: Complaints, size: tuple[int, int]
) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    names = page.locator(".chart-name")
    expect(names).to_have_text(["Answered", "Not understood", "Left to a person"])
    card = page.locator(".card", has=page.locator(".chart")).bounding_box()
    assert card is not None
    for name in names.all():
        box = name.bounding_box()
        assert box is not None
        assert card["x"] < box["x"]
        assert box["x"] + box["width"] < card["x"] + card["width"]
    names.nth(1).click()
    expect(names.nth(1)).to_have_attribute("aria-pressed", "false")
    names.nth(1).press("Enter")
    expect(names.nth(1)).to_have_attribute("aria-pressed", "true")
    assert complaints.heard == []


def test_what_is_chosen_does_not_run_under_the_arrow(page: Page) -> None:
    page.goto(page.url.partition("/console/")[0] + "/console/menu/")
    padding = page.locator(".menu-line select").evaluate_all(
        "boxes => boxes.map(box => parseFloat(getComputedStyle(box).paddingInlineEnd))"
    )
    assert padding
    assert min(padding) >= 32


def test_a_wide_table_is_moved_sideways_on_a_phone_instead_of_a_word_a_line(page: Page, database: Database) -> None:
    hours = "周一至周五 07:00-21:00; 周六周日 09:00-20:00"
    store = Store(
        "S1", "山茶咖啡（人民广场店）", "上海", "黄浦区", "南京西路 128 号 1 层", "021-0000-0001", 31.23, 121.47, hours
    )
    database.write(lambda tx: stores.import_stores(tx, [store]))
    page.set_viewport_size({"width": NARROW[0], "height": NARROW[1]})
    page.goto(page.url.partition("/console/")[0] + "/console/stores/")
    row = page.locator("#stores tbody tr").bounding_box()
    assert row is not None
    assert row["height"] < 90


def test_the_head_of_a_column_of_numbers_stands_where_they_stand(page: Page) -> None:
    page.goto(page.url.partition("/console/")[0] + "/console/intents/")
    table = page.locator(".table").first
    place = (
        table.locator("tbody tr")
        .first.locator("td")
        .evaluate_all("cells => cells.findIndex(cell => cell.classList.contains('number'))")
    )
    assert place > 0
    head = table.locator("thead th").nth(place)
    assert head.evaluate("head => getComputedStyle(head).textAlign") == "right"
