"""The command ``zhaohu``: one module for each group of commands; every error is one line on standard error and a non-zero exit."""

import sys

import click

from bot.cli.chat import chat
from bot.cli.context import Context
from bot.cli.coupons import coupons_group
from bot.cli.demo import demo
from bot.cli.intents import intents_group
from bot.cli.say import say
from bot.cli.serve import migrate_command, serve
from bot.cli.stores import stores_group
from bot.cli.user import user_group
from bot.cli.worker import worker
from bot.settings import SettingsError
from storage.errors import StorageError


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="zhaohu")
@click.pass_context
def cli(context: click.Context) -> None:
    """招呼 Zhaohu: answers a brand's WeChat public account, remembers every exchange, and calls a person when one is needed."""
    context.obj = Context()


for command in (
    serve,
    worker,
    migrate_command,
    intents_group,
    coupons_group,
    stores_group,
    user_group,
    demo,
    say,
    chat,
):
    cli.add_command(command)


def main() -> None:
    """Run the command line; expected failures become one line and exit status 1."""
    try:
        cli(standalone_mode=False)
    except click.exceptions.Abort:
        sys.exit(130)
    except click.exceptions.Exit as finished:
        sys.exit(finished.exit_code)
    except click.ClickException as error:
        click.echo(f"zhaohu: {error.format_message()}", err=True)
        sys.exit(error.exit_code)
    except (SettingsError, StorageError) as error:
        click.echo(f"zhaohu: {error}", err=True)
        sys.exit(1)
