"""Differences of two texts: by lines, and by words within them."""

import time

from bot.console.differences import Piece, Row, difference


def test_the_same_text_has_no_difference() -> None:
    assert difference("a\nb", "a\nb") == []


def test_a_changed_line_tells_its_words_apart() -> None:
    rows = difference("共 8 张券\n再见", "共 12 张券\n再见")
    assert rows[0] == Row(
        "changed",
        1,
        (Piece("共 "), Piece("8", differs=True), Piece(" 张券")),
        1,
        (Piece("共 "), Piece("12", differs=True), Piece(" 张券")),
    )
    assert [row.change for row in rows] == ["changed", "same"]


def test_lines_come_and_go() -> None:
    assert [row.change for row in difference("a\nb", "a\nb\nc")] == ["same", "same", "added"]
    assert [row.change for row in difference("a\nb\nc", "a\nc")] == ["same", "removed", "same"]


def test_what_is_far_from_a_change_is_left_out() -> None:
    old = "\n".join(str(number) for number in range(100))
    rows = difference(old, old.replace("\n50\n", "\nfifty\n"))
    assert [row.change for row in rows] == ["gap", "same", "same", "same", "changed", "same", "same", "same"]
    assert rows[4].old_line == rows[4].new_line == 51


def test_lines_with_nothing_in_common_differ_whole() -> None:
    [row] = difference("你好", "再见啦")
    assert (row.old, row.new) == ((Piece("你好", differs=True),), (Piece("再见啦", differs=True),))


def test_every_character_of_both_texts_is_there() -> None:
    old, new = "您好 {{ name }}，\n有 3 张券", "您好呀 {{ name|upper }}\n\n有 4 张券！"
    rows = difference(old, new)
    assert "\n".join("".join(piece.text for piece in row.old) for row in rows if row.old_line) == old
    assert "\n".join("".join(piece.text for piece in row.new) for row in rows if row.new_line) == new


def test_texts_made_to_be_slow_are_compared_at_once() -> None:
    started = time.thread_time()
    difference("a\n" * 16_000, "b\na\n" * 8_000)
    difference("ab" * 16_000, "ba" * 16_000)
    assert time.thread_time() - started < 2
