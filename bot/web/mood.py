"""How a message sounds, made ready to show: the label's words, its face, and the text with the words that say so apart."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from flask import abort

from bot.web.words import gettext
from storage.exchanges import Exchange

Label = Literal["negative", "neutral", "positive"]
LABELS: tuple[Label, ...] = get_args(Label)
CLEAR = 0.35  # of the sum of scores of a dialogue's last messages


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the text; ``weight`` is what it says of the mood: below 0 bad, above good, 0 nothing."""

    text: str
    weight: float = 0.0


@dataclass(frozen=True, slots=True)
class Mood:
    """How a message sounds: its label, how much so (-1 to 1), and the text in pieces, in order and whole."""

    label: Label
    score: float
    pieces: Sequence[Piece]


def mood_of(exchange: Exchange | None) -> Mood | None:
    """Return how something that was said sounds; None for what was not judged."""
    if exchange is None or exchange.sentiment not in LABELS:
        return None
    return Mood(
        exchange.sentiment,
        exchange.sentiment_score or 0.0,
        _pieces(exchange.text, exchange.sentiment_evidence),
    )


def asked_label(text: str) -> Label:
    """Return the label that a form asks for; 400 when it is none."""
    if text not in LABELS:
        abort(400)
    return text


def label_of_sum(total: float) -> Label:
    """Return how a dialogue sounds by the sum of the scores of its last messages."""
    return "negative" if total <= -CLEAR else "positive" if total >= CLEAR else "neutral"


def mood_words(label: str) -> str:
    """Name a label."""
    return {"negative": gettext("不满"), "neutral": gettext("平和"), "positive": gettext("满意")}.get(label, label)


def mood_tone(label: str) -> str:
    """Return the tone of a label for ``ui.badge``."""
    return {"negative": "red", "positive": "green"}.get(label, "secondary")


def mood_icon(label: str) -> str:
    """Return the face of a label."""
    return {"negative": "mood-sad", "positive": "mood-smile"}.get(label, "mood-empty")


def _pieces(text: str, evidence: str) -> list[Piece]:
    """Cut a text at its evidence; what does not fit the text is left out."""
    pieces, position = [], 0
    for start, words, weight in json.loads(evidence) if evidence else ():
        if start < position or text[start : start + len(words)] != words:
            continue
        if start > position:
            pieces.append(Piece(text[position:start]))
        pieces.append(Piece(words, weight))
        position = start + len(words)
    return [*pieces, Piece(text[position:])] if position < len(text) else pieces
