"""``zhaohu user``: the people who may sign in."""

import json
import sys
from datetime import UTC, datetime

import click

from bot.cli.context import Context
from bot.web.passwords import hash_password, why_refused
from storage import audit, users
from storage.database import Transaction
from storage.users import ROLE_NAMES, RoleName, User

_ACTOR = "cli"

user_group = click.Group("user", help="People who may sign in, and their roles.")


@user_group.command("add")
@click.argument("name")
@click.option("--role", type=click.Choice(ROLE_NAMES), required=True, help="What the person may do.")
@click.option("--display-name", default="", help="The name that colleagues see.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input, for scripts.")
@click.pass_obj
def add_command(context: Context, name: str, role: RoleName, display_name: str, *, password_stdin: bool) -> None:
    """Add a user and print a link, good once within the hour, at which they choose their password.

    Example: zhaohu user add xiaoyu --role agent --display-name 小雨
    """
    now, password_hash = datetime.now(UTC), _hash_from_stdin(context, name) if password_stdin else ""

    def work(tx: Transaction) -> tuple[User, str]:
        user = users.add_user(tx, name, role, display_name, now)
        audit.record(tx, _ACTOR, "user.added", user.name, f"role={role}", now)
        if password_hash:
            users.set_password_hash(tx, user.id, password_hash)
            return user, ""
        return user, users.add_setup_link(tx, user.id, now)

    user, token = context.database.write(work)
    click.echo(_link(context, token) if token else f"{user.name} can sign in with the password given")


@user_group.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
@click.pass_obj
def list_command(context: Context, *, as_json: bool) -> None:
    """Show everybody who was ever added.

    Example: zhaohu user list --json
    """
    for user in users.list_users(context.database):
        if as_json:
            entry = {"name": user.name, "display_name": user.display_name, "role": user.role, "state": _state(user)}
            click.echo(json.dumps(entry, ensure_ascii=False))
        else:
            click.echo(f"{user.name}  {user.role}  {_state(user)}  {user.display_name}".rstrip())


@user_group.command("disable")
@click.argument("name")
@click.pass_obj
def disable_command(context: Context, name: str) -> None:
    """Shut a user out; their open pages close within seconds.

    Example: zhaohu user disable xiaoyu
    """
    user, now = _find(context, name), datetime.now(UTC)

    def work(tx: Transaction) -> None:
        users.disable_user(tx, user.id)
        audit.record(tx, _ACTOR, "user.disabled", user.name, "", now)

    context.database.write(work)
    click.echo(f"{user.name} can no longer sign in")


@user_group.command("enable")
@click.argument("name")
@click.pass_obj
def enable_command(context: Context, name: str) -> None:
    """Let a disabled user in again, with the password they had.

    Example: zhaohu user enable xiaoyu
    """
    user, now = _find(context, name), datetime.now(UTC)

    def work(tx: Transaction) -> None:
        users.enable_user(tx, user.id)
        audit.record(tx, _ACTOR, "user.enabled", user.name, "", now)

    context.database.write(work)
    click.echo(f"{user.name} can sign in again")


@user_group.command("reset")
@click.argument("name")
@click.pass_obj
def reset_command(context: Context, name: str) -> None:
    """Print a link, good once within the hour, at which a user chooses a new password.

    Example: zhaohu user reset xiaoyu
    """
    user, now = _find(context, name), datetime.now(UTC)
    if not user.enabled:
        raise click.ClickException(f"{user.name} is disabled: zhaohu user enable {user.name}")

    def work(tx: Transaction) -> str:
        audit.record(tx, _ACTOR, "user.reset", user.name, "", now)
        return users.add_setup_link(tx, user.id, now)

    click.echo(_link(context, context.database.write(work)))


def _hash_from_stdin(context: Context, name: str) -> str:
    password = sys.stdin.readline().rstrip("\r\n")
    refusal = why_refused(password, users.normal_name(name), context.settings.brand_name)
    if refusal is not None:
        raise click.ClickException(refusal.value)
    return hash_password(password)


def _find(context: Context, name: str) -> User:
    user = users.find_user_by_name(context.database, name)
    if user is None:
        raise click.ClickException(f"there is no user {name}")
    return user


def _link(context: Context, token: str) -> str:
    return f"{context.settings.public_url}/setup/{token}"


def _state(user: User) -> str:
    if not user.enabled:
        return "disabled"
    return "ready" if user.has_password else "no password yet"
