"""The pocket WeChat in the browser."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import cast

from flask import (
    Blueprint,
    Flask,
    Response,
    abort,
    current_app,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from werkzeug.local import LocalProxy
from werkzeug.wrappers import Response as Answer

from bot import service
from bot.demo.brand import Scene, demo_menu, demo_scenes
from bot.pictures import media_type_of
from bot.simulator.answering import account
from bot.simulator.doing import NotPossible, carry_out
from bot.simulator.happened import INTENTS, Happened, explain, newest_push
from bot.simulator.local import refuse_strangers
from bot.simulator.looks import entries_of
from bot.simulator.media import content_of
from bot.simulator.phone import CHANGE_TOPIC, SimulatedPhone, new_openid
from bot.simulator.platform import FAULTS, MASS_REPORTS, NOTICE_REPORTS
from bot.simulator.wechat_api import ROOT, platform
from bot.web.cards import reasons_of_text
from bot.web.labels import status_label
from bot.web.live import event, stream
from bot.web.roles import open_to_all
from storage import members, qr_spots, simulated_deliveries
from storage.ids import EPOCH_MS, first_id_at
from storage.members import Member
from storage.stores import Store, all_stores

_PRETENDED = re.compile(r"o(Phone|Demo|Say)[A-Za-z0-9_-]{0,58}")  # nobody real may be acted for
_COOKIE = "zhaohu-phone"
_WAIT_SECONDS = 3.0
_OVERLAP_MS = 5_000  # what was begun earlier may be committed later
_ID_SHIFT = 22
_LARGEST_ID = 2**63 - 1
_MOST_MEMBERS = 24
_WALK_DEGREES = 0.003  # some 400 metres
FOLLOWS = "X-Phone-Follows"  # tells the page whether the phone follows the account now


@dataclass(frozen=True, slots=True)
class Place:
    """Somewhere a phone can say it is."""

    city: str
    district: str
    latitude: float
    longitude: float


simulator = Blueprint("simulator", __name__, url_prefix="/simulator", template_folder="templates")
simulator.before_request(refuse_strangers)


@simulator.url_value_preprocessor
def check_openid(_: str | None, values: dict[str, object] | None) -> None:
    """Answer 404 for an openid that might be a real person's."""
    openid = (values or {}).get("openid", "oPhone")
    if not isinstance(openid, str) or not _PRETENDED.fullmatch(openid):
        abort(404)


@simulator.get("/")
@open_to_all
def index() -> Answer:
    """Lead to the phone used last in this browser, or to a new one."""
    kept = request.cookies.get(_COOKIE, "")
    return redirect(url_for("simulator.phone", openid=kept if _PRETENDED.fullmatch(kept) else new_openid()))


@simulator.get("/new")
@open_to_all
def new() -> Answer:
    """Lead to a phone that nobody has used."""
    return redirect(url_for("simulator.phone", openid=new_openid()))


@simulator.get("/picture/<media_id>")
@open_to_all
def picture(media_id: str) -> Answer:
    """Show a picture that was sent by or to a phone."""
    content = content_of(media_id)
    media_type = media_type_of(content) if content is not None else None
    if content is None or media_type is None:
        abort(404)
    return Response(content, content_type=media_type)


@simulator.get("/<openid>")
@open_to_all
def phone(openid: str) -> Answer:
    """Show a phone."""
    database = service.current().database
    stores = all_stores(database)
    newest, push_id = simulated_deliveries.newest(database, openid), newest_push(database, openid)
    page = render_template(
        "simulator/phone.html",
        openid=openid,
        member=_member(openid),
        entries=entries_of(newest),
        cursor=newest[-1].id if newest else 0,
        **_told(explain(database, openid, push_id) if push_id else None),
        people=_people(openid),
        places=_places(stores),
        scenes=_scenes(stores),
        menu=_menu(),
        names=_names(),
        mode=account().mode,
        **_faults(),
        sends_here=service.current().settings.wechat_api_url.endswith(ROOT),
    )
    response = make_response(page)
    response.set_cookie(_COOKIE, openid, httponly=True, samesite="Lax", path="/simulator/")
    return response


@simulator.get("/<openid>/news")
@open_to_all
def news(openid: str) -> str:
    """Show what passed after ``after``, and a little from before, which the page may know already."""
    after = min(max(0, request.args.get("after", 0, type=int)), _LARGEST_ID)
    overlap = first_id_at((after >> _ID_SHIFT) + EPOCH_MS - _OVERLAP_MS)
    found = simulated_deliveries.since(service.current().database, openid, after_id=min(after, overlap))
    return render_template("simulator/entries.html", entries=entries_of(found), names=_names())


@simulator.get("/<openid>/live")
@open_to_all
def live(openid: str) -> Response:  # noqa: ARG001 (part of the address)
    """Tell an open page when something passed."""
    return stream(_changes(service.current().feed.position()))


