"""The passive reply: a Content as the XML the platform takes, which no text can break out of."""

from collections.abc import Callable, Mapping

from bot.wechat.xml import cdata
from templates.content import Content
from templates.limits import fit


def reply_xml(content: Content, to_openid: str, from_account: str, created: int) -> bytes | None:
    """Return the reply document, or None when there is nothing to say, or only what no reply can be.

    (An empty reply would be shown to the consumer as a fault of ours.)

    ``created`` is in seconds since 1970. Text that is too long is cut (``templates.limits.fit``).
    """
    write = _WRITERS.get(content.kind)
    inner = write(content) if write is not None else None
    if inner is None:
        return None
    return (
        f"<xml><ToUserName>{cdata(to_openid)}</ToUserName><FromUserName>{cdata(from_account)}</FromUserName>"
        f"<CreateTime>{created}</CreateTime>{inner}</xml>"
    ).encode()


def _text(content: Content) -> str | None:
    written = cdata(fit(content).text)
    if (
        not written.removeprefix("<![CDATA[").removesuffix("]]>").strip()
    ):  # also when nothing but forbidden characters was there
        return None
    return f"<MsgType><![CDATA[text]]></MsgType><Content>{written}</Content>"


def _image(content: Content) -> str | None:
    return _media("image", "Image", {"MediaId": content.media_id}) if content.media_id else None


def _voice(content: Content) -> str | None:
    return _media("voice", "Voice", {"MediaId": content.media_id}) if content.media_id else None


def _video(content: Content) -> str | None:
    if not content.media_id:
        return None
    elements = {"MediaId": content.media_id, "Title": content.title, "Description": content.description}
    return _media("video", "Video", elements)


def _music(content: Content) -> str | None:
    if not content.thumb_media_id:
        return None
    elements = {
        "Title": content.title,
        "Description": content.description,
        "MusicUrl": content.music_url,
        "HQMusicUrl": content.hq_music_url,
        "ThumbMediaId": content.thumb_media_id,
    }
    return _media("music", "Music", elements)


def _news(content: Content) -> str | None:
    if not content.title:
        return None
    elements = {
        "Title": content.title,
        "Description": content.description,
        "PicUrl": content.picture_url,
        "Url": content.link,
    }
    item = "".join(f"<{name}>{cdata(value)}</{name}>" for name, value in elements.items())
    return f"<MsgType><![CDATA[news]]></MsgType><ArticleCount>1</ArticleCount><Articles><item>{item}</item></Articles>"


def _transfer(content: Content) -> str:
    to = f"<TransInfo><KfAccount>{cdata(content.agent_account)}</KfAccount></TransInfo>"
    return f"<MsgType><![CDATA[transfer_customer_service]]></MsgType>{to if content.agent_account else ''}"


def _media(msg_type: str, group: str, elements: Mapping[str, str]) -> str:
    inside = "".join(f"<{name}>{cdata(value)}</{name}>" for name, value in elements.items() if value)
    return f"<MsgType><![CDATA[{msg_type}]]></MsgType><{group}>{inside}</{group}>"


_WRITERS: Mapping[str, Callable[[Content], str | None]] = {
    "text": _text,
    "image": _image,
    "voice": _voice,
    "video": _video,
    "music": _music,
    "news": _news,
    "transfer": _transfer,
}
