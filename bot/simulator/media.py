"""The stand-in's temporary media: what is uploaded is kept for three days, and what pretended phones sent is made up on the spot.

Source: https://developers.weixin.qq.com/doc/service/api/material/temporary/api_uploadtempmedia.html and the pages beside it, read 2026-03.
"""

import secrets
from datetime import timedelta

from flask import Response, jsonify, request

from bot.loading import default_media_folder
from bot.pictures import MOST_BYTES, media_type_of
from bot.settings import Settings
from bot.simulator.answering import addresses, answered, platform, token
from bot.simulator.drawing import drawn
from bot.simulator.messages import ApiError
from bot.simulator.phone import PICTURE, VIDEO, VOICE
from bot.simulator.platform import Answer, answer_to
from storage.media_cache import MediaCache

LASTS = timedelta(days=3)
SILENCE = b"#!AMR\n" + (b"\x3c" + b"\x00" * 31) * 150  # three seconds of nothing
_MOST_KEPT_BYTES = 100 * 1024 * 1024
_UPLOADED = "uploaded-"

media_api = addresses("simulator_media_api")


def kept_media(settings: Settings) -> MediaCache:
    """Return where the stand-in keeps what was uploaded."""
    folder = settings.media_folder or default_media_folder(settings.database_url)
    return MediaCache(folder / "simulated", most_bytes=_MOST_KEPT_BYTES, keep=LASTS)


def content_of(media_id: str) -> bytes | None:
    """Return the picture or clip of a media id, None when there is none (any more)."""
    if media_id.startswith(PICTURE):
        return drawn(media_id)
    if media_id.startswith(VOICE):
        return SILENCE
    return platform().media.get(media_id, platform().clock())


@media_api.before_request
def _allow_files() -> None:
    request.max_content_length = MOST_BYTES + 64 * 1024


@media_api.post("/cgi-bin/media/upload")
def upload() -> Response:
    """Keep a picture."""
    return answered(_upload)


@media_api.get("/cgi-bin/media/get")
def get() -> Response:
    """Hand over a picture or clip; of a video, where it is shown."""
    try:
        platform().check_token(token())
        media_id = request.args.get("media_id", "")
        if media_id.startswith(VIDEO):
            return jsonify({"video_url": f"http://vweixinf.tc.qq.com/{media_id}"})
        content = content_of(media_id)
        if content is None:
            raise ApiError(40007, "invalid media_id")
    except ApiError as error:
        return jsonify(answer_to(error))
    return Response(content, content_type=media_type_of(content) or "voice/amr")


def _upload() -> Answer:
    platform().check_token(token())
    if request.args.get("type") != "image":
        raise ApiError(40004, "invalid media type")
    file = request.files.get("media")
    content = file.stream.read(MOST_BYTES + 1) if file else b""
    if not content:
        raise ApiError(41005, "media data missing")
    if len(content) > MOST_BYTES:
        raise ApiError(40009, "invalid image size")
    if media_type_of(content) is None:
        raise ApiError(40137, "invalid image format")
    media_id, now = f"{_UPLOADED}{secrets.token_urlsafe(24)}", platform().clock()
    platform().media.put(media_id, content, now)
    return {"type": "image", "media_id": media_id, "created_at": int(now.timestamp())}
