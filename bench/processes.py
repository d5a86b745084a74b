"""What a process and all it started cost, as Linux tells: processor time, memory, open files, threads."""

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_OWN = re.compile(r"RssAnon:\s+(\d+) kB")


@dataclass(frozen=True, slots=True)
class Held:
    """What processes hold at one moment; ``own_bytes`` is resident memory without files that are mapped, which the system takes back when it likes."""

    own_bytes: int
    files: int
    threads: int


def family(pid: int) -> Iterator[int]:
    """Yield a process and those it started, and those that they started."""
    yield pid
    with suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text("ascii").split():
                yield from family(int(child))


def processor_seconds(pid: int) -> float:
    """Return the processor time of a process and its family so far, also of children that have ended."""
    ticks = 0
    for one in family(pid):
        with suppress(OSError):
            ticks += sum(map(int, _figures(one)[11:15]))
    return ticks / _TICKS


def held(pid: int) -> Held:
    """Return what a process and its family hold now."""
    own, files, threads = 0, 0, 0
    for one in family(pid):
        with suppress(OSError):
            own += int(_OWN.findall(Path(f"/proc/{one}/status").read_text("utf-8"))[0]) * 1024
            files += len(list(Path(f"/proc/{one}/fd").iterdir()))
            threads += int(_figures(one)[17])
    return Held(own, files, threads)


def _figures(pid: int) -> list[str]:
    """Return the fields of /proc/PID/stat (see proc(5)) from the third on."""
    return Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rpartition(") ")[2].split()
