"""Lots by FIFO, LIFO and average, against figures worked out by hand."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskplatform.errors import UserInputError
from riskplatform.store.ledger.lots import LotLine, Method, OpenLot, allocate

NANO = 1_000_000_000


def lot(number: int, quantity: int, cost: int) -> OpenLot:
    return OpenLot(number, f"T{number}", quantity * NANO, cost * NANO)


def run(method: str, *lots: OpenLot) -> tuple[LotLine, list[int]]:
    line = LotLine(Method.of(method))
    realised = [line.trade(each) for each in lots]
    return line, [value // NANO for value in realised]


# The periodic example of every accounting textbook: 100 at 10, 100 at 12, 100 at 15; 150 sold
# at 20 = 3,000. FIFO cost 100·10 + 50·12 = 1,600; LIFO 100·15 + 50·12 = 2,100; average
# 150 · 3,700/300 = 1,850.
PURCHASES = (lot(1, 100, 1_000), lot(2, 100, 1_200), lot(3, 100, 1_500))
SALE = lot(4, -150, -3_000)


@pytest.mark.parametrize(
    ("method", "realised", "left"),
    [
        ("fifo", 1_400, [(2, 50, 600), (3, 100, 1_500)]),
        ("lifo", 900, [(1, 100, 1_000), (2, 50, 600)]),
        ("average", 1_150, [(1, 150, 1_850)]),
    ],
)
def test_a_sale_closes_the_lots_that_the_method_says(
    method: str, realised: int, left: list[tuple[int, int, int]]
) -> None:
    line, gains = run(method, *PURCHASES, SALE)
    assert gains == [0, 0, 0, realised]
    assert [(x.opened_at, x.quantity // NANO, x.cost // NANO) for x in line.lots] == left


def test_a_short_sale_is_closed_by_buying_back() -> None:
    # Sold 10 for 1,000, bought 4 back for 300: 400 of proceeds less 300 paid.
    line, gains = run("fifo", lot(1, -10, -1_000), lot(2, 4, 300))
    assert gains == [0, 100]
    assert [(x.quantity // NANO, x.cost // NANO) for x in line.lots] == [(-6, -600)]


@pytest.mark.parametrize("method", list(Method))
def test_a_sale_of_more_than_is_held_turns_the_line_short(method: str) -> None:
    # 10 bought for 100; 15 sold for 300: 10 of them bring 200, the other 5 open a short at 100.
    line, gains = run(method, lot(1, 10, 100), lot(2, -15, -300))
    assert gains == [0, 100]
    assert [(x.opened_at, x.quantity // NANO, x.cost // NANO) for x in line.lots] == [(2, -5, -100)]


def test_an_unknown_method_is_refused_with_those_accepted() -> None:
    with pytest.raises(UserInputError, match="Accepted: fifo, lifo, average"):
        Method.of("hifo")


@given(total=st.integers(-(10**15), 10**15), weights=st.lists(st.integers(0, 10**12), max_size=9))
def test_allocation_loses_nothing(total: int, weights: list[int]) -> None:
    parts = allocate(total, weights)
    assert len(parts) == len(weights)
    if weights:
        assert sum(parts) == total


AMOUNTS = st.integers(-(10**14), 10**14)
TRADES = st.lists(st.tuples(AMOUNTS, AMOUNTS), max_size=30)


@given(trades=TRADES, method=st.sampled_from(Method))
def test_lots_sum_to_the_position_and_no_money_is_lost(
    trades: list[tuple[int, int]], method: Method
) -> None:
    line = LotLine(method)
    realised = sum(
        line.trade(OpenLot(n, str(n), quantity, cost)) for n, (quantity, cost) in enumerate(trades)
    )
    assert line.quantity == sum(quantity for quantity, _ in trades)
    assert sum(each.quantity for each in line.lots) == line.quantity
    assert len({each.quantity > 0 for each in line.lots if each.quantity}) <= 1
    # What was paid is either still in the lots or was realised.
    assert line.cost - realised == sum(cost for _, cost in trades)


@given(
    trades=TRADES,
    method=st.sampled_from(Method),
    ratio=st.builds(Fraction, st.integers(1, 100), st.integers(1, 100)),
)
def test_a_split_keeps_the_cost_of_each_lot(
    trades: list[tuple[int, int]], method: Method, ratio: Fraction
) -> None:
    line = LotLine(method)
    for n, (quantity, cost) in enumerate(trades):
        line.trade(OpenLot(n, str(n), quantity, cost))
    costs, before = [each.cost for each in line.lots], line.quantity
    line.split(ratio)
    assert [each.cost for each in line.lots] == costs
    assert line.quantity == round(before * ratio) == sum(each.quantity for each in line.lots)
