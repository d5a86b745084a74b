"""Where one wish ends and the next begins: the clauses of a message, and the words around a keyword in a long one without a comma."""

import re
from collections.abc import Sequence

from intents.matching.rules import Hit

MOST_CLAUSES = 4
SHORTEST = 2  # characters of a clause that can be a wish
LONG = 16  # characters from which a message is looked at around its keywords
BEFORE, AFTER = 5, 4  # characters around a keyword that belong to its wish

_JOINT = re.compile(
    r"(?:顺便|另外|还有就是|以及|然后|而且|并且|对了|再问一?下|还想问一?下?|and also|also)(?:再?问一?下|请问|想问|说一?下)?"
)
# 昨天在门店买了面包: what happened is told, nothing is asked.
_TOLD = re.compile(r"刚才|刚刚|昨天|昨晚|前天|上次|上周|上个月|[买去喝吃点到收拿订](?:了|过)")
_LISTED = re.compile(r"和|跟|与|及|加上")
_WISHING = re.compile(r"^(?:我(?:还)?(?:想|要|想要)|帮我|给我|请|麻烦)")
_LATIN = re.compile(r"[0-9a-z]")


def clauses(text: str) -> list[str]:
    """Return the clauses of a normalised text, fewer than two of them as none; English is parted at its joints alone."""
    spaced = text if _LATIN.search(text) else text.replace(" ", "\n")
    found = [part.strip() for part in _JOINT.sub("\n", spaced).split("\n")]
    kept = [part for part in found if len(part) >= SHORTEST]
    return kept[:MOST_CLAUSES] if len(kept) > 1 else []


def listed(text: str) -> list[str]:
    """Return what a normalised text joins by 和 or the like, without 我要 and 帮我; fewer than two as none. Most such texts list no wishes."""
    parts = [_WISHING.sub("", part.strip()) for part in _LISTED.split(text)]
    return parts if 1 < len(parts) <= MOST_CLAUSES and all(len(part) >= SHORTEST for part in parts) else []


def tells_a_story(clause: str) -> bool:
    """Say whether a clause tells what happened, so that beside a wish it is none of its own."""
    return _TOLD.search(clause) is not None


def around_keywords(text: str, hits: Sequence[Hit]) -> list[str]:
    """Return the words around each keyword of a long normalised text, strongest keyword first; of a short one nothing."""
    if len(text) <= LONG:
        return []
    windows = [
        text[max(0, hit.start - BEFORE) : hit.start + len(hit.rule.text) + AFTER] for hit in hits if not hit.declined
    ]
    return list(dict.fromkeys(windows))[:MOST_CLAUSES]
