"""The pictures that pretended phones send: drawn, each media id its own."""

from hashlib import sha256
from io import BytesIO

from PIL import Image, ImageDraw

_SIZE = (480, 360)


def drawn(media_id: str) -> bytes:
    """Return a JPEG of a cup on a table, in colours that belong to the media id."""
    digest = sha256(media_id.encode("utf-8", "replace")).digest()
    wall, table, cup = (tuple(80 + part % 150 for part in digest[at : at + 3]) for at in (0, 3, 6))
    image = Image.new("RGB", _SIZE, wall)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 250, *_SIZE), fill=table)
    draw.ellipse((255, 165, 335, 245), outline=cup, width=14)
    draw.rounded_rectangle((160, 140, 300, 270), radius=26, fill=cup)
    draw.ellipse((160, 128, 300, 160), fill=(92, 58, 36))
    into = BytesIO()
    image.save(into, "JPEG", quality=85)
    return into.getvalue()
