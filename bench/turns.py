"""The whole turn, recorded durably, beside peers under the same server: requests per second as ratios, pair by pair, and the slowest answers.

python -m bench.turns [--requests N] [--rounds N]
"""

import argparse
import statistics
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path

from bench import load, servers
from bot.wechat.account import Account
from bot.wechat.outbound_push import Push, message_fields

SAID = ("你好", "领券", "签到", "我的积分", "附近门店", "怎么开发票", "谢谢", "几点开门", "在吗", "我的优惠券")
ACCOUNT_ID = "gh_000000000001"
MEMBERS = 500
CONNECTIONS = 32

Server = Callable[[Path], AbstractContextManager[int]]
PEERS: dict[str, Server] = {
    "WeRoBot, echo, memory only": lambda folder: servers.peer("werobot_memory", folder),
    "bare Flask answer": lambda folder: servers.peer("bare_flask", folder),
}


def pushes(count: int) -> list[bytes]:
    """Return this many signed text messages of different members, each with an id of its own."""
    return pushes_of([openid_of(number % MEMBERS) for number in range(count)])


def openid_of(number: int) -> str:
    """Return what a member of the load is known by."""
    return f"oMember{number:05}"


def pushes_of(openids: Sequence[str]) -> list[bytes]:
    """Return one signed text message of each of these members."""
    push = Push(Account(app_id="wx0", token=servers.TOKEN, mode="plain", account_id=ACCOUNT_ID))
    now = datetime.now(UTC)
    made = []
    for number, openid in enumerate(openids):
        fields = message_fields(push.account, openid, "text", now, Content=SAID[number % len(SAID)])
        query, body = push.of(fields, now)
        made.append(load.post(f"/wechat?{query}", body))
    return made


def measure(server: Server, requests: int, connections: int = CONNECTIONS) -> load.Load:
    """Start a server on a fresh folder, warm it, and put one load on it."""
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder, server(Path(folder)) as port:
        load.run(port, requests=pushes(MEMBERS * 2), connections=connections, expected=b"")
        return load.run(port, requests=pushes(requests), connections=connections)


def rounds(peer: Server, requests: int, times: int) -> Iterator[tuple[load.Load, load.Load]]:
    """Measure Zhaohu and a peer in turn, so that both meet the same mood of the machine."""
    for _ in range(times):
        yield measure(servers.zhaohu, requests), measure(peer, requests)


def _sqlite_session(requests: int, times: int) -> None:
    """WeRoBot's session in SQLite is so slow that it gets a small load of its own; and as it fails at many, its right answers are counted as well."""
    pairs = []
    for _ in range(times):
        theirs = measure(lambda folder: servers.peer("werobot_sqlite", folder), max(200, requests // 20))
        pairs.append((measure(servers.zhaohu, requests), theirs))
    every = sorted(ours.per_second / theirs.per_second for ours, theirs in pairs)
    right = sorted(ours.right_per_second / theirs.right_per_second for ours, theirs in pairs)
    ours_shown = statistics.median(ours.per_second for ours, _ in pairs)
    shown = statistics.median(theirs.per_second for _, theirs in pairs)
    right_shown = statistics.median(theirs.right_per_second for _, theirs in pairs)
    wrong = sum(theirs.wrong for _, theirs in pairs) / sum(len(theirs.latencies) for _, theirs in pairs)
    print(f"{'WeRoBot, its SQLite session':32} {shown:8.0f}/s, {right_shown:.0f}/s right, {wrong:.0%} wrong; Zhaohu {ours_shown:.0f}/s; "
          f"ratio {statistics.median(every):.1f} ({every[0]:.1f} to {every[-1]:.1f}), "
          f"of right answers {statistics.median(right):.1f} ({right[0]:.1f} to {right[-1]:.1f})")  # fmt: skip


def main() -> None:
    """Print one line for each peer."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    print(
        f"{CONNECTIONS} connections, {options.requests} messages of {MEMBERS} members, {options.rounds} rounds, one process each"
    )
    for name, peer in PEERS.items():
        pairs = list(rounds(peer, options.requests, options.rounds))
        ratios = sorted(ours.per_second / theirs.per_second for ours, theirs in pairs)
        ours = statistics.median(pair[0].per_second for pair in pairs)
        theirs = statistics.median(pair[1].per_second for pair in pairs)
        p99 = statistics.median(pair[0].percentile_ms(99) for pair in pairs)
        worst = max(pair[0].latencies[-1] for pair in pairs) * 1000
        wrong = sum(pair[0].wrong for pair in pairs)
        print(f"{name:32} {theirs:8.0f}/s; Zhaohu {ours:.0f}/s, p99 {p99:.1f} ms, slowest {worst:.0f} ms, {wrong} wrong; "
              f"ratio {statistics.median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})")  # fmt: skip
    _sqlite_session(options.requests, options.rounds)


if __name__ == "__main__":
    main()
