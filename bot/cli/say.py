"""``zhaohu say``: one message through the real gate, and the reply."""

import json
from collections.abc import Iterator

import click

from bot.cli.context import Context
from bot.cli.terminal import OPENID, check, pick_up, words_of
from bot.simulator.happened import explain
from bot.simulator.phone import Passed, SimulatedPhone


@click.command()
@click.argument("text")
@click.option("--openid", default=OPENID, show_default=True, help="Who says it.")
@click.option("--follow", is_flag=True, help="Follow the account first.")
@click.option("--scene", default="", help="Scan this QR code first; with --follow, follow by it.")
@click.option("--safe", is_flag=True, help="Encrypt it, as safe mode does.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object for each thing done.")
@click.option("--demo", is_flag=True, help="Say it to the demo brand.")
@click.pass_obj
def say(
    context: Context, text: str, *, openid: str, follow: bool, scene: str, safe: bool, as_json: bool, demo: bool
) -> None:
    """Say TEXT as a consumer would, and print the reply.

    It is recorded like any other message. Example: zhaohu say 签到 --demo
    """
    phone = pick_up(context, openid, safe=safe, demo=demo)
    for passed in _deeds(phone, text, scene, follow=follow):
        if as_json:
            click.echo(json.dumps(_outcome(phone, passed), ensure_ascii=False))
        else:
            click.echo(words_of(passed.content) or "(no reply)")
        check(passed)


def _deeds(phone: SimulatedPhone, text: str, scene: str, *, follow: bool) -> Iterator[Passed]:
    """Do one after the other what was asked for."""
    if follow:
        yield phone.follows(scene)
    elif scene:
        yield phone.scans(scene)
    yield phone.says(text)


def _outcome(phone: SimulatedPhone, passed: Passed) -> dict[str, object]:
    happened = explain(phone.database, phone.openid, passed.id)
    assert happened is not None, "a push that was just made can be explained"
    return {
        "openid": phone.openid,
        "http_status": passed.pushed.status,
        "milliseconds": passed.pushed.milliseconds,
        "reply": passed.content.to_payload() if passed.content else None,
        "status": happened.status,
        "intent": happened.intent or None,
        "confidence": happened.confidence,
        "template": happened.template or None,
        "template_version": happened.version if happened.template else None,
    }
