"""The desk's addresses: one table."""

from flask import Blueprint

from bot.desk import acts, live, media, typing_sign, views
from bot.web.navigation import NavItem, offer
from bot.web.roles import Permission
from bot.web.words import lazy_gettext

_ID = "int(max=9223372036854775807)"
_MEMBER = f"/m/<{_ID}:member_id>"


def desk_pages() -> Blueprint:
    """Make the desk, to be registered with an app."""
    desk = Blueprint("desk", __name__, url_prefix="/desk", template_folder="templates")
    offer(
        desk,
        NavItem(
            "desk.home",
            lazy_gettext("客服台"),
            "headset",
            Permission.CONVERSATIONS_OWN,
            order=10,
            badge_id="desk-waiting",
        ),
    )
    for rule, view in (
        ("/", views.home),
        ("/queue", views.queue),
        ("/live", live.live),
        ("/phrases", views.phrases),
        (_MEMBER, views.member),
        (f"{_MEMBER}/older", views.older),
        (f"{_MEMBER}/news", views.newer),
        (f"{_MEMBER}/media/<{_ID}:exchange_id>", media.show),
    ):
        desk.add_url_rule(rule, view_func=view, methods=["GET"])
    for rule, act in (
        (f"{_MEMBER}/take", acts.take),
        (f"{_MEMBER}/take-over", acts.take_over),
        (f"{_MEMBER}/keep", acts.keep),
        (f"{_MEMBER}/send", acts.send),
        (f"{_MEMBER}/picture", media.send_picture),
        (f"{_MEMBER}/typing", typing_sign.typing),
        (f"{_MEMBER}/again", acts.again),
        (f"{_MEMBER}/hand-back", acts.hand_back),
        (f"{_MEMBER}/profile", acts.profile),
        (f"{_MEMBER}/reveal", acts.reveal),
        (f"{_MEMBER}/said/<{_ID}:exchange_id>/sentiment", acts.sentiment),
        (f"/alerts/<{_ID}:burst_id>/seen", acts.see_burst),
        (f"{_MEMBER}/cases/<{_ID}:case_id>/close", acts.close_case),
    ):
        desk.add_url_rule(rule, view_func=act, methods=["POST"])
    return desk
