"""How well and how fast messages are heard: the table of docs/sentiment.md. ``python -m bench.sentiment`` takes a second."""

import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from intents.sentiment.evaluation import figures
from intents.sentiment.judge import Judge, Sentiment
from intents.sentiment.learned import Label, Learned, learn_from, learned_as_shipped, shipped
from intents.sentiment.text import fold

HELD_OUT = Path(__file__).parent / "sentiment_zh" / "held_out.jsonl"
FOLDS, ROUNDS = 5, 5
NOTHING = Learned({}, (0.0, 0.0, 0.0))
HEADS = ("macro F1", "neg. prec.", "neg. rec.", "pos. prec.", "pos. rec.", "alarms")
Labelled = Sequence[tuple[str, Label]]


def main() -> None:
    """Print the table."""
    held_out = [(row["text"], row["label"]) for row in map(json.loads, HELD_OUT.read_text("utf-8").splitlines())]
    print(f"{'sentiment':<52}" + "".join(f"{head:>12}" for head in HEADS))
    show(f"words and patterns alone, held out ({len(held_out)})", held_out, Judge(learned=NOTHING).judge)
    show("what is learned alone, held out", held_out, learned_alone)
    show("both, held out", held_out, Judge().judge)
    show(f"both, development in {FOLDS} folds ({len(shipped())})", shipped(), in_folds())
    started = time.perf_counter()
    learn_from(shipped())
    print(f"\nlearned in {(time.perf_counter() - started) * 1e3:.0f} ms; {microseconds(held_out):.0f} µs a message")


def show(name: str, messages: Labelled, judge: Callable[[str], Sentiment]) -> None:
    """Print one line of the table."""
    found = figures([label for _, label in messages], [judge(text) for text, _ in messages])
    bad, good = found.rates["negative"], found.rates["positive"]
    cells = (found.macro_f1, bad.precision, bad.recall, good.precision, good.recall, found.false_alarms)
    print(f"{name:<52}" + "".join(f"{cell:>12.3f}" for cell in cells))


def learned_alone(text: str) -> Sentiment:
    """Judge by the learned part alone: whichever way it leans, from a third on."""
    margin = learned_as_shipped().margin(fold(text))
    return Sentiment("negative" if margin < -1 / 3 else "positive" if margin > 1 / 3 else "neutral", margin)


def in_folds() -> Callable[[str], Sentiment]:
    """Return a judge that has not learned the message it is asked about, of those that are shipped."""
    judges = [
        Judge(learned=learn_from([one for number, one in enumerate(shipped()) if number % FOLDS != fold]))
        for fold in range(FOLDS)
    ]
    by_text = {text: judges[number % FOLDS] for number, (text, _) in enumerate(shipped())}
    return lambda text: by_text[text].judge(text)


def microseconds(messages: Labelled) -> float:
    """Return what a message costs that was not heard before, in the fastest of several rounds."""
    times = []
    for _ in range(ROUNDS):
        judge = Judge()
        started = time.perf_counter()
        for text, _ in messages:
            judge.judge(text)
        times.append(time.perf_counter() - started)
    return min(times) * 1e6 / len(messages)


if __name__ == "__main__":
    main()
