"""Messages that are none of a brand's business: what people say to any account all day, shipped, to learn what "none of ours" sounds like."""

from functools import cache
from importlib import resources

from intents.matching.normalise import normalise, without_spaces


@cache
def shipped_foreign() -> tuple[str, ...]:
    """Return the everyday foreign messages of the release, Chinese and English, as messages are compared."""
    folder = resources.files("intents.matching")
    lines = [folder.joinpath(name).read_text("utf-8").splitlines() for name in ("foreign_zh.txt", "foreign_en.txt")]
    return tuple(without_spaces(normalise(line).text) for line in lines[0] + lines[1])
