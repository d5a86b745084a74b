"""``zhaohu chat``: a phone in the terminal."""

import sys
from collections.abc import Callable, Iterator, Mapping

import click

from bot.cli.context import Context
from bot.cli.terminal import OPENID, pick_up, words_of
from bot.simulator.phone import Passed, SimulatedPhone
from bot.simulator.records import Shown
from storage import simulated_deliveries

_HELP = """\
/follow [SCENE]            follow the account, by a QR code
/unfollow                  unfollow it
/scan SCENE                scan a QR code
/location LAT,LNG [NAME]   share a place
/menu KEY                  tap a button of the menu
/picture  /voice  /video   send one
/again                     deliver the last message once more
/quit                      leave
Anything else is said. An empty line shows what an agent has answered since."""


@click.command()
@click.option("--openid", default=OPENID, show_default=True, help="Who is talking.")
@click.option("--safe", is_flag=True, help="Encrypt what is sent, as safe mode does.")
@click.option("--demo", is_flag=True, help="Talk to the demo brand.")
@click.pass_obj
def chat(context: Context, *, openid: str, safe: bool, demo: bool) -> None:
    """Talk to the account as a consumer would; /help lists what else a phone can do.

    Example: zhaohu chat --demo
    """
    phone = pick_up(context, openid, safe=safe, demo=demo)
    seen = _newest_id(phone)
    click.echo("/help  /quit")
    for line in _lines():
        word, _, rest = line.partition(" ")
        if word == "/quit":
            return
        if word == "/help":
            click.echo(_HELP)
        elif line:
            _do(phone, line, word, rest.strip())
        seen = _show_news(phone, seen)


def _do(phone: SimulatedPhone, line: str, word: str, rest: str) -> None:
    """Do what a line says, and show what it came to."""
    deed = _DEEDS.get(word)
    if deed is None and word.startswith("/"):
        click.echo("? /help", err=True)
        return
    try:
        passed = deed(phone, rest) if deed else phone.says(line)
    except ValueError:
        click.echo("? /location 31.2304,121.4737", err=True)
        return
    if passed is None:
        click.echo("nothing was sent yet", err=True)
        return
    pushed = passed.pushed
    if pushed.status != 200:
        click.secho(f"HTTP {pushed.status}", fg="red", err=True)
    if pushed.again_of:
        same = "the same reply" if pushed.same else "another reply"
        counted = "nothing counted twice" if pushed.unchanged else "something changed"
        click.secho(f"  delivered again: {same}, {counted}", fg="bright_black")
    elif passed.content is None:
        click.secho("  (no reply)", fg="bright_black")


def _location(phone: SimulatedPhone, rest: str) -> Passed:
    place, _, label = rest.partition(" ")
    latitude, longitude = place.replace("，", ",").split(",")
    return phone.shares_location(float(latitude), float(longitude), label)


_DEEDS: Mapping[str, Callable[[SimulatedPhone, str], Passed | None]] = {
    "/follow": lambda phone, rest: phone.follows(rest),
    "/unfollow": lambda phone, _: phone.unfollows(),
    "/scan": lambda phone, rest: phone.scans(rest),
    "/location": _location,
    "/menu": lambda phone, rest: phone.taps(rest),
    "/picture": lambda phone, _: phone.sends_picture(),
    "/voice": lambda phone, _: phone.sends_voice(),
    "/video": lambda phone, _: phone.sends_video(),
    "/again": lambda phone, _: phone.again(),
}


def _lines() -> Iterator[str]:
    """Yield what is typed, until the end of the input."""
    while True:
        if sys.stdin.isatty():
            click.secho("› ", fg="green", nl=False)
        line = sys.stdin.readline()
        if not line:
            return
        yield line.strip()


def _newest_id(phone: SimulatedPhone) -> int:
    newest = simulated_deliveries.newest(phone.database, phone.openid, limit=1)
    return newest[-1].id if newest else 0


def _show_news(phone: SimulatedPhone, seen: int) -> int:
    """Print what the phone was shown after a known delivery, and return the newest."""
    for delivery in simulated_deliveries.since(phone.database, phone.openid, after_id=seen):
        seen = delivery.id
        if delivery.direction == "down":
            shown = Shown.from_text(delivery.body)
            words = words_of(shown.content)
            if words:
                who = "" if shown.via == "reply" else click.style("💬 ", fg="green")
                click.echo("\n".join(f"  {who}{each}" for each in words.splitlines()))
    return seen
