"""Reading what a form sent: only fields that the form has, and never more than a field may hold (T18)."""

from flask import abort, request

from bot.web.forms import FIELD
from bot.web.words import gettext

LONGEST = 200  # characters of a field of one line, where nothing else is said
_BIGGEST_ID = 2**63 - 1


def fields(*names: str, longest: int = LONGEST, areas: tuple[str, ...] = ()) -> dict[str, str]:
    """Return the fields of the form, trimmed, empty for those it lacks; 400 when it holds another one, or one twice.

    ``areas`` name fields of several lines as well: they are taken as written, with plain line ends, and their length is the view's to judge.
    """
    sent = request.form.to_dict(flat=False)
    allowed = {*names, *areas, FIELD}
    if unknown := [name for name, values in sent.items() if name not in allowed or len(values) > 1]:
        abort(400, description=gettext("这张表单里没有“%(name)s”这一项，没有保存。", name=unknown[0][:40]))
    found = {name: sent.get(name, [""])[0].strip() for name in names}
    if too_long := [name for name, value in found.items() if len(value) > longest]:
        abort(400, description=gettext("“%(name)s”太长了，最多 %(most)d 个字。", name=too_long[0], most=longest))
    for name in areas:
        found[name] = sent.get(name, [""])[0].replace("\r\n", "\n").replace("\r", "\n")
    return found


def number(text: str) -> int | None:
    """Return a whole number of plain digits that an id can be, or None."""
    if not (text.isascii() and text.isdecimal() and len(text) <= 19):
        return None
    return found if (found := int(text)) <= _BIGGEST_ID else None


def cursor(name: str = "before") -> int | None:
    """Return the id in the address that a list continues before, or None."""
    return number(request.args.get(name, ""))


def is_fragment() -> bool:
    """Say whether a part of a page is asked for, rather than the whole."""
    return request.headers.get("HX-Request") == "true"
