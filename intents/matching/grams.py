"""What two texts are compared by: single characters and pairs of Chinese, whole words and word pairs of other scripts."""

import re
from itertools import pairwise

_RUNS = re.compile(
    r"[\u3400-\u4dbf\u4e00-\u9fff\ue000-\uf8ff\U00020000-\U0003ffff]+|[^\W\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff]+"
)


def grams(text: str) -> list[str]:
    """Return each gram of a normalised text once, in order of appearance.

    Pairs of words carry a space between; a Chinese word is never split from its neighbours by guessing where words end, as characters
    and their pairs know more of short messages than a word splitter does.
    """
    found: dict[str, None] = {}
    before = ""
    for run in _RUNS.findall(text):
        if run[0] < "\u3400":
            found[run] = None
            if before:
                found[f"{before} {run}"] = None
            before = run
        else:
            before = ""
            found.update(dict.fromkeys(run))
            found.update(dict.fromkeys(map("".join, pairwise(run))))
    return list(found)
