"""Write intents/matching/readings.txt anew: how each common Chinese character is read, from pypinyin.

The table is shipped so that the service need not load pypinyin, which takes 50 MB and a fifth of a second.
"""

from collections import defaultdict
from pathlib import Path

from pypinyin import lazy_pinyin

TABLE = Path(__file__).parents[1] / "intents" / "matching" / "readings.txt"
FIRST, LAST = 0x4E00, 0x9FFF


def table() -> str:
    """Return the table: a syllable and its characters a line, tones left out, of characters with several readings the commonest."""
    by_syllable: dict[str, list[str]] = defaultdict(list)
    for code in range(FIRST, LAST + 1):
        character = chr(code)
        try:
            character.encode("gb2312")  # the 6,763 in use; Traditional ones are made Simplified before they are read
        except UnicodeEncodeError:
            continue
        for syllable in lazy_pinyin(character, errors="ignore", v_to_u=False):
            by_syllable[syllable].append(character)
    return "".join(f"{syllable} {''.join(characters)}\n" for syllable, characters in sorted(by_syllable.items()))


if __name__ == "__main__":
    TABLE.write_text(table(), "utf-8")
