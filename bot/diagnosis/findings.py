"""What a check found."""

from dataclasses import dataclass
from typing import Literal

State = Literal["ok", "warning", "failed"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One result: ``check`` is a stable name, ``message`` what was found, ``advice`` what to do about it (empty when all is well)."""

    check: str
    state: State
    message: str
    advice: str = ""


def ok(check: str, message: str) -> Finding:
    """Return that all is well."""
    return Finding(check, "ok", message)


def warning(check: str, message: str, advice: str) -> Finding:
    """Return that something is unwise, or may become a fault."""
    return Finding(check, "warning", message, advice)


def failed(check: str, message: str, advice: str) -> Finding:
    """Return that something does not work."""
    return Finding(check, "failed", message, advice)
