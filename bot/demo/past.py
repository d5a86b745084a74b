"""The demo brand's past: who said what when, drawn from a fixed seed, so that the same ``now`` always gives the same two weeks. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import TypedDict

from bot.demo.brand import Scene
from bot.demo.dialogues import EVERYDAY, WAITING, WITH_AGENT, Dialogue
from intents.messages import (
    FollowEvent,
    ImageMessage,
    LocationMessage,
    MenuClickEvent,
    Message,
    ScanEvent,
    TextMessage,
    UnfollowEvent,
)

MEMBERS = 60
DAYS = 14
FAITHFUL = 8  # members who check in every day
UNFOLLOWED = 3
_FIRST_HOUR, _LAST_HOUR = 9, 20  # people are at the desk, and nobody is asleep
_SCENE_SHARE = 0.8
_FIRST_MSG_ID = 24_986_531_740_000_000


@dataclass(frozen=True, slots=True)
class Said:
    """One line of a dialogue: when, by which member (their number), and what, as ``dialogues`` writes it."""

    at: datetime
    member: int
    line: str


def openid_of(member: int) -> str:
    """Return a pretended openid, as long as a real one."""
    return f"oDemo{member:03}{'ZhaohuTinghe':_<20}"


def plan(now: datetime, scenes: Sequence[Scene], random: Random) -> list[Said]:
    """Return all that was said in the two weeks before ``now``, whose zone is the brand's, in order."""
    said: list[Said] = []
    everyday = _shuffled_forever(EVERYDAY, random)
    for member in range(MEMBERS):
        follow_day = DAYS if member < FAITHFUL + len(WITH_AGENT) else random.randint(2, DAYS - 1)
        said.append(Said(_moment(now, follow_day, random), member, f"/follow {_scene(scenes, random)}"))
        for _ in range(random.choice((1, 1, 1, 2, 2))):
            said += _spread(next(everyday), member, _moment(now, random.randrange(follow_day), random), random)
    for member in range(FAITHFUL):
        skipped = random.randrange(2, 3 * DAYS)  # most never miss a day
        said += [Said(_moment(now, day, random), member, "签到") for day in range(DAYS) if day != skipped]
    for number, dialogue in enumerate(WITH_AGENT):
        said += _spread(dialogue, FAITHFUL + number, _moment(now, 1 + 2 * number, random), random)
    gone = range(MEMBERS - UNFOLLOWED, MEMBERS)
    said = [one for one in said if one.member not in gone or one.at < now - timedelta(days=1)]
    said += [Said(now - timedelta(minutes=90 + member), member, "/unfollow") for member in gone]
    said += [Said(now - timedelta(minutes=6 - 4 * place), gone[0] - 1, line) for place, line in enumerate(WAITING)]
    return sorted((one for one in said if one.at < now), key=lambda one: (one.at, one.member))


def _shuffled_forever(dialogues: Sequence[Dialogue], random: Random) -> Iterator[Dialogue]:
    """Yield every dialogue once before any comes again."""
    while True:
        yield from random.sample(dialogues, len(dialogues))


def _moment(now: datetime, days_ago: int, random: Random) -> datetime:
    """Return a waking moment of a day so many days before ``now``; on the day itself it may be yet to come."""
    hour, minute, second = random.randint(_FIRST_HOUR, _LAST_HOUR - 1), random.randrange(60), random.randrange(60)
    return (now - timedelta(days=days_ago)).replace(hour=hour, minute=minute, second=second, microsecond=0)


def _spread(dialogue: Dialogue, member: int, begin: datetime, random: Random) -> Iterator[Said]:
    """Yield the lines of a dialogue, as far apart as people type."""
    for line in dialogue:
        yield Said(begin, member, line)
        begin += timedelta(seconds=random.randint(15, 80))


def _scene(scenes: Sequence[Scene], random: Random) -> str:
    """Return how somebody found the account: mostly a QR code, else a search."""
    return random.choice(scenes).name if random.random() < _SCENE_SHARE else ""


class _Sender(TypedDict):
    account_id: str
    openid: str
    sent_at: datetime


class _Numbered(TypedDict):
    key: str
    msg_id: str


def to_message(said: Said, number: int, account_id: str) -> Message | None:
    """Return the push that a member's line makes, None for a line of the agent's side."""
    word, _, rest = said.line.partition(" ")
    common: _Sender = {"account_id": account_id, "openid": openid_of(said.member), "sent_at": said.at}
    event, msg_id = f"e:demo{number}", str(_FIRST_MSG_ID + number)
    sent: _Numbered = {"key": f"m:{msg_id}", "msg_id": msg_id}
    match word:
        case "/take" | "/say" | "/back":
            return None
        case "/follow":
            return FollowEvent(**common, key=event, scene=rest)
        case "/unfollow":
            return UnfollowEvent(**common, key=event)
        case "/scan":
            return ScanEvent(**common, key=event, scene=rest)
        case "/click":
            return MenuClickEvent(**common, key=event, menu_key=rest)
        case "/picture":
            return ImageMessage(**common, **sent)
        case "/location":
            latitude, longitude, label = rest.split(" ", 2)
            return LocationMessage(**common, **sent, latitude=float(latitude), longitude=float(longitude), label=label)
        case _:
            return TextMessage(**common, **sent, content=said.line)
