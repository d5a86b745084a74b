"""The account's templates for messages, read from the platform."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from bot.wechat.client import WeChatClient
from storage import notices
from storage.database import Database
from storage.notices import MessageTemplate

OF_TEMPLATES, OF_NOTICES = "/cgi-bin/template/get_all_private_template", "/wxaapi/newtmpl/gettemplate"


def read_templates(client: WeChatClient, database: Database, now: datetime) -> list[MessageTemplate]:
    """Read both kinds of templates, keep them, and return them. Raises CallFailed; then those known before stay."""
    found = [
        *_read("template", client.call(OF_TEMPLATES).get("template_list"), "template_id"),
        *_read("notice", client.call(OF_NOTICES).get("data"), "priTmplId"),
    ]
    database.write(lambda tx: notices.replace_templates(tx, found, now))
    return notices.templates(database)


def _read(kind: Any, listed: object, id_name: str) -> Iterator[MessageTemplate]:
    for one in listed if isinstance(listed, list) else []:
        if isinstance(one, dict) and isinstance(template_id := one.get(id_name), str) and template_id:
            words = (str(one.get(name, "")) for name in ("title", "content", "example"))
            yield MessageTemplate(template_id, kind, *words)
