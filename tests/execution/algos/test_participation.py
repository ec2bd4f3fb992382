"""Following the volume never takes more than its share, and ends with the whole parent."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskplatform.errors import UserInputError
from riskplatform.execution.algos import Participation, came_back, step


def state(total: int = 1_000, share: str = "0.1", **terms: str) -> Participation:
    more = {name: Decimal(value) for name, value in terms.items()}
    return Participation(total=Decimal(total), share=Decimal(share), **more)


@given(
    total=st.integers(1, 50_000),
    share=st.sampled_from(["0.01", "0.1", "0.2", "0.5"]),
    lot=st.sampled_from(["1", "10", "100"]),
    volumes=st.lists(st.integers(0, 100_000), min_size=1, max_size=30),
    back=st.lists(st.booleans(), min_size=30, max_size=30),
)
def test_what_is_out_never_exceeds_the_share_of_what_was_seen(
    total: int, share: str, lot: str, volumes: list[int], back: list[bool]
) -> None:
    now, out = state(total, share, lot=lot, most="0.5"), Decimal(0)
    for volume, is_back in zip(volumes, back, strict=False):
        now, quantity = step(now, Decimal(volume))
        out += quantity
        assert quantity >= 0
        assert quantity <= Decimal("0.5") * volume
        assert out == now.released <= total
        assert out <= Decimal(share) * now.seen
        assert quantity % Decimal(lot) == 0 or out == total
        if is_back and quantity:
            now, out = came_back(now, quantity), out - quantity


def test_it_goes_with_the_market() -> None:
    now, sent = state(), []
    for volume in (2_000, 0, 500, 3_000):
        now, quantity = step(now, Decimal(volume))
        sent.append(int(quantity))
    assert sent == [200, 0, 50, 300]


def test_lots_wait_until_they_are_whole() -> None:
    now, first = step(state(lot="100"), Decimal(900))
    now, second = step(now, Decimal(900))
    assert [int(first), int(second)] == [0, 100]


def test_the_odd_rest_goes_with_the_last_lot() -> None:
    now, quantity = step(state(150, lot="100"), Decimal(1_000))
    assert quantity == 100
    now, quantity = step(now, Decimal(500))
    assert quantity == 50
    assert now.is_done
    assert step(now, Decimal(10_000))[1] == 0


def test_what_came_back_is_caught_up_no_faster_than_allowed() -> None:
    now, quantity = step(state(most="0.2"), Decimal(5_000))
    assert quantity == 500
    now = came_back(now, Decimal(400))
    now, quantity = step(now, Decimal(1_000))
    # A tenth of 6,000 is 600, 100 of which are out; 0.2 of this step's volume is 200.
    assert quantity == 200


def test_a_step_is_a_function_of_what_it_is_given() -> None:
    now = state()
    assert step(now, Decimal(777)) == step(now, Decimal(777))
    assert now == state()


@pytest.mark.parametrize(
    "terms",
    [{"total": 0}, {"share": "0"}, {"share": "0.3"}, {"lot": "0"}, {"most": "1.1"}, {"seen": "-1"}],
)
def test_what_makes_no_sense_is_refused(terms: dict[str, str]) -> None:
    with pytest.raises(UserInputError):
        state(**terms)  # type: ignore[arg-type]  # total is a number


def test_volumes_and_returns_are_checked() -> None:
    with pytest.raises(UserInputError):
        step(state(), Decimal(-1))
    with pytest.raises(UserInputError):
        came_back(state(), Decimal(1))
