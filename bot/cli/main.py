"""The command ``zhaohu``: one module for each group of commands; every error is one line on standard error and a non-zero exit."""

import sys
from typing import NoReturn

import click

from bot.cli.backup import backup_command, restore_command
from bot.cli.chat import chat
from bot.cli.context import Context
from bot.cli.coupons import coupons_group
from bot.cli.demo import demo
from bot.cli.doctor import doctor
from bot.cli.drill import drill_command
from bot.cli.export import export_command
from bot.cli.intents import intents_group
from bot.cli.members import members_group
from bot.cli.menu import menu_group
from bot.cli.move import move_command
from bot.cli.notices import notices_group
from bot.cli.qr import qr_group
from bot.cli.say import say
from bot.cli.sentiment import sentiment_group
from bot.cli.serve import migrate_command, serve
from bot.cli.stores import stores_group
from bot.cli.token import token_group
from bot.cli.user import user_group
from bot.cli.wechat import wechat_group
from bot.cli.worker import worker
from bot.settings import SettingsError
from storage.errors import StorageError


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="zhaohu")
@click.pass_context
def cli(context: click.Context) -> None:
    """招呼 Zhaohu: answers a brand's WeChat public account, remembers every exchange, and calls a person when one is needed."""
    context.obj = made = Context()
    context.call_on_close(made.close)


for command in (
    serve,
    worker,
    migrate_command,
    intents_group,
    sentiment_group,
    coupons_group,
    stores_group,
    wechat_group,
    menu_group,
    members_group,
    notices_group,
    qr_group,
    user_group,
    demo,
    say,
    chat,
    token_group,
    export_command,
    backup_command,
    restore_command,
    drill_command,
    move_command,
    doctor,
):
    cli.add_command(command)


def main() -> None:
    """Run the command line; expected failures become one line and exit status 1."""
    try:
        status = cli(standalone_mode=False)  # the status given to Context.exit, or what the command returned
        sys.exit(status if isinstance(status, int) else 0)
    except click.exceptions.Abort:
        sys.exit(130)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        sys.exit(error.exit_code)
    except click.ClickException as error:
        _fail(error.format_message(), error.exit_code)
    except BrokenPipeError:  # whoever read our output has seen enough
        sys.stdout = None
        sys.exit(1)
    except OSError as error:
        _fail(f"{error.filename}: {error.strerror}" if error.filename else str(error), 1)
    except (SettingsError, StorageError) as error:
        _fail(str(error), 1)


def _fail(message: str, status: int) -> NoReturn:
    click.echo(f"zhaohu: {' '.join(message.split())}", err=True)
    sys.exit(status)
