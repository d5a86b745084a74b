"""Names in statements become numbers, and nothing else is taken for a name."""

import pytest

from storage.placeholders import numbered


@pytest.mark.parametrize(
    ("sql", "as_numbers", "names"),
    [
        ("SELECT 1", "SELECT 1", ()),
        ("SELECT :a, :b, :a", "SELECT $1, $2, $1", ("a", "b")),
        ("a=:a_1 AND b>:a", "a=$1 AND b>$2", ("a_1", "a")),
        ("SELECT :a::text", "SELECT $1::text", ("a",)),
        ("SELECT ':a', 'it''s :b', :c", "SELECT ':a', 'it''s :b', $1", ("c",)),
        ('SELECT ":a" FROM t WHERE x = :x', 'SELECT ":a" FROM t WHERE x = $1', ("x",)),
        ("SELECT :a -- :b\n, :c", "SELECT $1 -- :b\n, $2", ("a", "c")),
        ("SELECT /* :a\n */ :b", "SELECT /* :a\n */ $1", ("b",)),
        ("x LIKE '100%' AND y LIKE :p ESCAPE '\\'", "x LIKE '100%' AND y LIKE $1 ESCAPE '\\'", ("p",)),
        ("x BETWEEN :a AND :b LIMIT :a", "x BETWEEN $1 AND $2 LIMIT $1", ("a", "b")),
    ],
)
def test_names_become_numbers(sql: str, as_numbers: str, names: tuple[str, ...]) -> None:
    text, values = numbered(sql, "$")
    assert text == as_numbers
    assert values({"a": "a", "b": "b", "c": "c", "a_1": "a_1", "x": "x", "p": "p"}) == names


def test_the_mark_is_that_of_the_driver() -> None:
    assert numbered("SELECT :a, :b, :a", "?")[0] == "SELECT ?1, ?2, ?1"


def test_values_come_in_the_order_of_their_numbers_and_others_are_left_out() -> None:
    assert numbered(":b, :a", "$")[1]({"a": 1, "b": 2, "c": 3}) == (2, 1)


def test_a_missing_value_is_an_error() -> None:
    with pytest.raises(KeyError):
        numbered(":a", "$")[1]({})
