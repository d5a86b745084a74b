"""Where a text may be cut: not inside a joined emoji, a flag, a letter with its accents, or CR LF.

Follows the extended grapheme clusters of Unicode Standard Annex 29 as far as ``unicodedata`` carries: marks, joiners, variation selectors, skin
tones, flags and Hangul syllables. Prepended marks of Indic scripts are not looked at.
"""

import unicodedata

_ZERO_WIDTH_JOINER = "\u200d"
_MARKS = frozenset({"Mn", "Me", "Mc"})
_LONGEST = 64  # code points: longer runs of marks are decoration, and may be cut


def _extends(character: str) -> bool:
    code = ord(character)
    return (
        character == _ZERO_WIDTH_JOINER
        or 0x1F3FB <= code <= 0x1F3FF  # skin tones
        or 0xE0020 <= code <= 0xE007F  # tags, as in the flag of Scotland
        or (code > 0x2FF and unicodedata.category(character) in _MARKS)  # variation selectors and keycaps too
    )


def _is_flag_letter(character: str) -> bool:
    return 0x1F1E6 <= ord(character) <= 0x1F1FF


def _hangul(character: str) -> str:
    """Return L, V or T for a conjoining part of a Hangul syllable, S for a whole one, else nothing."""
    code = ord(character)
    if 0xAC00 <= code <= 0xD7A3:
        return "S"
    if 0x1100 <= code <= 0x115F or 0xA960 <= code <= 0xA97C:
        return "L"
    if 0x1160 <= code <= 0x11A7 or 0xD7B0 <= code <= 0xD7C6:
        return "V"
    return "T" if 0x11A8 <= code <= 0x11FF or 0xD7CB <= code <= 0xD7FB else ""


_HANGUL_PAIRS = frozenset({"LL", "LV", "LS", "VV", "VT", "SV", "ST", "TT"})


def is_boundary(text: str, index: int) -> bool:
    """Tell whether the text may be cut before ``text[index]``."""
    if index <= 0 or index >= len(text):
        return True
    before, after = text[index - 1], text[index]
    if after < "\u0300":
        return not (before == "\r" and after == "\n")
    if _extends(after) or before == _ZERO_WIDTH_JOINER:
        return False
    if _is_flag_letter(after):
        letters = 0
        while letters < index and _is_flag_letter(text[index - 1 - letters]):
            letters += 1
        return letters % 2 == 0
    return _hangul(before) + _hangul(after) not in _HANGUL_PAIRS


def boundary_at_or_before(text: str, index: int) -> int:
    """Return the last place up to ``index`` where the text may be cut; ``index`` itself when there is none within 64 code points."""
    for place in range(index, max(index - _LONGEST, -1), -1):
        if is_boundary(text, place):
            return place
    return index


def first(text: str, count: int) -> str:
    """Return the first ``count`` characters as a reader counts them."""
    place = 0
    for _ in range(count):
        if place >= len(text):
            return text
        start = place
        place += 1
        while place - start < _LONGEST and not is_boundary(text, place):
            place += 1
    return text[:place]
