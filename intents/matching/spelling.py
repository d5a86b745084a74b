"""Latin words as thumbs write them, in words that a brand's phrases know: ordr and whr, u and pls, wheresmy.

Only a word is touched that no phrase has and that is no everyday word either: then it may be short for one (a small glossary), one letter away from one,
or two of them run together. What nothing known comes near stays as it is, and speaks for being foreign.
"""

import re
from collections.abc import Iterable
from functools import cache, lru_cache

from rapidfuzz import process
from rapidfuzz.distance import OSA

from intents.matching.foreign import shipped_foreign

SHORTEST_MISSPELT, SHORTEST_RUN_ON, SHORTEST_PART = 4, 6, 2  # letters
MOST_NEAR = 3
MOST_REMEMBERED = 4096  # words

_WORD = re.compile(r"[a-z0-9]+")
# What is short for a word, or Hindi for it in Latin letters, as it is mixed into English.
_SHORT = {
    "you": "u yu ya",
    "your": "ur yr tumhara aapka",
    "are": "r",
    "please": "pls plz plss plzz",
    "where": "whr wher kaha kahan kidhar",
    "what": "wat wht wt kya",
    "how": "hw kaise kese",
    "when": "wen whn kab",
    "why": "y kyu kyun kyon",
    "who": "kaun kon",
    "much": "mch kitna kitne kitni",
    "is": "iz hai h",
    "to": "2",
    "for": "4",
    "the": "d da teh",
    "want": "wnt wana wanna chahiye chaiye",
    "can": "cn sakta sakte",
    "about": "abt",
    "know": "knw kno",
    "my": "mera meri mere",
    "i": "mujhe muje",
    "not": "nt nahi nhi nai",
    "do": "karo karna",
    "account": "acc acct ac",
    "does": "dos",
    "have": "hv hav",
    "need": "ned",
    "and": "n nd aur",
    "because": "coz cuz bcz bcoz",
    "today": "2day tdy aaj",
    "tomorrow": "tmrw tmr tmw kal",
    "with": "wid wth",
    "will": "wil",
    "get": "gt milega",
    "that": "dat",
    "this": "dis ths",
    "there": "der thr",
    "they": "dey",
    "message": "msg",
    "number": "num nbr",
    "amount": "amt",
    "money": "paisa paise",
    "back": "wapas",
    "tell": "batao",
    "time": "tym",
    "thanks": "thx thnx tnx ty",
    "good": "gud",
    "before": "b4",
    "now": "abhi",
    "order": "ordr odr",
    "people": "ppl",
    "problem": "prob prblm",
    "address": "addr",
    "minutes": "mins min",
    "delivery": "dlvry delvry",
    "received": "rcvd recvd",
    "discount": "disc",
    "available": "avail avl",
    "information": "info",
    "details": "dtls detls",
}
_SPELT_OUT = {short: word for word, shorts in _SHORT.items() for short in shorts.split()}


class Spelling:
    """Knows the words of some phrases; never changes once made."""

    def __init__(self, words: Iterable[str]) -> None:
        """Learn the Latin words that phrases have."""
        self._words = frozenset(words)
        self._long = sorted(word for word in self._words if len(word) >= SHORTEST_MISSPELT)
        self._known = lru_cache(MOST_REMEMBERED)(self._in_known_words)

    def corrected(self, text: str) -> str:
        """Return a normalised text with every word that is not known put into known ones, where that is clear."""
        return _WORD.sub(lambda found: self._known(found.group()), text)

    def _in_known_words(self, word: str) -> str:
        if word in self._words:
            return word
        if word in _SPELT_OUT:
            return _SPELT_OUT[word]
        if word in _everyday() or not word.isalpha():
            return word
        return self._one_letter_away(word) or self._run_together(word) or word

    def _one_letter_away(self, word: str) -> str | None:
        """Return the known word that is misspelt in one place; never in its first letter, which thumbs seldom miss.

        A word as short as cost may be another one with a letter changed, so that it must have lost one.
        """
        if len(word) < SHORTEST_MISSPELT:
            return None
        for known, _, _ in process.extract(word, self._long, scorer=OSA.distance, score_cutoff=1, limit=MOST_NEAR):
            if known[0] == word[0] and (len(word) > SHORTEST_MISSPELT or len(known) > len(word)):
                return str(known)
        return None

    def _run_together(self, word: str) -> str | None:
        """Return the two known words that are written as one; of several ways the one with the longer shorter part."""
        if len(word) < SHORTEST_RUN_ON:
            return None
        cuts = range(SHORTEST_PART, len(word) - SHORTEST_PART + 1)
        parts = [(word[:cut], word[cut:]) for cut in cuts if word[:cut] in self._words and word[cut:] in self._words]
        return " ".join(max(parts, key=lambda pair: min(map(len, pair)))) if parts else None


@cache
def _everyday() -> frozenset[str]:
    return frozenset(word for text in shipped_foreign() for word in _WORD.findall(text))
