"""Printable sheets of QR codes: A4 pages of twelve, each with its name and caption, as SVG, PNG or PDF.

SVG leaves the letters to whoever shows it; PNG and PDF are drawn here and need a font that has them.

    NoFont    no font here has Chinese letters
"""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

import segno
from PIL import Image, ImageDraw, ImageFont

COLUMNS, ROWS = 3, 4
PER_PAGE = COLUMNS * ROWS
DOTS_PER_INCH = 300
_PAGE_MM = (210.0, 297.0)
_MARGIN_MM, _CODE_MM = 12.0, 48.0
_NAME_MM, _CAPTION_MM = 4.6, 3.4  # height of the letters
_QUIET = 4  # modules of white around a code, as the standard asks
_FONTS = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/google-noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
    "/System/Library/Fonts/PingFang.ttc",
    "/System/Library/Fonts/STHeiti Medium.ttc",
    "C:/Windows/Fonts/msyh.ttc",
)
_SVG_FONTS = "'PingFang SC','Microsoft YaHei','Noto Sans CJK SC','WenQuanYi Zen Hei',sans-serif"
Font = ImageFont.FreeTypeFont


@dataclass(frozen=True, slots=True)
class Printed:
    """One code of a sheet: what the picture says, and the two lines below it."""

    url: str
    name: str
    caption: str = ""


class NoFont(Exception):
    """No font here has the letters of the captions."""

    def __init__(self) -> None:
        super().__init__(
            "no font with Chinese letters was found: install one (Debian: apt-get install fonts-wqy-zenhei), "
            "name one in SHEET_FONT, or take SVG"
        )


def pages_of(codes: Sequence[Printed]) -> int:
    """Return how many pages a sheet has."""
    return max(1, -(-len(codes) // PER_PAGE))


def svg(codes: Sequence[Printed], page: int = 1) -> bytes:
    """Return one page as SVG, in the size of an A4 sheet."""
    width, height = _PAGE_MM
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}mm" height="{height:g}mm" viewBox="0 0 {width:g} {height:g}">',
        f'<rect width="{width:g}" height="{height:g}" fill="#fff"/><g text-anchor="middle" font-family="{_SVG_FONTS}" fill="#000">',
    ]
    for code, left, top in _placed(codes, page):
        modules = _modules(code.url)
        side = len(modules) + 2 * _QUIET
        path = "".join(
            f"M{x + _QUIET} {y + _QUIET}h1v1h-1z" for y, row in enumerate(modules) for x, dark in enumerate(row) if dark
        )
        middle, below = left + _CODE_MM / 2, top + _CODE_MM + _NAME_MM
        parts.append(f'<path transform="translate({left:g} {top:g}) scale({_CODE_MM / side:.5f})" d="{path}"/>')
        parts.append(
            f'<text x="{middle:g}" y="{below:g}" font-size="{_NAME_MM}" font-weight="bold">{escape(code.name)}</text>'
        )
        caption_at = below + _CAPTION_MM * 1.5
        parts.append(f'<text x="{middle:g}" y="{caption_at:g}" font-size="{_CAPTION_MM}">{escape(code.caption)}</text>')
    return "".join([*parts, "</g></svg>"]).encode()


def png(codes: Sequence[Printed], font_file: str, page: int = 1) -> bytes:
    """Return one page as PNG with 300 dots an inch. Raises NoFont."""
    out = io.BytesIO()
    _drawn(codes, page, _letters(codes, font_file)).save(out, "PNG", dpi=(DOTS_PER_INCH, DOTS_PER_INCH), optimize=True)
    return out.getvalue()


def pdf(codes: Sequence[Printed], font_file: str) -> bytes:
    """Return the whole sheet as PDF. Raises NoFont."""
    out, font = io.BytesIO(), _letters(codes, font_file)
    first, *others = [_drawn(codes, page, font) for page in range(1, pages_of(codes) + 1)]
    first.save(out, "PDF", resolution=DOTS_PER_INCH, save_all=True, append_images=others)
    return out.getvalue()


def _letters(codes: Sequence[Printed], font_file: str) -> Font:
    """Return a font that has every letter of the captions. Raises NoFont."""
    letters = sorted({letter for code in codes for letter in code.name + code.caption if not letter.isspace()})
    for file in (font_file,) if font_file else _FONTS:
        font = _opened(file)
        if font is not None and _has(font, letters):
            return font
    plain = ImageFont.load_default(_dots(_NAME_MM))
    if isinstance(plain, ImageFont.FreeTypeFont) and all(letter.isascii() for letter in letters):
        return plain
    raise NoFont


def _opened(file: str) -> Font | None:
    try:
        return ImageFont.truetype(file, _dots(_NAME_MM))
    except OSError:  # not there, or no font
        return None


def _has(font: Font, letters: Sequence[str]) -> bool:
    """Say whether a font has all these letters: one that it lacks looks like one that nobody has."""
    missing = bytes(font.getmask("\U0010fffd"))
    return not any(bytes(font.getmask(letter)) == missing for letter in letters)


def _drawn(codes: Sequence[Printed], page: int, font: Font) -> Image.Image:
    image = Image.new("L", (_dots(_PAGE_MM[0]), _dots(_PAGE_MM[1])), 255)
    draw = ImageDraw.Draw(image)
    small = font.font_variant(size=_dots(_CAPTION_MM))
    for code, left, top in _placed(codes, page):
        image.paste(_picture(code.url, _dots(_CODE_MM)), (_dots(left), _dots(top)))
        middle, below = _dots(left + _CODE_MM / 2), _dots(top + _CODE_MM)
        draw.text((middle, below), code.name, fill=0, font=font, anchor="ma")
        draw.text((middle, below + _dots(_NAME_MM * 1.4)), code.caption, fill=0, font=small, anchor="ma")
    return image


def _picture(url: str, side: int) -> Image.Image:
    """Return a code of about ``side`` dots, its modules whole dots."""
    modules = _modules(url)
    count = len(modules) + 2 * _QUIET
    image = Image.new("L", (count, count), 255)
    for y, row in enumerate(modules):
        for x, dark in enumerate(row):
            if dark:
                image.putpixel((x + _QUIET, y + _QUIET), 0)
    scale = side // count
    scaled = image.resize((count * scale, count * scale), Image.Resampling.NEAREST)
    framed = Image.new("L", (side, side), 255)
    framed.paste(scaled, ((side - scaled.width) // 2, (side - scaled.height) // 2))
    return framed


def _modules(url: str) -> tuple[bytearray, ...]:
    """Return the modules of a code row by row; a quarter of it may be dirty or torn."""
    return segno.make_qr(url, error="q").matrix


def _placed(codes: Sequence[Printed], page: int) -> Iterator[tuple[Printed, float, float]]:
    """Yield the codes of a page with the place of their left upper corner, in millimetres."""
    wide = (_PAGE_MM[0] - 2 * _MARGIN_MM) / COLUMNS
    high = (_PAGE_MM[1] - 2 * _MARGIN_MM) / ROWS
    for place, code in enumerate(codes[(page - 1) * PER_PAGE : page * PER_PAGE]):
        row, column = divmod(place, COLUMNS)
        yield code, _MARGIN_MM + column * wide + (wide - _CODE_MM) / 2, _MARGIN_MM + row * high


def _dots(millimetres: float) -> int:
    return round(millimetres / 25.4 * DOTS_PER_INCH)
