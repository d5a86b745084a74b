"""How well and how fast messages are understood: the tables of docs/matching.md.

``python -m bench.matching`` takes a minute. With ``--public FOLDER`` it judges ``clinc150.jsonl.gz`` and ``banking77.jsonl.gz`` found there as well (lines
``{"id", "text", "intent", "split"}``, split train, val or test): val by what was learned from train, and with ``--test`` the test part by train and val.
Everything is deterministic but the times; those are the best of several rounds on the machine at hand, so compare ratios, not seconds.
"""

import argparse
import gzip
import json
import time
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from rapidfuzz import fuzz, process

from intents.matching.decide import thresholds_for
from intents.matching.evaluation import TODAY, Described, Sample, choose_threshold, figures, learn
from intents.matching.matcher import Matcher
from intents.matching.normalise import normalise
from intents.matching.places import Places
from intents.matching.slots import find_slots
from intents.types import Match

DATA = Path(__file__).parent / "brand_zh"
ROUNDS = 7
PUBLIC = ("clinc150", "banking77")
HEADS = ("accuracy", "top 3", "OSCR", "precision", "wrong", "helped", "foreign?", "ambiguous")


def main(arguments: Sequence[str] = ()) -> None:
    """Print the tables."""
    options = _options(arguments)
    train = [Sample(row["id"], row["text"], row["intent"]) for row in rows("brand_zh_train.jsonl")]
    described = [Described(row["id"], row["name"], tuple(row["keywords"])) for row in rows("brand_zh_intents.jsonl")]
    messages = rows("brand_zh_dev.jsonl")
    matcher = learn(train, described, thresholds_for(choose_threshold(train, described)))
    quality(train, messages, matcher)
    for name in PUBLIC if options.public else ():
        public(options.public / f"{name}.jsonl.gz", test=options.test)
    speed(train, described, [row["text"] for row in messages])


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="bench.matching", description="How well and how fast messages are understood."
    )
    parser.add_argument("--public", type=Path, help="folder with public data sets")
    parser.add_argument("--test", action="store_true", help="judge their test parts: for the last look only")
    return parser.parse_args(arguments)


def quality(train: list[Sample], messages: list[dict[str, Any]], matcher: Matcher) -> None:
    """Print what is decided on the development messages, beside rapidfuzz alone."""
    print(f"{'brand set, development part':<34}" + "".join(f"{head:>10}" for head in HEADS))
    for name, match in (
        ("rapidfuzz ratio alone", ratio_alone(train)),
        ("the ladder", lambda text: matcher.match(text, today=TODAY)),
    ):
        print(f"{name:<34}" + "".join(f"{cell:>10.3f}" for cell in decided(messages, match)))
    print(
        "accuracy, top 3: right one first, or first or offered; precision: of the answered; wrong: of all messages; "
        "helped: in scope, answered or offered;\nforeign?: foreign messages asked back; ambiguous: asked back with two that fit\n"
    )


def decided(messages: list[dict[str, Any]], match: Callable[[str], Match]) -> list[float]:
    """Return the figures under ``HEADS``."""
    clear = [row for row in messages if row["kind"] != "ambiguous"]
    samples = [Sample(row["id"], row["text"], row["intent"]) for row in clear]
    matches = [match(sample.text) for sample in samples]
    found = figures(samples, matches)
    pairs = list(zip(samples, matches, strict=True))
    known = [(sample.intent, one) for sample, one in pairs if sample.intent is not None]
    answered = [(sample.intent, one.intent) for sample, one in pairs if one.intent]
    right = sum(meant == said for meant, said in answered)
    asked = sum(sample.intent is None and bool(one.options) for sample, one in pairs)
    unclear = [(match(row["text"]), set(row["acceptable"])) for row in messages if row["kind"] == "ambiguous"]
    return [
        found.accuracy,
        sum(intent in (one.guess, *one.options) for intent, one in known) / len(known),
        found.oscr or 0.0,
        right / max(1, len(answered)),
        (len(answered) - right) / len(samples),
        sum(intent in (one.intent, *one.options) for intent, one in known) / len(known),
        asked / found.foreign,
        sum(one.intent is None and len(fitting & set(one.options)) >= 2 for one, fitting in unclear) / len(unclear),
    ]


