"""Where one turn's time goes: each step by itself, in one thread, the best of many rounds, in microseconds.

python -m bench.steps
"""

import io
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from wsgiref.types import WSGIEnvironment

from bench.servers import ENVIRONMENT
from bench.turns import ACCOUNT_ID, SAID
from bot.app import account_of, build_service, build_webhook
from bot.conversation.record import content_to_text
from bot.conversation.speaking import speak
from bot.settings import read_settings
from bot.waiting import InThread
from bot.wechat.gate import Admitted, Gate
from bot.wechat.outbound_push import Push, message_fields
from bot.wechat.replies import reply_xml
from bot.wechat.wsgi import WsgiWebhook
from intents.types import Reply
from storage import turns
from storage.database import Transaction
from storage.migrations import migrate
from storage.sqlite import SqliteDatabase
from templates.content import Content

BATCH, ROUNDS, MEMBERS = 200, 25, 200


def main() -> None:
    """Print the table."""
    settings = read_settings({**ENVIRONMENT, "WECHAT_ACCOUNT_ID": ACCOUNT_ID})
    now = datetime.now(UTC)
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        database = SqliteDatabase(Path(folder) / "steps.db")
        migrate(database)
        service = build_service(settings, database)
        webhook, gate = WsgiWebhook(build_webhook(service), InThread(database)), Gate(account_of(settings), lambda: now)
        knowledge = service.engine.knowledge.newest(database)
        push = Push(account_of(settings))

        def pushes() -> list[tuple[str, bytes]]:
            words = (SAID[number % len(SAID)] for number in range(BATCH))
            return [push.of(message_fields(push.account, f"o{number % MEMBERS}", "text", now, Content=said), now)
                    for number, said in enumerate(words)]  # fmt: skip

        def admitted() -> list[Any]:
            return [judged.message for judged in (gate.admit(*one) for one in pushes()) if isinstance(judged, Admitted)]

        def serve(environ: WSGIEnvironment) -> None:
            webhook(environ, _start_response)

        def recall_all(tx: Transaction) -> None:
            for number in range(BATCH):
                turns.recall(tx, account_id=ACCOUNT_ID, openid=f"o{number % MEMBERS}", key="m:0")

        said = Content("text", text="您好，我在。" * 10)
        for _ in range(2):
            _best(lambda: [_environ(*one) for one in pushes()], serve, rounds=1)
        rows = [
            ("whole turn, commit of its own, synced", _best(lambda: [_environ(*one) for one in pushes()], serve)),
            ("  gate: query, signature, XML, message", _best(pushes, lambda one: gate.admit(*one))),
            ("  turn, commit of its own, synced", _best(admitted, service.engine.receive)),
            ("    empty transaction", _best(lambda: range(BATCH), lambda _: database.write(lambda _tx: None))),
            ("    recall: one SELECT", _best(lambda: [recall_all], database.write) / BATCH),
            ("    match", _best(lambda: [SAID[n % len(SAID)] for n in range(BATCH)],
                                lambda text: knowledge.matcher.match(text, today=now.date()))),
            ("    render", _best(lambda: range(BATCH), lambda _: speak(
                knowledge.library, Reply("thanks"), reminder=None, links=False))),
            ("    reply as JSON", _best(lambda: range(BATCH), lambda _: content_to_text(said))),
            ("  reply as XML", _best(lambda: range(BATCH), lambda _: reply_xml(said, "o1", ACCOUNT_ID, 1))),
        ]  # fmt: skip
        database.write(lambda tx: tx.query("SELECT 1"))
        database.close()
    for label, microseconds in rows:
        print(f"{label:42} {microseconds:8.1f} µs")


def _best(prepare: Callable[[], Sequence[Any]], step: Callable[[Any], object], rounds: int = ROUNDS) -> float:
    """Return the least time of one step in microseconds, over rounds of freshly prepared arguments."""
    least = float("inf")
    for _ in range(rounds):
        arguments = prepare()
        started = time.perf_counter()
        for argument in arguments:
            step(argument)
        least = min(least, (time.perf_counter() - started) / len(arguments))
    return least * 1_000_000


def _environ(query: str, body: bytes) -> WSGIEnvironment:
    return {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/wechat",
        "QUERY_STRING": query,
        "CONTENT_LENGTH": str(len(body)),
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.input": io.BytesIO(body),
    }


def _start_response(_status: str, _headers: list[tuple[str, str]], _error: object = None) -> Callable[[bytes], object]:
    return bytes


if __name__ == "__main__":
    main()
