"""The breaker of calls that people wait for."""

import pytest

from bot.wechat.circuit import MOST_FAILURES, PROBE_SECONDS, Circuit
from tests.conftest import Seconds


@pytest.fixture
def opened(seconds: Seconds) -> Circuit:
    circuit = Circuit(seconds)
    for _ in range(MOST_FAILURES):
        assert circuit.may_try()
        circuit.note(answered=False)
    return circuit


def test_an_answer_in_between_keeps_it_closed(seconds: Seconds) -> None:
    circuit = Circuit(seconds)
    for number in range(4 * MOST_FAILURES):
        circuit.note(answered=number % MOST_FAILURES == 0)
        assert circuit.may_try()


def test_it_lets_one_call_through_at_a_time_until_one_is_answered(opened: Circuit, seconds: Seconds) -> None:
    assert not opened.may_try()
    for _ in range(3):
        seconds.now += PROBE_SECONDS
        assert [opened.may_try() for _ in range(3)] == [True, False, False]
        opened.note(answered=False)
    seconds.now += PROBE_SECONDS
    assert opened.may_try()
    opened.note(answered=True)
    assert [opened.may_try() for _ in range(3)] == [True, True, True]
