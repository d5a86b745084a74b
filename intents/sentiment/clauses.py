"""What a clause does with its words: asks, supposes, turns against what came before."""

import re
from dataclasses import dataclass

_BORDER = re.compile(r"[,.!?;:~…、。—]+|(?<=[^\x00-\x7f])\s+|\s+(?=[^\x00-\x7f])|\n+")
_ASKS = re.compile(
    r"吗|嘛\W*$|么\W*$|呢\W*$|没\W*$|不\W*$|怎么|如何|怎样|咋|哪|什么(?!都|也)|啥(?!都|也)|多少|几(?:点|个|天|号|时|家|楼|块|折|寸|岁|位|种|款|次)|多久|多长|多大|多重|是否|能否|可否|"
    r"有没有|能不能|可不可以|会不会|是不是|要不要|请问|想问|问下|问一下|咨询|了解|谁|为什么|为啥|(.)不\1|"
    r"\b(?:what|how|where|when|who|which|why|can|could|do you|does|is there|are there|may i)\b"
)
_WHY = re.compile(
    r"为什么|为啥|干嘛|why|咋(?!办|整|弄|赔|退|修|处理|样)|"
    r"怎么(?!办|处理|解决|弄|赔|样|退|换|修|投诉|举报|申请|联系|操作|补|取消|防|避免|索|算|删|改|关|开)"
)
_IFS = re.compile(r"如果|要是|假如|万一|的话|若是|以防|if\b")
_SUPPOSES = re.compile(
    r"会不会|担心|怕|能不能|可以.{0,8}(?:吗|不)|能.{0,8}吗|会.{0,8}吗|有.{0,4}吗|(?:需|想)?要.{0,6}吗"
)
_TURNS = re.compile(
    r"但是|但|可是|不过(?!期|敏|如|分)|然而|可惜|只是|偏偏|谁知|没想到|结果|就是(?!快|好|不错|稳|香|棒|靠谱|方便|这么|这样)(?=.)|however|but\b"
)


@dataclass(frozen=True, slots=True)
class Clause:
    """A stretch between marks: from ``start`` until before ``end``.

    ``asks``: it is a question; ``why``: from where on it asks for a reason, -1 for nowhere; ``supposes``: what it says is not said to be so.
    """

    start: int
    end: int
    asks: bool
    why: int
    supposes: bool


def clauses_of(text: str, blanked: str) -> list[Clause]:
    """Return the clauses of a folded text; ``blanked`` is the same text with the words of the list taken out, where only the form is left."""
    found = []
    start = 0
    for border in (*_BORDER.finditer(text), None):
        end = border.start() if border else len(text)
        if end > start:
            form = blanked[start:end]
            asks = bool(border and "?" in border.group()) or _ASKS.search(form) is not None
            reason = _WHY.search(text, start, end) if asks else None
            why = reason.start() if reason else -1
            supposes = _IFS.search(form) is not None or (asks and why < 0 and _SUPPOSES.search(form) is not None)
            found.append(Clause(start, end, asks, why, supposes))
        start = border.end() if border else end
    return found


def turning_point(blanked: str) -> int | None:
    """Return where the message turns against what it said first, None when it does not."""
    places = [found.start() for found in _TURNS.finditer(blanked) if found.start() > 0]
    return places[-1] if places else None
