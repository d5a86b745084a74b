"""Pictures from outside, made anew: whatever a file held beside the picture (places, scripts, a second file) is gone afterwards.

BadPicture    it is none, of a kind that is not taken, or too large; ``reason`` says which
"""

import threading
from dataclasses import dataclass
from io import BytesIO
from typing import Literal

from PIL import Image, ImageOps, ImageSequence, UnidentifiedImageError

MOST_BYTES = 10 * 1024 * 1024
MOST_PIXELS = 40_000_000  # of all frames together
MOST_FRAMES = 400
LONGEST_SIDE = 4096  # no phone shows more
Reason = Literal["not_a_picture", "kind", "too_large", "too_many_pixels"]
_ENDINGS = {"JPEG": (".jpg", ".jpeg"), "PNG": (".png",), "GIF": (".gif",)}
_STARTS = {"JPEG": b"\xff\xd8\xff", "PNG": b"\x89PNG\r\n\x1a\n", "GIF": b"GIF8"}
_MEDIA_TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "GIF": "image/gif"}
Image.MAX_IMAGE_PIXELS = None  # ours is the stricter limit, and raises nothing that a warning filter could change
_AT_ONCE = threading.BoundedSemaphore(2)  # one of 40 megapixels takes a few hundred megabytes while it is read


class BadPicture(Exception):
    """This cannot be taken as a picture."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that is nothing else: its bytes, media type (``image/jpeg``) and file ending (``jpg``)."""

    content: bytes
    media_type: str
    ending: str


def media_type_of(content: bytes) -> str | None:
    """Return the media type of a picture by how it begins, None when it is none that we take."""
    kind = next((kind for kind, start in _STARTS.items() if content.startswith(start)), None)
    return _MEDIA_TYPES[kind] if kind else None


def remade(content: bytes, name: str | None = None) -> Picture:
    """Return the picture of a file, made anew; its longest side is at most ``LONGEST_SIDE`` pixels.

    ``name`` is the file's name as it was uploaded, whose ending must fit; None for what was not uploaded. Raises BadPicture.
    """
    if len(content) > MOST_BYTES:
        raise BadPicture("too_large")
    kind = next((kind for kind, start in _STARTS.items() if content.startswith(start)), None)
    if kind is None or (name is not None and not name.lower().endswith(_ENDINGS[kind])):
        raise BadPicture("kind")
    with _AT_ONCE:
        made = _made_anew(content, kind)
    if len(made) > MOST_BYTES:
        raise BadPicture("too_large")
    return Picture(made, _MEDIA_TYPES[kind], _ENDINGS[kind][0].removeprefix("."))


def _made_anew(content: bytes, kind: str) -> bytes:
    try:
        with Image.open(BytesIO(content), formats=(kind,)) as image:
            frames = _frames(image) if kind == "GIF" else 1
            if image.width * image.height * frames > MOST_PIXELS:
                raise BadPicture("too_many_pixels")
            return _animation(image) if frames > 1 else _still(image, kind)
    except (
        UnidentifiedImageError,
        OSError,
        ValueError,
        SyntaxError,
        EOFError,
    ) as error:  # all that the library lets through
        raise BadPicture("not_a_picture") from error


def _frames(image: Image.Image) -> int:
    """Return how many frames there are; more than a few hundred are not counted, as that alone can take long. Raises BadPicture."""
    try:
        image.seek(MOST_FRAMES)
    except EOFError:
        image.seek(0)
        return int(getattr(image, "n_frames", 1))
    raise BadPicture("too_many_pixels")


def _still(image: Image.Image, kind: str) -> bytes:
    upright = ImageOps.exif_transpose(image)  # the orientation goes with the rest of what the camera noted
    upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    if kind == "JPEG":
        return _saved(upright.convert("RGB"), "JPEG", quality=88)
    clean = upright.convert("RGBA" if kind == "PNG" and upright.has_transparency_data else "RGB")
    return _saved(clean, kind)


def _animation(image: Image.Image) -> bytes:
    durations = [frame.info.get("duration", 100) for frame in ImageSequence.Iterator(image)]
    frames = [frame.convert("RGBA") for frame in ImageSequence.Iterator(image)]
    return _saved(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=durations, loop=0, disposal=2)


def _saved(image: Image.Image, kind: str, **options: object) -> bytes:
    image.info.clear()
    into = BytesIO()
    image.save(into, kind, **options)
    return into.getvalue()
