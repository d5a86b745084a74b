"""``zhaohu intents``: see how a message is understood, and judge the matcher on a brand's own data."""

import json
import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from bot.cli.context import Context
from bot.cli.json_lines import read_rows, text_in, write_rows
from bot.conversation.knowledge import load_knowledge
from intents.matching.decide import thresholds_for
from intents.matching.evaluation import (
    TODAY,
    Described,
    Figures,
    Sample,
    choose_threshold,
    figures,
    learn,
)
from intents.types import Match

intents_group = click.Group("intents", help="Understand messages, and judge how well.")


@intents_group.command("match")
@click.argument("text")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_obj
def match(context: Context, text: str, *, as_json: bool) -> None:
    """Show how TEXT is understood with what is published now, and why.

    Example: zhaohu intents match 附近有店吗
    """
    matcher = load_knowledge(context.database).matcher
    found = matcher.match(text, today=datetime.now(context.settings.timezone).date())
    click.echo(json.dumps(_as_payload(found), ensure_ascii=False) if as_json else _as_lines(found))


@intents_group.command("evaluate")
@click.argument("train", type=click.Path(path_type=Path))
@click.argument("test", type=click.Path(path_type=Path))
@click.option(
    "--predictions",
    required=True,
    type=click.Path(path_type=Path),
    help="Where to write one JSON line for each line of TEST.",
)
@click.option(
    "--intents",
    "described",
    type=click.Path(path_type=Path),
    help='Names and keywords: {"id", "name", "keywords"} a line.',
)
@click.option(
    "--threshold", type=click.FloatRange(0, 1), help="Confidence for answering; chosen on TRAIN when not given."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def evaluate(
    train: Path, test: Path, *, predictions: Path, described: Path | None, threshold: float | None, as_json: bool
) -> None:
    """Learn from TRAIN, look at TEST, and print how well it went.

    Both are JSON lines {"id", "text", "intent"}; intent null is a message that no intent answers. Files ending in .gz are unpacked.

    Example: zhaohu intents evaluate train.jsonl test.jsonl --predictions out.jsonl
    """
    known = [_described(row, where) for row, where in read_rows(described)] if described else []
    learned_from = [_sample(row, where) for row, where in read_rows(train)]
    if not any(sample.intent for sample in learned_from) and not known:
        raise click.ClickException(f"{train}: no line has an intent, so there is nothing to learn")
    looked_at = [_sample(row, where) for row, where in read_rows(test)]
    answer = choose_threshold(learned_from, known) if threshold is None else threshold
    started = time.perf_counter()
    matcher = learn(learned_from, known, thresholds_for(answer))
    learning_seconds = time.perf_counter() - started
    started = time.perf_counter()
    matches = [matcher.match(sample.text, today=TODAY) for sample in looked_at]
    microseconds = (time.perf_counter() - started) * 1e6 / max(1, len(looked_at))
    write_rows(predictions, _predictions(looked_at, matches))
    result = figures(looked_at, matches)
    if as_json:
        speed = {"learning_seconds": round(learning_seconds, 4), "microseconds_per_message": round(microseconds, 1)}
        click.echo(json.dumps({**asdict(result), "threshold": answer, **speed}))
    else:
        click.echo(_report(result, answer, learning_seconds, microseconds))


def _sample(row: dict[str, Any], where: str) -> Sample:
    if "intent" not in row:
        raise click.ClickException(f'{where}: "intent" is missing (null when no intent answers it)')
    intent = None if row["intent"] is None else text_in(row, "intent", where)
    return Sample(text_in(row, "id", where), text_in(row, "text", where), intent)


def _described(row: dict[str, Any], where: str) -> Described:
    keywords = row.get("keywords", [])
    if not isinstance(keywords, list) or not all(isinstance(keyword, str) for keyword in keywords):
        raise click.ClickException(f'{where}: "keywords" must be a list of texts')
    return Described(text_in(row, "id", where), text_in(row, "name", where), tuple(keywords))


def _predictions(samples: Iterable[Sample], matches: Iterable[Match]) -> Iterator[dict[str, object]]:
    for sample, match in zip(samples, matches, strict=True):
        yield {
            "id": sample.id,
            "intent": match.intent,
            "confidence": round(match.confidence, 6),
            "guess": match.guess,
            "options": list(match.options),
        }


def _report(result: Figures, threshold: float, learning_seconds: float, microseconds: float) -> str:
    def rate(value: float | None) -> str:
        return "-" if value is None else f"{value:.4f}"

    rows = (
        ("messages in scope / foreign", f"{result.in_scope} / {result.foreign}"),
        ("threshold", f"{threshold:.4f}"),
        ("accuracy in scope, nothing refused", rate(result.accuracy)),
        ("accuracy in scope, as decided", rate(result.answered_right)),
        ("out-of-scope recall", rate(result.foreign_recall)),
        ("OSCR", rate(result.oscr)),
        ("learning, seconds", f"{learning_seconds:.3f}"),
        ("microseconds per message", f"{microseconds:.0f}"),
    )
    return "\n".join(f"{name:<36}{value}" for name, value in rows)


def _as_payload(match: Match) -> dict[str, Any]:
    steps = [asdict(step) for step in match.card.steps]
    card = {"steps": steps, "margin": match.card.margin}
    head = {
        "intent": match.intent,
        "confidence": match.confidence,
        "guess": match.guess,
        "options": list(match.options),
        "also": list(match.also),
        "maybe": list(match.maybe),
    }
    return {**head, "slots": dict(match.slots), "card": card}


def _as_lines(match: Match) -> str:
    head = [
        ("intent", match.intent or "-"),
        ("guess", match.guess or "-"),
        ("confidence", f"{match.confidence:.3f}"),
        ("margin", f"{match.card.margin:.3f}"),
        ("options", ", ".join(match.options) or "-"),
        ("also", ", ".join([*match.also, *(f"{name}?" for name in match.maybe)]) or "-"),
        ("slots", ", ".join(f"{name}={value}" for name, value in match.slots.items()) or "-"),
    ]
    lines = [f"{name:<12}{value}" for name, value in head]
    lines.extend(f"{step.rule:<12}{step.intent or '-':<20}{step.score:6.3f}  {step.found}" for step in match.card.steps)
    return "\n".join(lines)
