"""The console: its parts under /console/, and the rooms it puts into the side bar."""

from flask import Blueprint

from bot.console import (
    campaigns,
    codes,
    examples,
    exchanges,
    gym,
    intents,
    mass,
    members,
    menu,
    notices,
    outbox,
    overview,
    platform,
    records,
    replies,
    reply_editor,
    reply_history,
    staff,
    stores,
    tags,
    understanding,
    windows,
)
from bot.web.navigation import NavItem, offer
from bot.web.roles import Permission
from bot.web.words import lazy_gettext

console = Blueprint("console", __name__, url_prefix="/console", template_folder="templates")
for _part in (
    overview,
    platform,
    replies,
    reply_editor,
    reply_history,
    intents,
    gym,
    examples,
    understanding,
    members,
    exchanges,
    campaigns,
    stores,
    menu,
    mass,
    codes,
    outbox,
    windows,
    tags,
    notices,
    records,
    staff,
):
    console.register_blueprint(_part.pages)

offer(
    console,
    NavItem("console.mass.index", lazy_gettext("群发"), "speakerphone", Permission.MASS_WRITE, order=62),
    NavItem("console.overview.index", lazy_gettext("概览"), "dashboard", Permission.REPORTS_READ, order=10),
    NavItem("console.replies.index", lazy_gettext("回复库"), "message-circle", Permission.TEMPLATES_READ, order=30),
    NavItem("console.intents.index", lazy_gettext("意图库"), "wand", Permission.INTENTS_READ, order=35),
    NavItem("console.gym.index", lazy_gettext("没听懂的"), "help-circle", Permission.INTENTS_WRITE, order=36),
    NavItem("console.examples.index", lazy_gettext("顾客的说法"), "messages", Permission.INTENTS_WRITE, order=37),
    NavItem("console.understanding.index", lazy_gettext("听懂多少"), "trending-up", Permission.INTENTS_WRITE, order=38),
    NavItem("console.members.index", lazy_gettext("会员"), "users", Permission.MEMBERS_READ, order=40),
    NavItem("console.tags.index", lazy_gettext("标签"), "tag", Permission.MEMBERS_READ, order=42),
    NavItem("console.notices.index", lazy_gettext("通知"), "bell", Permission.TEMPLATES_READ, order=45),
    NavItem("console.campaigns.index", lazy_gettext("活动与券"), "ticket", Permission.COUPONS_READ, order=50),
    NavItem("console.stores.index", lazy_gettext("门店"), "building-store", Permission.STORES_READ, order=55),
    NavItem("console.menu.index", lazy_gettext("菜单"), "menu-2", Permission.MENU_READ, order=60),
    NavItem("console.codes.index", lazy_gettext("二维码"), "qrcode", Permission.SPOTS_READ, order=65),
    NavItem("console.outbox.index", lazy_gettext("发件箱"), "send", Permission.OUTBOX_READ, order=70),
    NavItem("console.windows.index", lazy_gettext("回复窗口"), "hourglass", Permission.SETTINGS_READ, order=75),
    NavItem("console.platform.index", lazy_gettext("微信接口"), "world", Permission.SETTINGS_READ, order=78),
    NavItem("console.staff.index", lazy_gettext("用户"), "user-check", Permission.USERS_MANAGE, order=80),
    NavItem("console.records.done", lazy_gettext("操作记录"), "clipboard", Permission.AUDIT_READ, order=85),
    NavItem("console.records.not_understood", lazy_gettext("隔离区"), "archive", Permission.QUARANTINE_READ, order=90),
)
