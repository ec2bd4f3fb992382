"""Where a rising curve first reaches a target: near a guess as by bisection, whatever the guess."""

from __future__ import annotations

from bisect import bisect_left

from hypothesis import given
from hypothesis import strategies as st

from riskplatform.execution.gate.followers import _first


@given(
    st.lists(st.integers(0, 9), max_size=12).map(sorted), st.integers(-1, 10), st.integers(0, 20)
)
def test_a_guess_changes_no_answer(curve: list[int], target: int, guess: int) -> None:
    found = _first(lambda k: curve[k], target, guess, len(curve))
    assert found == bisect_left(curve, target)
