"""Rounding to whole lots: the nearest that is allowed, and never more cash than there is."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskplatform.errors import UserInputError
from riskplatform.optimisation.lot_grid import LotGrid
from riskplatform.optimisation.lot_result import WholeLots
from riskplatform.optimisation.whole_lots import LotLine, LotRules, target_values, whole_lots

DAY = date(2026, 3, 31)
D = Decimal


def rounded(
    lines: list[LotLine], cash: Decimal | int | str, rules: LotRules | None = None
) -> WholeLots:
    return whole_lots(lines, Decimal(cash), rules, as_of=DAY, base_currency="USD")


def line(name: str, target: object, price: object, held: object = 0, lot: object = 1,
         **more: Any) -> LotLine:  # fmt: skip
    return LotLine(
        instrument_id=name, target=D(str(target)), unit_value=D(str(price)),
        quantity=D(str(held)), lot=D(str(lot)), **more,
    )  # fmt: skip


def trades(found: WholeLots) -> dict[str, Decimal]:
    return {each.instrument_id: each.quantity for each in found.trades}


def test_each_line_goes_to_the_nearest_lot() -> None:
    found = rounded(
        [line("A", 10_240, 10, 500, 100), line("B", 990, 33), line("C", 0, 5, 37)], 9_000
    )
    # A: 1,024 units wanted, 1,000 allowed; B: 30; C is closed to the last unit.
    assert trades(found) == {"A": 500, "B": 30, "C": -37}
    assert found.cash_left == 9_000 - 5_000 - 990 + 185
    assert [each.deviation for each in found.lines] == [-240, 0, 0]
    assert found.deviation == 240
    assert found.bought_share == 1
    assert found.provenance.coverage.is_complete


def test_purchases_are_cut_together_where_the_cash_is_short() -> None:
    lines = [line("A", 50_000, 10), line("B", 30_000, 10), line("C", 0, 10, 1_000)]
    found = rounded(lines, 30_000)
    # 40,000 for purchases of 80,000: half of each.
    assert trades(found) == {"A": 2_500, "B": 1_500, "C": -1_000}
    assert found.cash_left == 0
    assert float(found.bought_share) == pytest.approx(0.5, abs=2e-4)
    assert [each.held_back for each in found.lines] == ["cash", "cash", ""]


def test_what_is_left_goes_to_the_line_that_is_furthest_off() -> None:
    # A share buys one lot of neither; 1,000 fit a lot of B or of A, and A misses more.
    lines = [line("A", 9_000, 10, lot=100), line("B", 8_000, 10, lot=100)]
    found = rounded(lines, 1_500)
    assert found.cash_left == 500
    assert trades(found) == {"A": 100}


def test_cash_that_is_kept_costs_that_are_paid_and_a_book_that_may_borrow() -> None:
    dear = line("A", 1_000, 10, cost_rate=D("0.01"))
    found = rounded([dear], 1_000)
    assert trades(found) == {"A": 99}
    assert found.cost == D("9.90")
    assert found.cash_left == D("0.10")
    assert trades(rounded([dear], 1_000, LotRules(cash_kept=D(500)))) == {"A": 49}
    borrowed = rounded([dear], 0, LotRules(cash_kept=None))
    assert borrowed.cash_left == -1_010


def test_an_overdrawn_book_sells_and_does_not_buy() -> None:
    found = rounded([line("A", 0, 10, 10), line("B", 500, 10)], -300)
    assert trades(found) == {"A": -10}
    assert found.cash_left == -200


def test_a_future_moves_no_cash_but_its_costs_must_be_there() -> None:
    future = line("F", -250_000, 50_000, 1, cash_per_unit=D(0), cost_rate=D("0.0001"))
    rules = LotRules(allow_shorts=True)
    assert trades(rounded([future], 100, rules)) == {"F": -6}
    assert rounded([future], 100, rules).cash_left == 70
    assert trades(rounded([future], 12, rules)) == {"F": -2}


def test_restricted_lines_shorts_and_small_trades() -> None:
    lines = [
        line("A", 900, 10, 50),
        line("B", -500, 10, 20),
        line("C", 1_040, 10, 100, least_trade=D(100)),
        line("D", 1_060, 10, 100, least_trade=D(100)),
    ]
    found = rounded(lines, 10_000, LotRules(restricted=frozenset({"A"})))
    assert trades(found) == {"B": -20, "D": 10}
    assert [each.held_back for each in found.lines] == [
        "restricted list", "no short sales", "smallest trade", "smallest trade",
    ]  # fmt: skip
    free = rounded(lines, 10_000, LotRules(allow_shorts=True))
    assert trades(free) == {"A": 40, "B": -70, "D": 10}
    # Restricted and short: bought back to flat and no further.
    short = rounded([line("A", 900, 10, -50)], 10_000, LotRules(restricted=frozenset({"A"})))
    assert trades(short) == {"A": 50}


def test_dust_is_closed_and_not_made() -> None:
    rules = LotRules(dust=D(100))
    lines = [line("A", 40, 10, 5), line("B", 60, 10, 20), line("C", 30, 10)]
    found = rounded(lines, 0, rules)
    # B: 6 units would be dust; nothing is nearer than ten.
    assert trades(found) == {"A": -5, "B": -10}
    assert found.lines[0].is_closing
    # Odd lots go too, and closing is never too small a trade.
    odd = rounded([line("A", 0, 10, 150, 100, least_trade=D(5_000))], 0)
    assert trades(odd) == {"A": -150}
    assert odd.lines[0].after == 0


def test_a_line_without_a_price_does_not_trade_and_is_named() -> None:
    lines = [line("A", 100, 10), LotLine(instrument_id="B", target=D(5), unit_value=None),
             line("S", 100, -3)]  # fmt: skip
    found = rounded(lines, 1_000)
    assert trades(found) == {"A": 10}
    coverage = found.provenance.coverage
    assert [each.subject for each in coverage.failures] == ["B", "S"]
    assert "no price" in coverage.failures[0].message


def test_the_record_is_exact_and_complete() -> None:
    found = rounded([line("A", 100, "3.3333", lot="0.01")], 1_000)
    record = json.loads(json.dumps(found.to_dict()))
    assert record["lines"][0]["quantity"] == "30.00"
    assert D(record["cash_left"]) == 1_000 - D("3.3333") * 30
    assert record["base_currency"] == "USD"
    assert found.to_frame().shape == (1, 12)
    assert "1 trades" in found._repr_html_()
    assert found.run_id == rounded([line("A", 100, "3.3333", lot="0.01")], 1_000).run_id
    assert found.run_id != rounded([line("A", 100, "3.3333", lot="0.01")], 999).run_id


def test_weights_become_money() -> None:
    assert target_values({"A": 0.1, "B": -0.25}, D(1_000)) == {"A": 100, "B": -250}


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(UserInputError, match="lot is 0"):
        line("A", 1, 1, lot=0)
    with pytest.raises(UserInputError, match="least_trade is -1"):
        line("A", 1, 1, least_trade=D(-1))
    with pytest.raises(UserInputError, match="finite"):
        line("A", "NaN", 1)
    with pytest.raises(UserInputError, match="twice"):
        rounded([line("A", 1, 1), line("A", 1, 1)], 0)


whole = st.integers(-40, 40).map(Decimal)


@given(
    held=whole, lot=st.integers(1, 9).map(Decimal), low=st.one_of(st.none(), whole),
    high=st.one_of(st.none(), whole), least=st.integers(0, 20).map(Decimal),
    dust=st.integers(0, 15).map(Decimal), wanted=st.decimals(-60, 60, places=1),
)  # fmt: skip
def test_the_grid_finds_what_looking_everywhere_finds(
    held: Decimal, lot: Decimal, low: Decimal | None, high: Decimal | None, least: Decimal,
    dust: Decimal, wanted: Decimal,
) -> None:  # fmt: skip
    low = None if low is None else min(low, D(0), held)
    high = None if high is None else max(high, D(0), held)
    grid = LotGrid(held, lot, low, high, least, dust, may_stay=held <= 0 or held >= dust)
    everywhere = [D(each) for each in range(-200, 201) if grid.holds(D(each))]
    assert D(0) in everywhere
    assert grid.at_least(wanted) == min((x for x in everywhere if x >= wanted), default=None)
    assert grid.at_most(wanted) == max((x for x in everywhere if x <= wanted), default=None)
    near = min(everywhere, key=lambda x: abs(x - wanted))
    assert abs(grid.nearest(wanted) - wanted) == abs(near - wanted)
    place = grid.nearest(wanted)
    assert grid.above(place) == min((x for x in everywhere if x > place), default=None)
    assert grid.below(place) == max((x for x in everywhere if x < place), default=None)


@st.composite
def books(draw: st.DrawFn) -> tuple[list[LotLine], Decimal, LotRules]:
    money = st.decimals(-5_000, 20_000, places=2)
    lines = [
        LotLine(
            instrument_id=f"X{place}",
            target=draw(money),
            unit_value=draw(st.decimals("0.5", 300, places=2)),
            quantity=D(draw(st.integers(-30, 200))),
            lot=D(draw(st.sampled_from([1, 10, 100]))),
            least_trade=D(draw(st.sampled_from([0, 0, 500]))),
            cost_rate=draw(st.sampled_from([D(0), D("0.002")])),
            cash_per_unit=draw(st.sampled_from([None, None, None, D(0)])),
        )
        for place in range(draw(st.integers(1, 8)))
    ]
    rules = LotRules(
        cash_kept=D(draw(st.sampled_from([0, 100]))),
        allow_shorts=draw(st.booleans()),
        restricted=frozenset(draw(st.lists(st.sampled_from(["X0", "X1"]), max_size=2))),
        dust=D(draw(st.sampled_from([0, 0, 300]))),
    )
    return lines, draw(st.decimals(-2_000, 30_000, places=2)), rules


@given(books())
def test_what_holds_of_every_book(book: tuple[list[LotLine], Decimal, LotRules]) -> None:
    lines, cash, rules = book
    found = rounded(lines, cash, rules)
    assert rules.cash_kept is not None
    received = sum((x.cash - x.cost for x in found.lines if x.cash > x.cost), D(0))
    assert found.cash_left >= min(rules.cash_kept, cash + received)
    for asked, done in zip(lines, found.lines, strict=True):
        is_whole = done.quantity % asked.lot == 0
        assert is_whole or done.after == 0
        if not rules.allow_shorts:
            assert done.after >= min(asked.quantity, D(0))
        if asked.instrument_id in rules.restricted:
            assert done.after <= max(asked.quantity, D(0))
        if done.quantity and done.after:
            assert abs(done.quantity) * done.unit_value >= asked.least_trade
        if done.after > 0:
            assert done.value >= rules.dust
        # No line is further from its target than it was, but for dust that is swept up.
        before = abs(asked.quantity * done.unit_value - asked.target)
        assert abs(done.deviation) <= before or rules.dust
        if not done.held_back:
            assert abs(done.deviation) <= asked.lot * done.unit_value
    # Nothing that was cut could have been cut by a lot less.
    left = found.cash_left - rules.cash_kept
    for asked, done in zip(lines, found.lines, strict=True):
        if done.held_back == "cash" and not (rules.dust or asked.least_trade):
            per_unit = done.unit_value if asked.cash_per_unit is None else asked.cash_per_unit
            step = asked.lot * (per_unit + done.unit_value * asked.cost_rate)
            assert step > left


def test_close_to_the_best_of_all_roundings() -> None:
    """A small book against every combination of lots that the cash allows."""
    prices, targets, lots = (13, 29, 47), (900, 1_150, 940), (10, 5, 4)
    lines = [line(f"X{i}", targets[i], prices[i], 0, lots[i]) for i in range(3)]
    for cash in (600, 1_500, 2_400, 2_999):
        found = rounded(lines, cash)
        best = min(
            sum(abs(n * lot * p - t) for n, lot, p, t in zip(c, lots, prices, targets, strict=True))
            for c in product(range(9), range(9), range(6))
            if sum(n * lot * p for n, lot, p in zip(c, lots, prices, strict=True)) <= cash
        )
        dearest = max(lot * p for lot, p in zip(lots, prices, strict=True))
        assert best <= found.deviation <= best + dearest
