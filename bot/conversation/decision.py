"""Deciding what a text means here and now: the match, the question still open, the choices offered before. Pure."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

from intents.matching.abbreviated import stands_for
from intents.matching.context import PLACES
from intents.matching.normalise import normalise
from intents.types import Card, Intent, Match, Pending, Step
from storage.records import immutable

CHOICE = "choice"  # the slot of a "did you mean"
CHOICE_PREFIX = "zh:"  # of the ids that taps on our choices send back
# 算了, 不用了, 先不说了; with a reason or another word of it behind: 算了不等了, 不用了已经送到了.
_GIVES_UP = re.compile(
    r"(?:那|哦|好吧|还是)?(?:(?P<drops>算[了啦](?:吧|算了)?)|取消|不需要|没事了?|先?不(?:用|要|领|说|问|弄|需要|用等|用找|用来)?[了啦])"
    r"(?:先?我?不[^ ]{1,5}[了啦]|(?:已经|都|自己)?(?:送到|收到|到|好|解决|找到|搞定|弄好)了|谢谢|多谢)?"
    r"|cancel|nevermind|never mind|forget it|nvm"
)
# Asked of a person who is waited for: 人呢, 怎么还没人来, 还要等多久, 等了十分钟了.
_WHERE_ARE_THEY = re.compile(
    r"(?:请问|那|我|都|已经|到底|客服|人工|怎么|还|是不是|你们){0,4}(?:人(?:呢|在哪儿?|还没来)|(?:没有?|有没有|有)人(?:来|在|管|理我?)?|(?:要|得)?等(?:到)?(?:多久|多长时间|什么时候)"
    r"|等了[^ ]{1,6}|(?:排到|轮到)我?[^ ]{0,5}|前面还?有?(?:几|多少)[^ ]{0,4})[了啊呀呢吗]*"
)
_A_HELLO = "greeting"  # of who waits for a person, it asks for them
PLEASANTRIES = frozenset({_A_HELLO, "thanks"})  # no answer to who is upset
A_PERSON = "human"  # the intent that leads to one
_LEAVE_THE_QUEUE = "human_cancel"
DECENT = 0.5  # confidence from which the best guess is answered where asking back once more is out of the question
# 等下，先问个问题，几点打烊: said instead of what was asked for, and openly so.
_ASKS_FIRST = re.compile(
    r"(?:等一?等?下?|稍等|对了|哦对了)?(?:我?[先再想]{1,3}|我)?问(?:你|您|你们)?(?:一下|一个|下|个|句)"
)
_MOST_LOOKED_AT = 100  # characters; what answers a question with less than free text is short
_ORDINALS = {"一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "first": 1, "second": 2, "third": 3}
_ORDINAL = re.compile(
    r"(?:我?(?:就|还是)?[要选领来]|就)?(?:第)?([1-9]|[一二两三四五])(?:个|项|号|条|张|种)?(?:吧|呗|啊|的|好了|了)?|(?:the )?(first|second|third)(?: one)?"
)

Act = Literal["answer", "did_you_mean", "miss", "give_up"]


@immutable(frozen=True, slots=True)
class Decision:
    """What to do: answer ``match.intent``; offer ``match.options``; admit a miss; or drop the open question.

    ``pending`` is the question that stays open afterwards, because this message interrupted it. ``picked`` says that the answer is a choice just
    offered; ``again`` that we asked back just before, so that a miss should offer a person.
    """

    act: Act
    match: Match
    pending: Pending | None = None
    picked: bool = False
    again: bool = False


def decide(
    text: str, menu_id: str | None, match: Match, pending: Pending | None, intents: Mapping[str, Intent]
) -> Decision:
    """Return what a text means, given the question still open (None when there is none)."""
    if pending is not None and pending.slot != CHOICE and pending.intent not in intents:
        pending = None  # switched off since it asked
    if tapped := _tapped(menu_id, pending, intents):
        picked = pending is not None and tapped in pending.options
        if pending is not None and picked:
            match = replace(match, slots={**pending.slots, **match.slots})
        return replace(_certain(match, tapped, "menu", tapped), picked=picked)
    means_nothing_else = match.intent in (None, _LEAVE_THE_QUEUE) and not match.options
    if _drops_it(text) or _turns_away(text, match) or (_gives_up(text) and (pending is not None or means_nothing_else)):
        return Decision("give_up", match)
    if pending is None:
        return _decide_alone(match)
    plain = unicodedata.normalize("NFKC", text[:_MOST_LOOKED_AT]).strip()
    if pending.slot == CHOICE:
        return _choose(plain, match, pending, intents) or _asked_once(_decide_alone(match), pending)
    return _asked_once(_decide_with_question(text, plain, match, pending, intents), pending)


def decide_in_queue(text: str, match: Match, pending: Pending | None, intents: Mapping[str, Intent]) -> Decision | None:
    """Return what a text means that means something else while its author waits for a person; None for every other.

    "取消" leaves the queue, unless we just asked something; "在吗" and "还要等多久" ask where the person is.
    """
    asked = pending is not None and pending.slot != CHOICE
    if _gives_up(text) and not asked and _LEAVE_THE_QUEUE in intents:
        return _certain(match, _LEAVE_THE_QUEUE, "queue", "leaves it")
    asks_for_them = match.intent == _A_HELLO or _WHERE_ARE_THEY.fullmatch(_key(text))
    if asks_for_them and not asked and A_PERSON in intents:
        return _certain(match, A_PERSON, "queue", "asks for the person")
    return None


def _gives_up(text: str) -> bool:
    return _GIVES_UP.fullmatch(_key(text)) is not None


def _drops_it(text: str) -> bool:
    """Return whether somebody says that all is well as it is, whatever else stands in the words: 算了不取关了."""
    found = _GIVES_UP.fullmatch(_key(text))
    return found is not None and found["drops"] is not None


def _turns_away(text: str, match: Match) -> bool:
    """Return whether somebody turns away with words that say nothing to us: 算了算了我去店里问."""
    return match.intent is None and _key(text).startswith(("算了", "算啦"))


def _key(text: str) -> str:
    return normalise(text[:_MOST_LOOKED_AT]).key


def _decide_alone(match: Match) -> Decision:
    if match.intent is not None:
        return Decision("answer", match)
    return Decision("did_you_mean" if match.options else "miss", match)


def _asked_once(decision: Decision, pending: Pending) -> Decision:
    """Hold to asking once: with a question of ours just put, the best guess is answered when it is decent, else the miss admitted."""
    if decision.act != "did_you_mean" or (pending.slot == CHOICE and not pending.about):
        return decision
    match = decision.match
    best = match.options[0]
    if match.confidence < DECENT:
        return replace(decision, act="miss", again=True)
    step = Step("decide", "answer: the best guess, as we asked back just now", best, match.confidence)
    card = Card((*match.card.steps, step), match.card.margin)
    return replace(decision, act="answer", match=replace(match, intent=best, guess=best, options=(), card=card))


def _decide_with_question(
    text: str, plain: str, match: Match, pending: Pending, intents: Mapping[str, Intent]
) -> Decision:
    """Take the message as the answer to our question, or else as an interruption of it; free text is taken unchanged."""
    if pending.slot == "text":
        asks_first = match.intent is not None and _ASKS_FIRST.match(_key(text))
        if match.intent in (None, pending.intent) or not (asks_first or _is_command(match, intents)):
            return _answer_to(pending, match, {"text": text})
    elif (found := _found(pending, plain, match)) and _belongs(match, pending):
        return _answer_to(pending, match, found)
    alone = _decide_alone(match)
    settled = match.intent == pending.intent or _interrupts(match, intents)
    return replace(alone, pending=None if settled else pending)


def _is_command(match: Match, intents: Mapping[str, Intent]) -> bool:
    """Return whether words are meant for themselves, not as free text: exactly a known phrase, the number of a case, or a keyword that interrupts."""
    rules = {step.rule for step in match.card.steps if step.intent == match.intent}
    return not rules.isdisjoint({"exact", "case"}) or ("keyword" in rules and _interrupts(match, intents))


def _interrupts(match: Match, intents: Mapping[str, Intent]) -> bool:
    intent = intents.get(match.intent) if match.intent else None
    return intent is not None and intent.interrupts


def _found(pending: Pending, text: str, match: Match) -> dict[str, str]:
    """Return what the words hold of the slot that was asked for."""
    slot = pending.slot
    if slot in PLACES:
        return {name: match.slots[name] for name in PLACES if name in match.slots}
    if slot == "number" and (number := _ordinal(text)):
        return {"number": str(number)}
    labels = [normalise(label).key for label in pending.labels] if slot == "number" else []
    if (place := stands_for(text, labels)) is not None:
        return {"number": str(place + 1)}
    return {slot: match.slots[slot]} if slot in match.slots else {}


def _belongs(match: Match, pending: Pending) -> bool:
    """Return whether words that hold what was asked for are the answer, and not a new wish that happens to name it."""
    return match.intent in (None, pending.intent) or any(step.rule == "place" for step in match.card.steps)


def _answer_to(pending: Pending, match: Match, found: Mapping[str, str]) -> Decision:
    slots = {**match.slots, **pending.slots, **found}
    card = Card(
        (*match.card.steps, Step("pending", f"{pending.slot}: {', '.join(found.values())}", pending.intent, 1.0)), 1.0
    )
    return Decision("answer", Match(pending.intent, 1.0, pending.intent, (), slots, card))


def _certain(match: Match, intent: str, rule: str, found: str) -> Decision:
    card = Card((*match.card.steps, Step(rule, found, intent, 1.0)), 1.0)
    return Decision("answer", Match(intent, 1.0, intent, (), match.slots, card))


def _tapped(menu_id: str | None, pending: Pending | None, intents: Mapping[str, Intent]) -> str | None:
    """Return the intent behind a tap on a choice of ours; of intents that are never offered, only one just offered counts."""
    if not menu_id or not menu_id.startswith(CHOICE_PREFIX):
        return None
    intent = intents.get(menu_id.removeprefix(CHOICE_PREFIX))
    just_offered = pending.options if pending else ()
    return intent.name if intent and (intent.offered or intent.name in just_offered) else None


def _choose(text: str, match: Match, pending: Pending, intents: Mapping[str, Intent]) -> Decision | None:
    """Return the answer to a choice picked by its number or its label; the label stands in the slot ``choice``."""
    number = _ordinal(text)
    if number is None and text in pending.labels:
        number = pending.labels.index(text) + 1
    if number is None or number > len(pending.options) or pending.options[number - 1] not in intents:
        return None
    label = pending.labels[number - 1] if pending.labels else ""
    chosen = replace(match, slots={**pending.slots, **match.slots, CHOICE: label})
    return replace(_certain(chosen, pending.options[number - 1], "choice", text), picked=True)


def _ordinal(text: str) -> int | None:
    match = _ORDINAL.fullmatch(normalise(text).text)
    if not match:
        return None
    word = match[1] or match[2]
    return _ORDINALS.get(word) or int(word)