@simulator.post("/<openid>/push")
@open_to_all
def push(openid: str) -> Answer:
    """Do what a consumer does with a phone, and explain what came of it."""
    parts = service.current()
    application = cast(LocalProxy[Flask], current_app)._get_current_object()
    hand = SimulatedPhone(
        application, account(), service.current().database, parts.clock, openid, safe=request.form.get("safe") == "on"
    )
    try:
        passed = carry_out(hand, request.form)
    except NotPossible as error:
        abort(400, description=str(error))
    response, member = make_response(_explained(openid, passed.id)), _member(openid)
    response.headers[FOLLOWS] = "yes" if member and member.subscribed else "no"
    return response


@simulator.get(f"/<openid>/turns/<int(max={_LARGEST_ID}):delivery_id>")
@open_to_all
def turn(openid: str, delivery_id: int) -> str:
    """Explain an earlier push."""
    return _explained(openid, delivery_id)


@simulator.post("/faults")
@open_to_all
def plan_fault() -> str:
    """Let the next message over the API fail, or be reported to have failed, or none any more."""
    fault, planned = request.form.get("fault", ""), platform().faults
    if fault in (*FAULTS, *NOTICE_REPORTS, *MASS_REPORTS):
        planned.append(fault)
    else:
        planned.clear()
    return render_template("simulator/faults.html", **_faults())


def _faults() -> dict[str, object]:
    """Return what may be planned to go wrong, and what is."""
    return {
        "faults": FAULTS,
        "notice_reports": NOTICE_REPORTS,
        "mass_reports": MASS_REPORTS,
        "planned_faults": list(platform().faults),
    }


def _changes(position: int) -> Iterator[str]:
    """Yield an event for each time that something passed on any phone after a position of the feed."""
    feed = service.current().feed
    while True:
        found = feed.after(position, timeout_seconds=_WAIT_SECONDS)
        position = found[-1].id if found else position
        yield event("news") if any(change.topic == CHANGE_TOPIC for change in found) else ""


def _explained(openid: str, delivery_id: int) -> str:
    happened = explain(service.current().database, openid, delivery_id)
    if happened is None:
        abort(404)
    return render_template("simulator/happened.html", **_told(happened))


def _told(happened: Happened | None) -> dict[str, object]:
    """Return what the account of a turn needs to be shown."""
    reasons = reasons_of_text(happened.card, INTENTS) if happened else None
    return {"happened": happened, "reasons": reasons, "status_label": status_label}


def _menu() -> list[dict[str, object]]:
    """Return the buttons under the chat: those created over the API, else the demo brand's."""
    menu = platform().menu()
    buttons: list[dict[str, object]] = (demo_menu() if menu is None else menu).get("button", [])
    return buttons


def _places(stores: Sequence[Store]) -> list[Place]:
    """Return a place to stand at for each city with a store: a short walk from the first one there."""
    cities: dict[str, Store] = {}
    for store in stores:
        if store.open:
            cities.setdefault(store.city, store)
    return [
        Place(city, store.district, round(store.latitude + _WALK_DEGREES, 6), round(store.longitude - _WALK_DEGREES, 6))
        for city, store in cities.items()
    ]


def _scenes(stores: Sequence[Store]) -> list[Scene]:
    """Return the codes there are to scan: those that staff made, and the demo brand's."""
    made = [Scene(spot.scene, spot.name) for spot in qr_spots.spots(service.current().database)]
    return [*made, *(scene for scene in demo_scenes(stores) if scene.name not in {one.name for one in made})]


def _names() -> dict[str, str]:
    """Return in words what menu keys and scenes mean."""
    scenes = {scene.name: scene.title for scene in _scenes(all_stores(service.current().database))}
    buttons = [
        button for top in _menu() for button in (top, *cast(list[dict[str, object]], top.get("sub_button") or []))
    ]
    return {**scenes, **{str(button["key"]): str(button["name"]) for button in buttons if "key" in button}}


def _people(openid: str) -> list[tuple[str, str]]:
    """Return the phones to choose from, as openid and name: those used last, and members of the demo."""
    database = service.current().database
    known = members.identities_of(database, [member.id for member in members.search_members(database, "oDemo")])
    demo = sorted(identity.external_id for identity in known.values())[:_MOST_MEMBERS]
    used = [each for each in simulated_deliveries.phones(database) if _PRETENDED.fullmatch(each)]
    return [(each, _name(each)) for each in dict.fromkeys([openid, *used, *demo])]


def _name(openid: str) -> str:
    member = _member(openid)
    if member is None:
        return ""
    return f"{member.name} · {members.short_code(member.id)}" if member.name else members.short_code(member.id)


def _member(openid: str) -> Member | None:
    database = service.current().database
    found = members.member_ids_by_openid(database, openid)
    return members.member_by_id(database, found[0]) if found else None
