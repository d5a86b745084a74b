"""Pictures from outside are made anew, and whatever is no picture is refused."""

import zipfile
import zlib
from io import BytesIO

import pytest
from PIL import Image

from bot.pictures import LONGEST_SIDE, MOST_BYTES, BadPicture, media_type_of, remade

HIDDEN = b"<script>alert(1)</script>"


def picture(kind: str = "JPEG", size: tuple[int, int] = (40, 30), mode: str = "RGB", **options: object) -> bytes:
    into = BytesIO()
    Image.new(mode, size, (200, 30, 30, 128)[: len(mode)] if mode != "P" else 1).save(into, kind, **options)
    return into.getvalue()


def animation(frames: int, size: tuple[int, int] = (8, 8)) -> bytes:
    into = BytesIO()
    images = [Image.new("RGB", size, (number % 256, 5 * number % 256, 0)) for number in range(frames)]
    images[0].save(into, "GIF", save_all=True, append_images=images[1:], duration=70)
    return into.getvalue()


def png_of(width: int, height: int) -> bytes:
    """A PNG that says it is huge and is a few bytes: a bomb."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")

    head = width.to_bytes(4, "big") + height.to_bytes(4, "big") + b"\x08\x02\x00\x00\x00"
    pixels = chunk(b"IDAT", zlib.compress(b"\x00" * 10_000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + pixels + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("kind", "name", "media_type"),
    [
        ("JPEG", "a.jpg", "image/jpeg"),
        ("JPEG", "a.b.JPEG", "image/jpeg"),
        ("PNG", "照片.png", "image/png"),
        ("GIF", "a.gif", "image/gif"),
    ],
)
def test_a_picture_stays_a_picture(kind: str, name: str, media_type: str) -> None:
    made = remade(picture(kind), name)
    assert (made.media_type, media_type_of(made.content)) == (media_type, media_type)
    with Image.open(BytesIO(made.content)) as image:
        assert (image.format, image.size) == (kind, (40, 30))


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "L", "1", "I;16"])
def test_every_kind_of_png_is_taken(mode: str) -> None:
    into = BytesIO()
    Image.new(mode, (9, 9)).save(into, "PNG")
    assert remade(into.getvalue(), "a.png").media_type == "image/png"


def test_what_a_file_holds_beside_the_picture_is_gone() -> None:
    exif = Image.Exif()
    exif[0x010E] = "made at 31.2304, 121.4737"
    original = picture("JPEG", exif=exif, comment=HIDDEN) + HIDDEN
    assert b"121.4737" in original
    made = remade(original, "a.jpg").content
    assert b"121.4737" not in made
    assert HIDDEN not in made


def test_a_picture_taken_sideways_stands_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    with Image.open(BytesIO(remade(picture("JPEG", exif=exif)).content)) as image:
        assert image.size == (30, 40)


def test_a_very_large_picture_is_made_smaller() -> None:
    with Image.open(BytesIO(remade(picture("JPEG", (5000, 100))).content)) as image:
        assert image.size == (LONGEST_SIDE, 82)


def test_an_animation_keeps_moving() -> None:
    with Image.open(BytesIO(remade(animation(5), "a.gif").content)) as image:
        assert getattr(image, "n_frames", 1) == 5


def zipped() -> bytes:
    into = BytesIO()
    with zipfile.ZipFile(into, "w") as file:
        file.writestr("a.txt", "x")
    return into.getvalue()


@pytest.mark.parametrize(
    ("content", "name", "reason"),
    [
        (b"", "a.jpg", "kind"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "a.svg", "kind"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "a.png", "kind"),
        (b"<!doctype html><script>1</script>", "a.html", "kind"),
        (b"%PDF-1.7", "a.pdf", "kind"),
        (b"BM" + b"\x00" * 60, "a.bmp", "kind"),
        (zipped(), "a.zip", "kind"),
        (picture("JPEG"), "a.png", "kind"),
        (picture("JPEG"), "a.jpg.html", "kind"),
        (picture("JPEG"), "jpg", "kind"),
        (picture("WEBP"), "a.webp", "kind"),
        (picture("JPEG")[:200], "a.jpg", "not_a_picture"),
        (b"\xff\xd8\xff" + HIDDEN, "a.jpg", "not_a_picture"),
        (b"\x89PNG\r\n\x1a\n" + HIDDEN, "a.png", "not_a_picture"),
        (b"GIF89a" + HIDDEN, "a.gif", "not_a_picture"),
        (b"GIF8", "a.gif", "not_a_picture"),
        (picture("JPEG") + b"\x00" * MOST_BYTES, "a.jpg", "too_large"),
        (png_of(100_000, 100_000), "a.png", "too_many_pixels"),
        (png_of(8_000, 5_001), "a.png", "too_many_pixels"),
        (png_of(2_000, 2_000), "a.png", "not_a_picture"),
        (animation(401, (1, 1)), "a.gif", "too_many_pixels"),
    ],
)
def test_what_is_no_picture_is_refused(content: bytes, name: str, reason: str) -> None:
    with pytest.raises(BadPicture) as caught:
        remade(content, name)
    assert caught.value.reason == reason
