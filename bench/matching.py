"""How well and how fast messages are understood: ``python bench/matching.py`` prints the tables of docs/matching.md.

Everything is deterministic but the times; those are the best of several rounds on the machine at hand, so compare ratios, not seconds.
"""

import json
import time
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from rapidfuzz import fuzz, process

from intents.matching.evaluation import Described, Sample, choose_threshold, figures, learn, thresholds_for
from intents.matching.matcher import Matcher
from intents.matching.normalise import normalise
from intents.matching.places import Places
from intents.matching.slots import find_slots
from intents.types import Match

DATA = Path(__file__).parent / "brand_zh"
TODAY = date(2026, 1, 1)
ROUNDS = 7


def main() -> None:
    """Print both tables."""
    train = [Sample(row["id"], row["text"], row["intent"]) for row in rows("brand_zh_train.jsonl")]
    described = [Described(row["id"], row["name"], tuple(row["keywords"])) for row in rows("brand_zh_intents.jsonl")]
    messages = rows("brand_zh_dev.jsonl")
    matcher = learn(train, described, thresholds_for(0.6))
    quality(train, described, messages, matcher)
    speed(train, described, [row["text"] for row in messages], matcher)


def quality(train: list[Sample], described: list[Described], messages: list[dict[str, Any]], matcher: Matcher) -> None:
    """Print what is decided on the development messages, beside rapidfuzz alone."""
    clear = [row for row in messages if row["kind"] != "ambiguous"]
    samples = [Sample(row["id"], row["text"], row["intent"]) for row in clear]
    chosen = choose_threshold(train, described)
    ladders: list[tuple[str, Callable[[str], Match]]] = [
        ("rapidfuzz ratio alone", ratio_alone(train)),
        ("ladder, shipped threshold 0.6", lambda text: matcher.match(text, today=TODAY)),
        (
            f"ladder, threshold by cross-validation {chosen:.3f}",
            matched_with(learn(train, described, thresholds_for(chosen))),
        ),
    ]
    line = "{:<48}{:>9}{:>7}{:>7}{:>10}{:>8}{:>8}{:>9}{:>11}".format
    print(
        line(
            "brand set, development part",
            "accuracy",
            "top 3",
            "OSCR",
            "precision",
            "wrong",
            "helped",
            "foreign?",
            "ambiguous",
        )
    )
    for name, match in ladders:
        matches = [match(sample.text) for sample in samples]
        found = figures(samples, matches)
        pairs = list(zip(samples, matches, strict=True))
        answered = [(sample, one) for sample, one in pairs if one.intent]
        right = sum(sample.intent == one.intent for sample, one in answered)
        helped = sum(sample.intent is not None and sample.intent in (one.intent, *one.options) for sample, one in pairs)
        near = sum(sample.intent is not None and sample.intent in (one.guess, *one.options) for sample, one in pairs)
        asked = sum(sample.intent is None and bool(one.options) for sample, one in pairs)
        unclear = [(match(row["text"]), set(row["acceptable"])) for row in messages if row["kind"] == "ambiguous"]
        two = sum(one.intent is None and len(fitting & set(one.options)) >= 2 for one, fitting in unclear)
        cells = (
            found.accuracy,
            near / found.in_scope,
            found.oscr or 0.0,
            right / max(1, len(answered)),
            (len(answered) - right) / len(samples),
        )
        print(
            line(
                name,
                *(
                    f"{cell:.3f}"
                    for cell in (*cells, helped / found.in_scope, asked / found.foreign, two / len(unclear))
                ),
            )
        )
    print(
        "accuracy, top 3: right one first, or first or offered; precision: of the answered; wrong: of all messages; "
        "helped: in scope, answered or offered;\nforeign?: foreign messages asked back; ambiguous: asked back with two that fit\n"
    )


def speed(train: list[Sample], described: list[Described], texts: list[str], matcher: Matcher) -> None:
    """Print microseconds per message, whole and by step, and how the cost grows."""
    places = Places()
    plain = [normalise(text).text for text in texts]
    phrases = [normalise(sample.text).key for sample in train]
    print(f"{'microseconds per message, best of rounds':<48}{'µs':>9}")
    show("normalise", lambda: [normalise(text) for text in texts], len(texts))
    show("slots", lambda: [find_slots(text, places, TODAY) for text in plain], len(texts))
    show(
        "whole ladder, 23 intents, 322 phrases",
        lambda: [matcher.match(text, today=TODAY) for text in texts],
        len(texts),
    )
    show(
        "rapidfuzz extractOne ratio over 322 phrases",
        lambda: [process.extractOne(text, phrases, scorer=fuzz.ratio) for text in plain],
        len(texts),
    )
    for times in (5, 40):
        many = multiplied(train, times)
        large = matched_with(learn(many, described, thresholds_for(0.6)))
        show(
            f"whole ladder, {23 * times} intents, {len(many):,} phrases",
            partial(lambda match: [match(text) for text in texts], large),
            len(texts),
        )
    print(
        f"{'milliseconds to learn, 23 intents':<48}{best(lambda: learn(train, described, thresholds_for(0.6))) * 1e3:>9.1f}"
    )


def show(name: str, work: Callable[[], object], messages: int) -> None:
    """Print one line of the second table."""
    print(f"{name:<48}{best(work) * 1e6 / messages:>9.1f}")


def best(work: Callable[[], object]) -> float:
    """Return the seconds of the fastest of several rounds."""
    times = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return min(times)


def multiplied(train: list[Sample], times: int) -> list[Sample]:
    """Return the samples several times over, each copy an intent of its own with a word that tells it apart."""
    return [
        Sample(sample.id, f"{sample.text}{copy}号", f"{sample.intent}-{copy}")
        for copy in range(times)
        for sample in train
    ]


def ratio_alone(train: list[Sample]) -> Callable[[str], Match]:
    """Return the plainest matcher there is: the intent of the phrase with the highest rapidfuzz ratio, answered from 0.6 on."""
    phrases = [normalise(sample.text).key for sample in train]

    def match(text: str) -> Match:
        _, ratio, number = process.extractOne(normalise(text).key, phrases, scorer=fuzz.ratio)
        intent = train[number].intent
        return Match(intent if ratio >= 60 else None, ratio / 100, intent)

    return match


def matched_with(matcher: Matcher) -> Callable[[str], Match]:
    """Return the matcher as a function of the text alone."""
    return lambda text: matcher.match(text, today=TODAY)


def rows(name: str) -> list[dict[str, Any]]:
    """Return the objects of a file in ``bench/brand_zh``."""
    return [json.loads(line) for line in (DATA / name).read_text("utf-8").splitlines()]


if __name__ == "__main__":
    main()
