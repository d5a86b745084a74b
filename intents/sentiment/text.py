"""A message as the word list reads it: one script, one width, one case, every character still in its place."""

from intents.matching.normalise import to_simplified

LONGEST = 600  # characters, as for matching
_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20, 0xFE0F: 0x20}
_EVEN = {**_WIDE, **dict.fromkeys(range(0xD800, 0xE000), 0x20)}  # halves of characters: no converter takes them


def fold(text: str) -> str:
    """Return the text in simplified characters, narrow and small, as long as it was (of a very long one only the first ``LONGEST``)."""
    text = text[:LONGEST]
    narrow = text.translate(_EVEN)
    small = narrow.lower()
    if len(small) != len(narrow):
        small = "".join(char.lower() if len(char.lower()) == 1 else char for char in narrow)
    plain = small if small.isascii() else to_simplified(small)
    return plain if len(plain) == len(text) else small
