"""Judging one message: find words and patterns, hear what stands around them, add up.

Pure, a few dozen microseconds. The score runs from -1 to 1; a message is negative or positive when it is at least ``CLEAR`` away from 0.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

from intents.sentiment.clauses import Clause, clauses_of, turning_point
from intents.sentiment.learned import Example, Label, Learned, learned_as_shipped
from intents.sentiment.lexicon import Hit, find_words
from intents.sentiment.patterns import find_patterns
from intents.sentiment.text import fold
from storage.records import immutable

CLEAR = 0.35  # of the score: what one plain word of feeling reaches
STRONG = -0.65  # of the score: two such words, or one that is strong in itself
_ASKED = 0.25  # what is left of an opinion in a plain question
_LEARNED_COUNTS = 1.2  # of a leaning that is sure: a little more than what is clear
_LEAST_SHOWN = 0.1
_PRAISE_BESIDE_BLAME = 0.5
_MOST_KEPT, _MOST_KEPT_CHARS = 4096, 40
_CORRECTED: dict[Label, float] = {"negative": -1.0, "neutral": 0.0, "positive": 1.0}
_MARKS = re.compile(r"[\W_]+$|\s+")
_HALF = 1.5  # a sum of weights that is half of the longest score
_BEFORE, _BEFORE_ENGLISH = 7, 16  # characters in which a negation or a degree is looked for
_DENIES = re.compile(
    r"(?:不是|并不|并没有?|没有|不算|不太|不够|谈不上|算不上|称不上|毫无|毫不|绝不|从来?不|从来?没|从未|未|无|(?<!是)非(?!常)|没|不|(?<!特)(?<!差)(?<!区)(?<!级)别|莫)"
    r"(?:很|太|那么|这么|特别|非常|多|怎么|够|是|有|觉得|会|能|让我|让人|感到|感觉|什么|任何|一点|出现|发现|再|被|像|说|用|到|得)*"
    r"(?:点|些)?$|(?:\bnot|n't|\bnever|\bno|\bisnt|\bdont|\bdidnt|\bwasnt)\s(?:a |the |so |very |that |really |at all |even |any )*$"
)
_STRONGER = re.compile(
    r"(?:太|很|非常|超级?|特别|真的?是?|好|极其?|最|巨|贼|十分|相当|格外|尤其|那么|这么|如此|简直|实在|完全|越来越|更|"
    r"\b(?:so|very|really|too|super|extremely) )$"
)
_WEAKER = re.compile(r"(?:有点儿?|有些|稍微?|略微?|一点|还算|比较|\b(?:a bit|kinda|a little) )$")
_STRONGER_AFTER = re.compile(r"(?:得)?(?:死了|死|极了|爆了?|透了?|要命|要死|不行|不得了|到家|惨了|哭了)")
_OURSELVES = re.compile(
    r"(?<![给把让扣害对跟向替帮])(?:我们?|自己)(?:自己|这边|大概|可能|估计|应该|不小心|刚才|刚刚|今天|昨天|要|会|把.{1,4}){0,2}$"
)
_OWN = re.compile(r".错|错.|^晚|迟到|弄丢|弄坏|搞丢|超时|弄脏|洒了|碎了|忘|等")
_THING = re.compile(
    r"电话|渠道|入口|进度|流程|方式|邮箱|部门|中心|处理|建议|记录|标准|规则|政策|页面|功能|热线|平台|单号|热|要多久|地址|材料"
)
_DEGREE_IN_QUESTION = re.compile(r"(?:这么|那么|太|都|如此|还)$")


@immutable(frozen=True, slots=True)
class Evidence:
    """A stretch of the message that says how it feels: its place, the words as they were typed, what they weigh here (below 0 is bad)."""

    start: int
    words: str
    weight: float


@immutable(frozen=True, slots=True)
class Sentiment:
    """How a message sounds: the label, a score from -1 to 1, and why, in the order of the text."""

    label: Label
    score: float
    evidence: tuple[Evidence, ...] = ()


class Judge:
    """Tells how messages sound; never changes once made, so threads may share it. What staff said of a text counts for the equal text."""

    def __init__(self, corrections: Iterable[Example] = (), learned: Learned | None = None) -> None:
        """Take over what staff said of texts, oldest first: the newest word on a text counts. ``learned`` is by default what was shipped."""
        self._corrected = {_key(text): label for text, label in corrections}
        self._learned = learned or learned_as_shipped()
        self._kept = lru_cache(_MOST_KEPT)(self._judge)
        self._judge("")  # reads the lists now: no message waits for them

    def judge(self, text: str) -> Sentiment:
        """Return how a message sounds. Any text is accepted; that of short ones, which come again, is kept."""
        return self._kept(text) if len(text) <= _MOST_KEPT_CHARS else self._judge(text)

    def _judge(self, text: str) -> Sentiment:
        found = judge(text, self._learned)
        label = self._corrected.get(_key(text)) if self._corrected else None
        return found if label is None else Sentiment(label, _CORRECTED[label], found.evidence)


def _key(text: str) -> str:
    return _MARKS.sub("", fold(text))


def judge(text: str, learned: Learned) -> Sentiment:
    """Return how a message sounds by its words and by what was learned."""
    folded = fold(text)
    hits = find_words(folded, find_patterns(folded))
    weights = weigh(folded, hits)
    leaning = _LEARNED_COUNTS * learned.margin(folded) if folded.strip() else 0.0
    score = score_of(sum(weights) + leaning)
    evidence = [
        Evidence(hit.start, text[hit.start : hit.end], round(weight, 2))
        for hit, weight in zip(hits, weights, strict=True)
        if abs(weight) >= _LEAST_SHOWN
    ]
    label = label_of(score)
    if label != "neutral" and not evidence and (run := learned.strongest(folded, negative=score < 0)):
        start = folded.index(run)
        evidence.append(Evidence(start, text[start : start + len(run)], round(leaning, 2)))
    return Sentiment(label, score, tuple(evidence))


def score_of(total: float) -> float:
    """Return a sum of weights as a score from -1 to 1."""
    return round(total / (abs(total) + _HALF), 3)


def label_of(score: float) -> Label:
    """Return the label of a score."""
    return "negative" if score <= -CLEAR else "positive" if score >= CLEAR else "neutral"


def weigh(text: str, hits: list[Hit]) -> list[float]:
    """Return what each hit weighs where it stands."""
    if not hits:
        return []
    blanked = _without(text, hits)
    clauses = clauses_of(text, blanked)
    weights = []
    number = 0
    for hit in hits:
        while number + 1 < len(clauses) and clauses[number + 1].start <= hit.start:
            number += 1
        weights.append(_weight(text, hit, clauses[number]) if clauses else hit.weight)
    point = turning_point(blanked)
    _turn(weights, hits, point)
    if point is None:
        _mind_blame(weights)
    _hear_irony(weights, hits, asked=any(clause.asks for clause in clauses), turned=point is not None)
    return weights


def _without(text: str, hits: list[Hit]) -> str:
    for hit in hits:
        if hit.kind != "plain":
            text = text[: hit.start] + "\x00" * (hit.end - hit.start) + text[hit.end :]
    return text


def _weight(text: str, hit: Hit, clause: Clause) -> float:
    """Return what a hit weighs in its clause: by its kind, negated or not, stronger or weaker."""
    if hit.kind in ("plain", "outcry"):
        return hit.weight
    if _is_either_or(text, hit):
        return 0.0
    reach = _BEFORE_ENGLISH if text[hit.start].isascii() else _BEFORE
    before = text[max(clause.start, hit.start - reach) : hit.start]
    if hit.kind == "fault":
        return _fault(text, hit, clause, before)
    if hit.kind == "demand":
        denied = clause.asks or clause.supposes or _THING.match(text, hit.end) or _DENIES.search(before)
        return 0.0 if denied else hit.weight
    if hit.kind == "thanks":
        return hit.weight
    return _feeling(text, hit, clause, before)


def _is_either_or(text: str, hit: Hit) -> bool:
    """Say whether a word is but the second half of a question like 退不退."""
    start = hit.start
    return text[start] in "不没" and 0 < start < len(text) - 1 and text[start - 1] == text[start + 1]


def _fault(text: str, hit: Hit, clause: Clause, before: str) -> float:
    if _DENIES.search(before) or clause.supposes:
        return 0.0
    if _OURSELVES.search(before) and _OWN.search(text, hit.start, hit.end):
        return 0.0
    if 0 <= clause.why <= hit.start:
        return hit.weight * 0.7
    return hit.weight * 0.15 if clause.asks else hit.weight


def _feeling(text: str, hit: Hit, clause: Clause, before: str) -> float:
    weight = hit.weight
    if _DENIES.search(before):
        weight *= -0.4 if weight < 0 else -0.9
    elif _STRONGER.search(before) or _STRONGER_AFTER.match(text, hit.end):
        weight *= 1.3
    elif _WEAKER.search(before):
        weight *= 0.7
    if clause.supposes:
        return weight * 0.1
    if clause.asks and not (weight < 0 and _is_outcry(text, hit, clause, before)):
        return weight * _ASKED
    return weight


def _is_outcry(text: str, hit: Hit, clause: Clause, before: str) -> bool:
    """Say whether a question only looks like one: it asks why something is so bad, or how anything can be."""
    much = text.startswith(("这么", "那么"), hit.start) or _DEGREE_IN_QUESTION.search(before) is not None
    return much or 0 <= clause.why <= hit.start


def _turn(weights: list[float], hits: list[Hit], point: int | None) -> None:
    """Let what comes after "but" count more than what came before it."""
    if point is None or not any(hit.start >= point and weight for hit, weight in zip(hits, weights, strict=True)):
        return
    for number, hit in enumerate(hits):
        weights[number] *= 1.4 if hit.start >= point else 0.4


def _mind_blame(weights: list[float]) -> None:
    """Let blame count more than the praise beside it: who praises and blames in one breath wants something mended."""
    if any(weight <= -0.9 for weight in weights):
        for number, weight in enumerate(weights):
            weights[number] = weight * _PRAISE_BESIDE_BLAME if weight > 0 else weight


def _hear_irony(weights: list[float], hits: list[Hit], *, asked: bool, turned: bool) -> None:
    """Turn thanks and praise round where something went wrong and no "but" stands between; thanks in a question are mere politeness."""
    bad = sum(weight for weight in weights if weight < 0)
    for number, hit in enumerate(hits):
        if hit.kind in ("thanks", "wry") and weights[number] > 0 and bad <= -0.7 and not turned:
            weights[number] = -0.5
        elif hit.kind == "thanks" and asked:
            weights[number] = 0.0
