"""``zhaohu worker``: send what is in the outbox, until told to stop."""

import signal
import threading
from datetime import UTC, datetime

import click

from bot.cli.context import Context
from bot.logs import start_logging
from bot.working import run_worker


@click.command()
@click.option(
    "--threads", type=click.IntRange(1, 64), default=4, show_default=True, help="How many messages to send at once."
)
@click.pass_obj
def worker(context: Context, threads: int) -> None:
    """Send agents' answers and other messages outside the reply.

    Run as many as you like; SIGTERM lets each finish what it has in hand. Example: zhaohu worker --threads 8
    """
    database = context.database
    start_logging(context.settings)
    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    run_worker(context.settings, database, _now, stop, threads=threads)


def _now() -> datetime:
    return datetime.now(UTC)
