"""Records: what the platform sent that was not understood, and who did what."""

from flask import Blueprint, render_template, url_for

from bot.console.form import cursor
from bot.service import current
from bot.web.roles import Permission, requires
from bot.web.words import gettext
from storage import audit, quarantine

pages = Blueprint("records", __name__)
PAGE_SIZE = 50


@pages.get("/quarantine")
@requires(Permission.QUARANTINE_READ)
def not_understood() -> str:
    """Show what was signed by the platform but not understood, newest first."""
    database, before = current().database, cursor()
    found = quarantine.newest(database, before_id=before, limit=PAGE_SIZE + 1)
    shown = found[:PAGE_SIZE]
    return render_template(
        "console/quarantine.html",
        kept=shown,
        count=quarantine.count(database),
        first=url_for(".not_understood") if before else "",
        next=url_for(".not_understood", before=shown[-1].id) if len(found) > PAGE_SIZE else "",
    )


@pages.get("/audit")
@requires(Permission.AUDIT_READ)
def done() -> str:
    """Show who did what, newest first."""
    before = cursor()
    found = audit.list_audit(current().database, PAGE_SIZE + 1, before or audit.LATEST)
    shown = found[:PAGE_SIZE]
    return render_template(
        "console/audit.html",
        entries=shown,
        action_name=action_name,
        first=url_for(".done") if before else "",
        next=url_for(".done", before=shown[-1].id) if len(found) > PAGE_SIZE else "",
    )


def action_name(action: str) -> str:
    """Return what an action of the audit log is called."""
    return {
        "platform.addresses_fetched": gettext("更新微信的地址"),
        "mass.sent": gettext("群发"),
        "followers.read": gettext("同步粉丝"),
        "mass.dropped": gettext("删除没发的群发"),
        "login.succeeded": gettext("登录成功"),
        "login.failed": gettext("登录失败"),
        "password.changed": gettext("改密码"),
        "password.set_up": gettext("设置密码"),
        "template.saved": gettext("存回复"),
        "template.published": gettext("发布回复"),
        "intent.added": gettext("新建意图"),
        "intent.changed": gettext("改意图"),
        "intent.enabled": gettext("启用意图"),
        "intent.disabled": gettext("停用意图"),
        "strictness.pinned": gettext("改回答的把握"),
        "missed.taught": gettext("教没听懂的话"),
        "missed.ignored": gettext("没听懂的话与我们无关"),
        "missed.ticketed": gettext("没听懂的话转工单"),
        "missed.undone": gettext("撤销对没听懂的话的处理"),
        "member.changed": gettext("改会员资料"),
        "member.phone_revealed": gettext("看完整手机号"),
        "dialogue.opened": gettext("打开对话"),
        "user.added": gettext("加用户"),
        "user.role_changed": gettext("改角色"),
        "user.disabled": gettext("停用用户"),
        "user.enabled": gettext("启用用户"),
        "user.link_made": gettext("发设置链接"),
        "campaign.state_changed": gettext("改活动状态"),
        "coupon.redeemed": gettext("核销"),
        "message.sent_again": gettext("重发消息"),
        "message.dropped": gettext("不再发送"),
        "window.changed": gettext("改回复窗口"),
        "window.removed": gettext("撤回复窗口的改动"),
        "stores.imported": gettext("导入门店"),
    }.get(action, action)
