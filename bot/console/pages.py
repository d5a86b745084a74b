"""The console: its parts under /console/, and the rooms it puts into the side bar."""

from flask import Blueprint

from bot.console import replies, reply_editor, reply_history
from bot.web.navigation import NavItem, offer
from bot.web.roles import Permission
from bot.web.words import lazy_gettext

console = Blueprint("console", __name__, url_prefix="/console", template_folder="templates")
for _part in (replies, reply_editor, reply_history):
    console.register_blueprint(_part.pages)

offer(
    console,
    NavItem("console.replies.index", lazy_gettext("回复"), "message-circle", Permission.TEMPLATES_READ, order=30),
)
