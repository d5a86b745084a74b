"""Pictures and clips at the desk: shown to whoever may see the dialogue, and sent by whoever answers in it."""

import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable
from typing import Any

from flask import Request, Response, abort, redirect, request
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response as AnyResponse

from bot import service
from bot.desk import asked, work
from bot.desk.access import current_actor
from bot.desk.acts import done, news
from bot.desk.said import MEDIA_KINDS, payload_of
from bot.desk.views import opened
from bot.media import Media
from bot.pictures import MOST_BYTES, BadPicture, Picture, Reason, media_type_of, remade
from bot.web.languages import language
from bot.web.roles import Permission, requires
from bot.web.words import gettext
from bot.wechat.error_codes import Action
from bot.wechat.outcomes import CallFailed, call_sentence, outcome_of
from storage.exchanges import Exchange, exchange_by_id
from templates.content import Content

MOST_UPLOADS, UPLOADS_SECONDS = 30, 600.0  # of one agent, in one process
_FORM_BYTES = 64 * 1024  # what the form holds beside the picture
_OWN_POLICY = "default-src 'none'; sandbox"
_KEEP = "private, max-age=3600"


@requires(Permission.CONVERSATIONS_OWN)
def show(member_id: int, exchange_id: int) -> AnyResponse:
    """Show a picture of the dialogue, hand over a voice clip as a file, or lead to where the platform shows a video."""
    dialogue = opened(member_id)
    exchange = exchange_by_id(service.current().database, exchange_id)
    media_id = _media_id(exchange) if exchange is not None and exchange.member_id == dialogue.member.id else ""
    if exchange is None or not media_id:
        abort(404)
    try:
        return _shown(service.current().media, exchange, media_id)
    except CallFailed as error:
        refused = outcome_of(error.outcome).action is Action.REFUSE
        abort(410 if refused else 503, description=call_sentence(error.outcome, language()))


@requires(Permission.CONVERSATIONS_OWN, upload_bytes=MOST_BYTES + _FORM_BYTES)
def send_picture(member_id: int) -> AnyResponse | str:
    """Send the member a picture."""
    client_id = asked.client_id(asked.form("client_id")["client_id"])
    if done(member_id, lambda tx, task: work.may_say(tx, task, client_id)):
        picture = _uploaded(request)
        _paces.count(current_actor().name)
        try:
            media_id = service.current().media.upload_picture(picture)
        except CallFailed as error:
            abort(503, description=call_sentence(error.outcome, language()))
        done(member_id, lambda tx, task: work.say_content(tx, task, Content("image", media_id=media_id), client_id))
        service.current().outbox_wake.set()
    return news(member_id)


def _shown(media: Media, exchange: Exchange, media_id: str) -> AnyResponse:
    if exchange.kind == "image":
        return _picture(media.picture(media_id))
    if exchange.kind == "voice":
        return _clip(media.clip(media_id), exchange)
    return redirect(media.video_address(media_id))


def _media_id(exchange: Exchange) -> str:
    """Return the media id of a picture or clip, empty for everything else."""
    found: Any = payload_of(exchange).get("media_id") if exchange.kind in MEDIA_KINDS else ""
    return found if isinstance(found, str) else ""


def _picture(content: bytes) -> Response:
    """Return a picture that was made anew by us; what is none any more is not handed out."""
    media_type = media_type_of(content)
    if media_type is None:
        abort(410)
    return _apart(content, media_type, "inline")


def _clip(content: bytes, exchange: Exchange) -> Response:
    ending = str(payload_of(exchange).get("format") or "amr").lower()
    ending = ending if ending in ("amr", "mp3", "speex") else "amr"
    return _apart(content, "application/octet-stream", f'attachment; filename="voice-{exchange.id}.{ending}"')


def _apart(content: bytes, media_type: str, disposition: str) -> Response:
    headers = {"Content-Disposition": disposition, "Content-Security-Policy": _OWN_POLICY, "Cache-Control": _KEEP}
    return Response(content, content_type=media_type, headers=headers)


def _uploaded(sent: Request) -> Picture:
    """Return the picture of the form, made anew; what it cannot be is told in words."""
    file = sent.files.get("picture")
    if file is None or not file.filename:
        abort(422, description=gettext("请选一张图片。"))
    try:
        return remade(_read(file), file.filename)
    except BadPicture as error:
        abort(422, description=_WHY_NOT[error.reason]())


def _read(file: FileStorage) -> bytes:
    return file.stream.read(MOST_BYTES + 1)


_WHY_NOT: dict[Reason, Callable[[], str]] = {
    "kind": lambda: gettext("只能发 JPG、PNG 或 GIF 图片，文件名也要对得上。"),
    "not_a_picture": lambda: gettext("这个文件打不开，可能已损坏。请换一张图片。"),
    "too_large": lambda: gettext("图片太大了，最多 10 MB。"),
    "too_many_pixels": lambda: gettext("图片太大了，最多 4000 万像素。"),
}


class _Paces:
    """Counts what each person uploads, within some minutes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._times: defaultdict[str, deque[float]] = defaultdict(deque)

    def count(self, name: str) -> None:
        """Count one more, or refuse it in words (429)."""
        now = time.monotonic()
        with self._lock:
            times = self._times[name]
            while times and times[0] <= now - UPLOADS_SECONDS:
                times.popleft()
            if len(times) >= MOST_UPLOADS:
                abort(429, description=gettext("图片发得太多了，请过几分钟再发。"))
            times.append(now)


_paces = _Paces()