def public(path: Path, *, test: bool) -> None:
    """Print the figures of one public data set, its threshold chosen on what is learned from."""
    parts: dict[str, list[Sample]] = {"train": [], "val": [], "test": []}
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for text in file:
            row = json.loads(text)
            parts[row["split"]].append(Sample(row["id"], row["text"], row["intent"]))
    train, looked_at = (parts["train"] + parts["val"], parts["test"]) if test else (parts["train"], parts["val"])
    threshold = choose_threshold(train, [])
    started = time.perf_counter()
    matcher = learn(train, [], thresholds_for(threshold))
    learned = time.perf_counter()
    matches = [matcher.match(sample.text, today=TODAY) for sample in looked_at]
    matched = time.perf_counter()
    found = figures(looked_at, matches)
    known = [(sample.intent, one) for sample, one in zip(looked_at, matches, strict=True) if sample.intent is not None]
    above = sum(one.guess == intent and one.confidence >= threshold for intent, one in known) / len(known)
    recall = [
        one.confidence < threshold for sample, one in zip(looked_at, matches, strict=True) if sample.intent is None
    ]
    print(f"{path.name}, {'test' if test else 'val'} part: {found.in_scope:,} in scope, {found.foreign:,} foreign")
    print(f"  accuracy, nothing refused       {found.accuracy:.4f}")
    print(f"  threshold chosen on train       {threshold:.4f}")
    if recall and found.oscr is not None and found.foreign_recall is not None:
        print(f"  in scope / foreign, confidence  {above:.4f} / {sum(recall) / len(recall):.4f}")
        print(f"  in scope / foreign, as decided  {found.answered_right:.4f} / {found.foreign_recall:.4f}")
        print(f"  OSCR                            {found.oscr:.4f}")
    print(f"  learned in {learned - started:.1f} s, {(matched - learned) * 1e6 / len(looked_at):.0f} µs a message\n")


def speed(train: list[Sample], described: list[Described], texts: list[str]) -> None:
    """Print microseconds per message, whole and by step, and how the cost grows."""
    places = Places()
    plain = [normalise(text).text for text in texts]
    phrases = [normalise(sample.text).key for sample in train]
    print(f"{'microseconds per message, best of rounds':<56}{'µs':>9}")
    show("normalise", lambda _: [normalise(text) for text in texts], len(texts))
    show("slots", lambda day: [find_slots(text, places, day) for text in plain], len(texts))
    show(
        "rapidfuzz extractOne ratio over 322 phrases",
        lambda _: [process.extractOne(text, phrases, scorer=fuzz.ratio) for text in plain],
        len(texts),
    )
    for times in (1, 9, 40):
        many = multiplied(train, times) if times > 1 else train
        started = time.perf_counter()
        matcher = learn(many, described, thresholds_for(0.7))
        seconds = time.perf_counter() - started
        name = f"whole ladder, {23 * times} intents, {len(many):,} phrases ({seconds:.1f} s to learn)"
        show(name, partial(all_matched, matcher, texts), len(texts))


def all_matched(matcher: Matcher, texts: list[str], today: date) -> list[Match]:
    """Match every text; another day each time, so that nothing is remembered from the time before."""
    return [matcher.match(text, today=today) for text in texts]


def show(name: str, work: Callable[[date], object], messages: int) -> None:
    """Print one line of the table of times, from the fastest of several rounds."""
    times = []
    for number in range(ROUNDS):
        day = TODAY + timedelta(days=number)
        started = time.perf_counter()
        work(day)
        times.append(time.perf_counter() - started)
    print(f"{name:<56}{min(times) * 1e6 / messages:>9.1f}")


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


def rows(name: str) -> list[dict[str, Any]]:
    """Return the objects of a file in ``bench/brand_zh``."""
    return [json.loads(line) for line in (DATA / name).read_text("utf-8").splitlines()]


if __name__ == "__main__":
    import sys

    main(sys.argv[1:])
