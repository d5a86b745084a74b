"""Sheets of QR codes: what is drawn is what a reader would see, and letters that nobody can draw are told."""

import io
import os
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import segno
from PIL import Image

from bot import qr_sheet
from bot.qr_sheet import NoFont, Printed

URL = "http://weixin.qq.com/q/02AbCdEf"
CODES = [Printed(f"{URL}{number:02}", f"Table {number}", "scan me") for number in range(13)]
CHINESE = [Printed(URL, "静安寺店 3 号桌", "扫码领券 & <礼>")]


def read_back(page: Image.Image, corner: tuple[int, int]) -> list[list[int]]:
    """The modules of a code drawn with its left upper corner there, as dark or not at their middles."""
    left, top = corner
    side = round(48 / 25.4 * 300)
    box = page.crop((left, top, left + side, top + side))
    dark = box.point(lambda value: 255 - value).getbbox()
    assert dark is not None
    count = len(segno.make_qr(f"{URL}00", error="q").matrix)
    module = (dark[2] - dark[0]) / count
    assert module == int(module), "a module is a whole number of dots"
    places = [int((index + 0.5) * module) for index in range(count)]
    return [[int(box.getpixel((dark[0] + x, dark[1] + y)) == 0) for x in places] for y in places]


def test_a_code_on_the_page_reads_as_its_address() -> None:
    page = Image.open(io.BytesIO(qr_sheet.png(CODES, "")))
    assert page.size == (2480, 3508)
    first = (round((12 + (62 - 48) / 2) / 25.4 * 300), round(12 / 25.4 * 300))
    assert read_back(page, first) == [list(row) for row in segno.make_qr(f"{URL}00", error="q").matrix]


def test_twelve_fit_on_a_page_and_the_next_begins_another() -> None:
    assert qr_sheet.pages_of(CODES) == 2
    pages = [ET.fromstring(qr_sheet.svg(CODES, page)) for page in (1, 2)]
    drawn = [[path for path in page.iter() if path.tag.endswith("path")] for page in pages]
    assert [len(each) for each in drawn] == [12, 1]
    assert qr_sheet.pdf(CODES, "").count(b"/Type /Page\n") == 2


def test_the_vector_picture_has_each_dark_module_and_the_words() -> None:
    page = ET.fromstring(qr_sheet.svg(CHINESE))
    [path] = [each for each in page.iter() if each.tag.endswith("path")]
    dark = sum(sum(row) for row in segno.make_qr(URL, error="q").matrix)
    assert path.attrib["d"].count("M") == dark
    assert [each.text for each in page.iter() if each.tag.endswith("text")] == ["静安寺店 3 号桌", "扫码领券 & <礼>"]


def test_chinese_without_a_font_is_refused_with_what_to_do(tmp_path: Path) -> None:
    for file in (str(tmp_path / "none.ttf"), __file__):
        with pytest.raises(NoFont, match="apt-get install fonts-wqy-zenhei"):
            qr_sheet.png(CHINESE, file)


def test_chinese_is_drawn_where_a_font_is_installed() -> None:
    try:
        page = Image.open(io.BytesIO(qr_sheet.png(CHINESE, os.environ.get("SHEET_FONT", ""))))
    except NoFont:
        pytest.skip("no font with Chinese letters on this machine")
    below = page.crop((0, round(62 / 25.4 * 300), page.width, round(76 / 25.4 * 300)))
    assert below.point(lambda value: 255 - value).getbbox() is not None
