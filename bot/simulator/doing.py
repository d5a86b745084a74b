"""From a form of the page to what the phone does.

NotPossible    the form asks for something that no phone can do
"""

import math
from collections.abc import Callable, Mapping

from bot.simulator.phone import Passed, SimulatedPhone

_MOST_CHARACTERS = 4_000

Form = Mapping[str, str]


class NotPossible(Exception):
    """The form asks for something that no phone can do; the text says what."""


def carry_out(phone: SimulatedPhone, form: Form) -> Passed:
    """Do what a form asks for; its field ``what`` names the deed. Raises NotPossible."""
    deed = _DEEDS.get(form.get("what", ""))
    if deed is None:
        raise NotPossible("what: not something a phone can do")
    return deed(phone, form)


def _follow(phone: SimulatedPhone, form: Form) -> Passed:
    return phone.follows(_text(form, "scene"))


def _unfollow(phone: SimulatedPhone, _: Form) -> Passed:
    return phone.unfollows()


def _scan(phone: SimulatedPhone, form: Form) -> Passed:
    return phone.scans(_needed(form, "scene"))


def _click(phone: SimulatedPhone, form: Form) -> Passed:
    return phone.taps(_needed(form, "key"))


def _view(phone: SimulatedPhone, form: Form) -> Passed:
    return phone.views(_needed(form, "url"))


def _allow(phone: SimulatedPhone, form: Form) -> Passed:
    return phone.allows_notice(_needed(form, "template"))


def _say(phone: SimulatedPhone, form: Form) -> Passed:
    return phone.says(_needed(form, "text"), menu_id=_text(form, "menu_id"))


def _location(phone: SimulatedPhone, form: Form) -> Passed:
    latitude, longitude = _degrees(form, "latitude", 90), _degrees(form, "longitude", 180)
    label, key = _text(form, "label"), _text(form, "key")
    if key:
        return phone.picks_location(key, latitude, longitude, label)
    return phone.shares_location(latitude, longitude, label)


def _picture(phone: SimulatedPhone, _: Form) -> Passed:
    return phone.sends_picture()


def _voice(phone: SimulatedPhone, form: Form) -> Passed:
    return phone.sends_voice(_text(form, "recognition"))


def _video(phone: SimulatedPhone, _: Form) -> Passed:
    return phone.sends_video()


def _link(phone: SimulatedPhone, form: Form) -> Passed:
    return phone.sends_link(_needed(form, "title"), _text(form, "description"), _needed(form, "url"))


def _again(phone: SimulatedPhone, form: Form) -> Passed:
    given = form.get("id", "")
    passed = phone.again(int(given)) if given.isascii() and given.isdigit() and 0 < len(given) < 19 else None
    if passed is None:
        raise NotPossible("id: no message of this phone")
    return passed


_DEEDS: Mapping[str, Callable[[SimulatedPhone, Form], Passed]] = {
    "follow": _follow,
    "unfollow": _unfollow,
    "scan": _scan,
    "click": _click,
    "view": _view,
    "allow": _allow,
    "say": _say,
    "location": _location,
    "picture": _picture,
    "voice": _voice,
    "video": _video,
    "link": _link,
    "again": _again,
}


def _text(form: Form, name: str) -> str:
    text = form.get(name, "")
    if len(text) > _MOST_CHARACTERS:
        raise NotPossible(f"{name}: too long")
    return text


def _needed(form: Form, name: str) -> str:
    text = _text(form, name)
    if not text:
        raise NotPossible(f"{name}: empty")
    return text


def _degrees(form: Form, name: str, most: float) -> float:
    try:
        value = float(form.get(name, ""))
    except ValueError:
        value = math.nan
    if not -most <= value <= most:
        raise NotPossible(f"{name}: a number from -{most} to {most}")
    return round(value, 6)
