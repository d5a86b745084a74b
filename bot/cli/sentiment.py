"""``zhaohu sentiment``: see how a message sounds and why, and judge the judge on data of one's own."""

import json
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, cast

import click

from bot.cli.context import Context
from bot.cli.json_lines import read_rows, text_in, write_rows
from bot.conversation.knowledge import load_knowledge
from intents.sentiment.evaluation import Figures, figures
from intents.sentiment.judge import Judge, Sentiment
from intents.sentiment.learned import LABELS, Label

sentiment_group = click.Group("sentiment", help="Hear how messages sound, and judge how well.")


@sentiment_group.command("match")
@click.argument("text")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_obj
def match(context: Context, text: str, *, as_json: bool) -> None:
    """Show how TEXT sounds, with what staff corrected, and which words say so.

    Example: zhaohu sentiment match 等了一小时还没送到
    """
    found = load_knowledge(context.database).hearing.judge(text)
    click.echo(json.dumps(asdict(found), ensure_ascii=False) if as_json else _as_lines(found))


@sentiment_group.command("evaluate")
@click.argument("test", type=click.Path(path_type=Path))
@click.option(
    "--predictions",
    required=True,
    type=click.Path(path_type=Path),
    help="Where to write one JSON line for each line of TEST.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def evaluate(test: Path, *, predictions: Path, as_json: bool) -> None:
    """Judge the messages of TEST as a new installation would, and print how well it went where TEST has labels.

    TEST is JSON lines {"id", "text"}, with "label" (negative, neutral or positive) where it is known. A file ending in .gz is unpacked.

    Example: zhaohu sentiment evaluate test.jsonl --predictions out.jsonl
    """
    rows = list(read_rows(test))
    texts = [text_in(row, "text", where) for row, where in rows]
    labels = [_label(row, where) for row, where in rows]
    judge = Judge()
    started = time.perf_counter()
    found = [judge.judge(text) for text in texts]
    microseconds = (time.perf_counter() - started) * 1e6 / max(1, len(texts))
    write_rows(predictions, _predictions([text_in(row, "id", where) for row, where in rows], found))
    known = [(label, one) for label, one in zip(labels, found, strict=True) if label is not None]
    result = figures([label for label, _ in known], [one for _, one in known]) if known else None
    if as_json:
        measured: Mapping[str, object] = asdict(result) if result else {}
        click.echo(json.dumps({**measured, "microseconds_per_message": round(microseconds, 1)}))
    else:
        click.echo(_report(result, len(texts), microseconds))


def _label(row: dict[str, Any], where: str) -> Label | None:
    label = row.get("label")
    if label is not None and label not in LABELS:
        raise click.ClickException(f'{where}: "label" must be one of {", ".join(LABELS)}')
    return cast(Label | None, label)


def _predictions(ids: Iterable[str], found: Iterable[Sentiment]) -> Iterator[dict[str, object]]:
    for name, one in zip(ids, found, strict=True):
        yield {"id": name, "label": one.label, "score": one.score}


def _report(result: Figures | None, messages: int, microseconds: float) -> str:
    lines = [("messages", f"{messages}"), ("microseconds per message", f"{microseconds:.0f}")]
    if result:
        lines += [("labelled", f"{result.messages}"), ("macro F1", f"{result.macro_f1:.4f}")]
        lines += [
            (f"{label}: precision / recall", f"{rates.precision:.4f} / {rates.recall:.4f}")
            for label, rates in result.rates.items()
        ]
        lines.append(("neutral called negative", f"{result.false_alarms:.4f}"))
    return "\n".join(f"{name:<36}{value}" for name, value in lines)


def _as_lines(found: Sentiment) -> str:
    lines = [f"{'label':<12}{found.label}", f"{'score':<12}{found.score:.3f}"]
    lines += [f"{one.weight:+8.2f}  at {one.start:<4}{one.words}" for one in found.evidence]
    return "\n".join(lines)
