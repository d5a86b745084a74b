"""What the desk says in the reader's language: whom it speaks of, what came of sending, what stood in the way."""

from bot.desk.errors import Absent, CannotSay, DeskError, Done, NotTheirs
from bot.web.languages import language
from bot.web.words import gettext
from bot.wechat.outcomes import sentence
from storage.members import Member


def closed_words(outcome: str) -> str:
    """Say why nothing can be sent now."""
    known = {
        "window_closed": gettext("现在发不了：对方上次来消息，已经过了可以回复的时间。"),
        "window_spent": gettext("现在发不了：对方上次来消息后，能发的条数已经用完。"),
        "43004": gettext("现在发不了：对方已取消关注。"),
    }
    return known.get(outcome) or outcome_words(outcome)


def outcome_words(outcome: str) -> str:
    """Say what came of sending, and what to do."""
    return sentence(outcome, language())


def member_words(member: Member) -> str:
    """Call a member by what we know: the name, else the short code."""
    return member.name or member.short_code


def trouble_words(error: DeskError) -> tuple[int, str]:
    """Return the status and the sentence for what stood in the way; an empty sentence means the general one."""
    if isinstance(error, Absent):
        return 404, ""
    if isinstance(error, NotTheirs):
        if error.owner:
            return 409, gettext("这段对话现在由%(owner)s负责。", owner=error.owner)
        return 409, gettext("这段对话现在不归您负责，请先接入。")
    if isinstance(error, CannotSay):
        return 409, outcome_words(error.outcome)
    if isinstance(error, Done):
        return 409, gettext("已经有人处理过了。")
    return 409, gettext("这一次点击已经发出了另一段文字，这段没有发。请核对后再发。")
