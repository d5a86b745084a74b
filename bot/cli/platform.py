"""The platform's API for commands: a client, and its failures as one line."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import click

from bot.cli.context import Context
from bot.wechat.client import WeChatClient
from bot.wechat.outcomes import CallFailed, call_sentence


@contextmanager
def platform(context: Context) -> Iterator[WeChatClient]:
    """Give a client of the configured account for a while; a call that failed ends the command with the reason."""
    database = context.database
    with WeChatClient(context.settings, database, now) as client:
        try:
            yield client
        except CallFailed as error:
            raise click.ClickException(f"{call_sentence(error.outcome, 'en')} [{error.outcome}]") from error


def now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)
