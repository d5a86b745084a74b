"""``zhaohu notices``: messages by template."""

import json

import click

from bot.cli.context import Context
from bot.cli.platform import now, platform
from bot.delivery.by_template import NoPermit, send_by_template
from bot.notice_templates import read_templates
from bot.wechat.notices import by_template
from bot.wechat.outcomes import sentence
from bot.wechat.service_messages import CannotSend
from storage import notices, permits
from storage.database import Transaction
from storage.members import identities_of, member_ids_by_openid

notices_group = click.Group("notices", help="Messages by template, and members' consents to them.")


@notices_group.command("templates")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
@click.pass_obj
def templates_command(context: Context, *, as_json: bool) -> None:
    """Read the account's templates from the platform and show them with the consents members gave.

    Example: zhaohu notices templates
    """
    with platform(context) as client:
        found = read_templates(client, context.database, now())
    counts = permits.counts(context.database)
    for one in found:
        given = counts.get(one.template_id, {})
        values = {"id": one.template_id, "kind": one.kind, "title": one.title, "content": one.content}
        if as_json:
            click.echo(json.dumps({**values, "permits": dict(given)}, ensure_ascii=False))
        else:
            click.echo(
                f"{one.template_id}\t{one.kind}\t{one.title}\t{given.get('open', 0)} open, {given.get('spent', 0)} spent"
            )


@notices_group.command("send")
@click.argument("openid")
@click.argument("template_id")
@click.argument("fields", nargs=-1, required=True)
@click.option("--say", required=True, help="What it tells, in words: for the record of the dialogue.")
@click.option(
    "--cause",
    required=True,
    help="Your own number of the reason, such as order-A1024: it is sent once however often you ask.",
)
@click.option("--url", default="", help="The page that a tap opens.")
@click.option(
    "--notice",
    is_flag=True,
    help="A subscription notice, which needs the member's consent, instead of a template message.",
)
@click.pass_obj
def send_command(
    context: Context,
    openid: str,
    template_id: str,
    fields: tuple[str, ...],
    say: str,
    cause: str,
    url: str,
    *,
    notice: bool,
) -> None:
    """Queue a message by template for the member OPENID; each of FIELDS is NAME=VALUE. The worker sends it, whatever the reply window.

    Example: zhaohu notices send oA1b2 TM00015 thing1=静安寺店 character_string2=A1024 --say "您的咖啡好了" --cause order-A1024
    """
    data = dict(field.partition("=")[::2] for field in fields)
    content = by_template("notice" if notice else "template", template_id, data, text=say, link=url)
    known = member_ids_by_openid(context.database, openid)
    identity = identities_of(context.database, known).get(known[0]) if known else None
    if identity is None:
        raise click.ClickException(f"no member has the openid {openid}")

    def work(tx: Transaction) -> bool:
        posted = send_by_template(
            tx, identity=identity, content=content, author="system", cause=f"notice:{cause}", now=now()
        )
        return posted.is_new

    try:
        is_new = context.database.write(work)
    except NoPermit as error:
        raise click.ClickException(str(error)) from error
    except CannotSend as error:
        raise click.ClickException(sentence(error.outcome, "en")) from error
    click.echo("queued" if is_new else "queued before: nothing new")


@notices_group.command("list")
@click.option("--limit", type=click.IntRange(1, 1000), default=30, show_default=True, help="How many, newest first.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
@click.pass_obj
def list_command(context: Context, limit: int, *, as_json: bool) -> None:
    """Show what went out by template and what the platform said came of it.

    Example: zhaohu notices list --limit 5
    """
    for one in notices.recent(context.database, limit=limit):
        at, state = one.created_at.isoformat(timespec="seconds"), one.report or one.status
        if as_json:
            values = {
                "member_id": one.member_id,
                "kind": one.kind,
                "template_id": one.template_id,
                "status": one.status,
            }
            click.echo(json.dumps({**values, "report": one.report, "created_at": at}))
        else:
            click.echo(f"{at}\t{one.kind}\t{one.template_id}\t{state}")
