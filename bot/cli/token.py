"""``zhaohu token``: the tokens by which other programs use the API."""

import json
from datetime import UTC, datetime

import click

from bot.api.routes import SCOPES
from bot.cli.context import Context
from bot.records import time_text
from storage import api_tokens, audit
from storage.api_tokens import ApiToken
from storage.database import Transaction

_ACTOR = "cli"
_SCOPES_TEXT = "; ".join(f"{scope}: {meaning}" for scope, meaning in SCOPES.items())

token_group = click.Group("token", help="Tokens by which other programs use the API.")


@token_group.command(
    "add",
    help=f"""Make a token for the program NAME and print it. Nobody can ever read it again.

Scopes. {_SCOPES_TEXT}.

Example: zhaohu token add crm --scope members:read --scope conversations:read
""",
)
@click.argument("name")
@click.option(
    "--scope", "scopes", type=click.Choice(list(SCOPES)), multiple=True, required=True, help="What it may be used for."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_obj
def add_command(context: Context, name: str, scopes: tuple[str, ...], *, as_json: bool) -> None:
    """Make a token and print it."""
    now, given = datetime.now(UTC), sorted(set(scopes))

    def work(tx: Transaction) -> str:
        token = api_tokens.add_token(tx, name, given, now)
        audit.record(tx, _ACTOR, "token.added", name, f"scopes={','.join(given)}", now)
        return token

    token = context.database.write(work)
    click.echo(json.dumps({"name": name, "scopes": given, "token": token}) if as_json else token)


@token_group.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
@click.pass_obj
def list_command(context: Context, *, as_json: bool) -> None:
    """Show every token ever made, never the token itself.

    Example: zhaohu token list
    """
    for token in api_tokens.list_tokens(context.database):
        click.echo(json.dumps(_as_payload(token)) if as_json else _as_line(context, token))


@token_group.command("revoke")
@click.argument("name")
@click.pass_obj
def revoke_command(context: Context, name: str) -> None:
    """End the token of the program NAME, at once and for good.

    Example: zhaohu token revoke crm
    """
    now = datetime.now(UTC)

    def work(tx: Transaction) -> bool:
        revoked = api_tokens.revoke_token(tx, name, now)
        if revoked:
            audit.record(tx, _ACTOR, "token.revoked", name, "", now)
        return revoked

    if not context.database.write(work):
        raise click.ClickException(f"there is no token {name} that is good")
    click.echo(f"the token {name} is worth nothing any more")


def _as_payload(token: ApiToken) -> dict[str, object]:
    return {
        "name": token.name,
        "scopes": sorted(token.scopes),
        "created_at": time_text(token.created_at),
        "revoked_at": time_text(token.revoked_at) if token.revoked_at else None,
    }


def _as_line(context: Context, token: ApiToken) -> str:
    made = f"{token.created_at.astimezone(context.settings.timezone):%Y-%m-%d %H:%M}"
    state = "revoked" if token.revoked_at else "good"
    return f"{token.name}\t{state}\t{made}\t{' '.join(sorted(token.scopes))}"
