"""How something stands that was left with us (a complaint, a suggestion, a message for people): by its number, or the newest."""

from datetime import timedelta

from intents import complaint, order_status
from intents.offering import choices
from intents.types import Intent, Keyword, Later, Reply, Turn
from storage.cases import Case, case_by_number, cases_of

RECENT = timedelta(days=30)  # whoever asks for "进度" without an open case, and none of late, means an order


def handle(turn: Turn) -> Reply | Later:
    """Tell how the member's case stands; who has none to ask after is told of their orders."""
    number = turn.slots.get("case", "")
    if number:
        named = case_by_number(turn.tx, number)
        if named is None or named.member_id != turn.member.id:  # nobody is told that another's exists
            offered = choices(turn, "human", "complaint", "order_status")
            return Reply("case_progress_none", {"number": number}, choices=offered)
        return _told(turn, named)
    case = _asked_after(turn)
    return _told(turn, case) if case else order_status.handle(turn)


def _asked_after(turn: Turn) -> Case | None:
    """Return the newest case that is open, else the newest of late."""
    cases = cases_of(turn.tx, turn.member.id)
    standing = [case for case in cases if case.status == "open"]
    late = [case for case in cases if turn.now - case.created_at <= RECENT]
    return next(iter([*standing, *late]), None)


def _told(turn: Turn, case: Case) -> Reply:
    if case.kind == "complaint":
        return complaint.progress(turn, case)
    done = case.status == "done"
    reminds = case.kind == "message" and not done
    values = {
        "number": case.number,
        "kind": case.kind,
        "recorded_at": case.created_at.astimezone(turn.brand.zone),
        "done": done,
        "desk_open": turn.brand.desk_is_open(turn.now),
        "desk_hours": turn.brand.desk_hours_text,
    }
    return Reply("case_progress", values, handoff="left_message" if reminds else None)


INTENT = Intent(
    name="case_progress",
    title="处理进度",
    handler=handle,
    late=order_status.late,
    phrases=(
        "进度",
        "查进度",
        "处理进度",
        "处理得怎么样了",
        "处理好了吗",
        "处理结果出来了吗",
        "什么时候能处理好",
        "什么时候给我答复",
        "我反映的问题有结果了吗",
        "之前反馈的问题解决了吗",
        "上次说的事怎么样了",
        "我留的言有人看吗",
        "我的建议有回复吗",
        "我提的建议采纳了吗",
        "工单进度",
        "我的工单到哪一步了",
        "编号怎么查进度",
        "编号忘了怎么查",
        "跟进得怎么样了",
        "留言看到了吗",
        "我留的言你们看到了吗",
    ),
    keywords=(Keyword("工单", 2), Keyword("处理结果"), Keyword("编号", 1)),
    slots=("case",),
    menu_keys=("ZH_MENU_PROGRESS",),
    replies=("case_progress", "case_progress_none", *complaint.PROGRESS, *order_status.INTENT.replies),
)
