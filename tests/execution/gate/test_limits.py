"""Limits at the gate are the limits of the book: the same numbers as a judgement outright."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskplatform.domain.limits import Direction, Limit
from riskplatform.execution.gate import Found, Verdict
from riskplatform.execution.gate.node_state import AsIfFilled, Tried
from riskplatform.risk.limits import LimitBook, headroom
from riskplatform.risk.what_if import Trade, WhatIf
from tests.execution.gate.gate_desk import NOW, gate_of, limit, order, sale, small_book

ALL = [
    limit("gross_value", 1e9),
    limit("vega", 1e9, gross=True),
    limit("fx_delta", 1e9, "fund", gross=True),
    limit("value", 1e9),
    limit("leverage", 50.0),
    limit("concentration", 0.9, by="sector"),
    limit("concentration", 0.9, "growth", by="issuer_id"),
    limit("days_to_unwind", 50.0, share=0.9),
    limit("days_to_unwind", 50.0, "fund", share=1.0),
    limit("days_to_unwind", 50.0, "macro", share=0.35),
    limit("var", 1e9),
    limit("es", 1e9, "fund", confidence=0.975),
    limit("var", 1e9, "growth", confidence=0.95, scenarios="drawn"),
    limit("es", 1e9, "value", confidence=0.9),
    limit("stress_loss", 1e9),
    limit("stress_loss", 1e9, "macro", scenario="crash"),
    limit("delta", 1e9, factor_id="AAA"),
    limit("delta", 1e9, "fund", gross=True),
    limit("dv01", 1e9),
    limit("fx_delta", 1e9, "value"),
]
LEAVES = ("growth", "value", "macro", "other")
TRADED = ("AAA", "BBB", "EEE", "BOND")
TRADES = st.lists(
    st.tuples(
        st.sampled_from(LEAVES), st.sampled_from(TRADED), st.integers(-3_000, 3_000).filter(bool)
    ),
    min_size=1,
    max_size=8,
)
BOOK = small_book()
LIMITS = LimitBook.of(ALL, BOOK)


@given(TRADES)
def test_every_limit_is_what_the_what_if_says_whatever_is_open(
    trades: list[tuple[str, str, int]],
) -> None:
    """All but the last trade are open orders; the last one is asked about."""
    followed = AsIfFilled(LIMITS)
    for leaf, name, quantity in trades[:-1]:
        followed.change(leaf, BOOK.place(name), float(quantity))
    leaf, name, quantity = trades[-1]
    changes = [Trade(each, much, where) for where, each, much in trades]
    expected = WhatIf(BOOK, LIMITS).ask(changes).limits_after
    assert expected is not None
    for node in followed.above(leaf):
        tried = Tried(node, followed.unit(BOOK.place(name)), float(quantity))
        for prepared, follower in zip(node.prepared, node.followers, strict=True):
            if follower is None:
                continue
            check = expected[prepared.limit.limit_id]
            if check.value is not None:
                found = follower.after(tried)
                assert found == pytest.approx(check.value, rel=1e-9, abs=1e-6), check.limit


@given(TRADES)
def test_renewing_the_sums_changes_nothing(trades: list[tuple[str, str, int]]) -> None:
    carried, renewed = AsIfFilled(LIMITS), AsIfFilled(LIMITS)
    renewed.renew_after = 2
    for leaf, name, quantity in trades:
        for each in (carried, renewed):
            each.change(leaf, BOOK.place(name), float(quantity))
    for node, state in carried.nodes.items():
        other = renewed.nodes[node]
        assert state.held == pytest.approx(other.held)
        for one, two in zip(state.followers, other.followers, strict=True):
            if one is not None and two is not None:
                assert one.now == pytest.approx(two.now, rel=1e-9, abs=1e-6)


def test_a_day_told_again_without_a_question_comes_to_the_same() -> None:
    """What is not asked about in between is added up first and worked in once."""
    asked_each_time, told_at_once = gate_of(limits=ALL), gate_of(limits=ALL)
    orders = [order(("AAA", "BBB")[i % 2], 10, slice=i, limit_price=90 + i % 3) for i in range(200)]
    for i, each in enumerate(orders):
        for gate in (asked_each_time, told_at_once):
            gate.sent(each, NOW)
            if i % 3 == 0:
                gate.closed(each.client_order_id)
        asked_each_time.judge(order("EEE", 5, slice=i), NOW)
    last = order("EEE", 40, slice=999)
    one, two = asked_each_time.judge(last, NOW), told_at_once.judge(last, NOW)
    for left, right in zip(one.outcomes, two.outcomes, strict=True):
        assert (left.check, left.found, left.subject) == (right.check, right.found, right.subject)
        assert (left.figure is None) == (right.figure is None)
        if left.figure is not None:
            assert left.figure == pytest.approx(right.figure, rel=1e-9)


def test_an_order_and_its_end_leave_no_trace() -> None:
    gate = gate_of(limits=ALL)
    first = order("AAA", 250)
    before = gate.judge(order("BBB", 100, slice=1), NOW)
    gate.sent(first, NOW)
    gate.closed(first.client_order_id)
    after = gate.judge(order("BBB", 100, slice=1), NOW)
    for one, two in zip(before.outcomes, after.outcomes, strict=True):
        if one.check == "limits":
            assert two.figure == pytest.approx(one.figure, rel=1e-9)


def test_open_orders_count_as_if_filled() -> None:
    """growth holds 300 AAA of 100 and 200 BBB of 50: 40,000 gross."""
    gate = gate_of(limits=[limit("gross_value", 60_000, "growth")])
    assert gate.judge(order("AAA", 150), NOW).is_allowed
    gate.sent(order("AAA", 150), NOW)
    decision = gate.judge(order("AAA", 100, slice=1), NOW)
    assert decision.verdict is Verdict.BLOCK
    outcome = decision.outcome("limits")
    assert (outcome.figure, outcome.bound, outcome.unit) == (65_000.0, 60_000.0, "USD")
    assert "growth gross_value: 65,000 USD would pass 60,000 USD." in decision.reason


def test_an_open_order_on_the_other_side_is_not_counted_on() -> None:
    """A far sale of 150 AAA would make room for a buy, if it were filled; it may never be."""
    gate = gate_of("limits: trim", [limit("gross_value", 50_000, "growth")])
    gate.sent(sale("AAA", 150, limit_price=119), NOW)
    decision = gate.judge(order("AAA", 200, limit_price=99, slice=1), NOW)
    # 40,000 is held: 100 more are within 50,000, whatever becomes of the sale.
    assert (decision.verdict, decision.quantity) == (Verdict.TRIM, Decimal(100))
    assert "150 open on the other side may not be filled" in decision.reason
    assert gate.judge(order("AAA", 100, limit_price=99, slice=2), NOW).verdict is Verdict.ALLOW
    # Of another portfolio nothing is taken off.
    other = gate.judge(order("AAA", 200, portfolio_id="value", slice=3, limit_price=99), NOW)
    assert other.verdict is Verdict.ALLOW


def test_a_fill_changes_nothing_and_a_cancel_gives_back_the_rest() -> None:
    gate = gate_of(limits=[limit("gross_value", 60_000, "growth")])
    first, second = order("AAA", 150), order("AAA", 100, slice=1)
    gate.sent(first, NOW)
    gate.filled(first.client_order_id, Decimal(50))
    assert not gate.judge(second, NOW).is_allowed
    gate.closed(first.client_order_id)
    # 300 + 50 filled + 100 asked, at 100, and 10,000 of BBB.
    assert gate.judge(second, NOW).outcome("limits").figure == pytest.approx(55_000.0)


def test_a_fill_after_the_end_is_counted() -> None:
    gate = gate_of(limits=[limit("gross_value", 60_000, "growth")])
    first = order("AAA", 150)
    gate.sent(first, NOW)
    gate.closed(first.client_order_id)
    gate.filled(first.client_order_id, Decimal(150))
    asked = gate.judge(order("AAA", 100, slice=1), NOW)
    assert asked.outcome("limits").figure == pytest.approx(65_000.0)
    assert gate.orders.committed[("approval", "growth", "AAA")] == 150


def test_trim_allows_what_the_headroom_of_the_limits_says() -> None:
    limits = [
        limit("gross_value", 60_030, "growth"),
        limit("es", 4_000.0, "fund", confidence=0.975),
    ]
    gate = gate_of("limits: trim", limits)
    decision = gate.judge(order("BBB", 1_000), NOW)
    book = small_book()
    expected = headroom(LimitBook.of(limits, book), book, "BBB", "growth", lot=10.0).quantity
    assert decision.verdict is Verdict.TRIM
    assert decision.quantity == Decimal(int(expected))
    assert 0 < decision.quantity < 1_000
    assert decision.quantity % 10 == 0
    assert gate.judge(order("BBB", float(decision.quantity), slice=1), NOW).verdict is Verdict.ALLOW
    over = float(decision.quantity) + 10
    assert gate.judge(order("BBB", over, slice=2), NOW).verdict is Verdict.TRIM


def test_where_nothing_fits_trim_blocks() -> None:
    gate = gate_of("limits: trim", [limit("gross_value", 40_050, "growth")])
    assert gate.judge(order("AAA", 10), NOW).verdict is Verdict.BLOCK


def test_warn_lets_it_pass_and_says_so() -> None:
    gate = gate_of("limits: warn", [limit("gross_value", 45_000, "growth")])
    decision = gate.judge(order("AAA", 100), NOW)
    assert decision.verdict is Verdict.ALLOW
    assert decision.outcome("limits").found is Found.WARNED
    assert "would pass" in decision.reason


def test_off_is_not_looked_at() -> None:
    gate = gate_of("limits: off", [limit("gross_value", 1.0)])
    decision = gate.judge(order("AAA", 100), NOW)
    assert decision.is_allowed
    assert "limits" not in {each.check for each in decision.outcomes}


def test_a_broken_limit_does_not_hold_up_an_order_that_makes_it_better() -> None:
    gate = gate_of(limits=[limit("gross_value", 30_000, "growth")])
    decision = gate.judge(sale("AAA", 50), NOW)
    assert decision.verdict is Verdict.ALLOW
    outcome = decision.outcome("limits")
    assert outcome.found is Found.EASED
    assert outcome.figure == pytest.approx(35_000.0)
    assert "is broken already, 40,000 USD against 30,000 USD" in outcome.reason
    assert not gate.judge(order("AAA", 1), NOW).is_allowed


def test_but_one_that_turns_it_over_is_blocked() -> None:
    """-40,000 past the other side is as far out as 40,000, and 50,000 further."""
    gate = gate_of(limits=[limit("gross_value", 25_000, "growth")])
    assert gate.judge(sale("AAA", 500), NOW).outcome("limits").found is Found.EASED
    assert gate.judge(sale("AAA", 700), NOW).verdict is Verdict.BLOCK


def test_an_order_that_does_not_touch_a_broken_limit_passes() -> None:
    gate = gate_of(limits=[limit("dv01", 1e-9)])
    assert gate.judge(order("AAA", 10), NOW).outcome("limits").found is Found.EASED


def test_an_improving_order_is_not_trimmed_by_the_limit_it_mends() -> None:
    gate = gate_of("limits: trim", [limit("gross_value", 30_000, "growth")])
    assert gate.judge(sale("AAA", 50), NOW).quantity == 50


def test_a_minimum_is_kept_from_below() -> None:
    least = Limit(
        limit_id="cash", node="growth", measure="value", hard=4_000.0, by="asset_class",
        group="cash", direction=Direction.MIN,
    )  # fmt: skip
    gate = gate_of(limits=[least])
    assert gate.judge(order("AAA", 10), NOW).is_allowed
    decision = gate.judge(order("AAA", 11), NOW)
    assert not decision.is_allowed
    assert decision.outcome("limits").figure == pytest.approx(3_900.0)


@pytest.mark.parametrize(
    ("soft", "found"), [("warn", Found.WARNED), ("block", Found.BLOCKED), ("off", Found.PASSED)]
)
def test_the_soft_limit_does_what_it_is_told(soft: str, found: Found) -> None:
    gate = gate_of(
        f"limits: {{soft: {soft}}}", [limit("gross_value", 60_000, "growth", soft=45_000)]
    )
    assert gate.judge(order("AAA", 100), NOW).outcome("limits").found is found
    assert gate.judge(sale("AAA", 10), NOW).outcome("limits").found is Found.PASSED


def test_what_cannot_be_measured_blocks_unless_it_reduces() -> None:
    gate = gate_of(limits=[limit("gross_value", 1e9)])
    decision = gate.judge(order("GHOST", 5, portfolio_id="other"), NOW)
    assert "cannot be measured: GHOST has no value" in decision.reason
    assert decision.outcome("limits").found is Found.BLOCKED
    assert gate.judge(sale("GHOST", 5, portfolio_id="other"), NOW).outcome("limits").found is (
        Found.EASED
    )
    assert gate.judge(sale("GHOST", 15, portfolio_id="other"), NOW).outcome("limits").found is (
        Found.BLOCKED
    )


def test_a_limit_without_a_number_blocks_or_warns_as_told() -> None:
    odd = limit("delta", 1.0, factor_id="NOBODY")
    assert not gate_of(limits=[odd]).judge(order(), NOW).is_allowed
    warned = gate_of("limits: {unmeasured: warn}", [odd]).judge(order(), NOW)
    assert warned.is_allowed
    assert warned.outcome("limits").found is Found.WARNED


def test_what_the_book_does_not_know_is_blocked() -> None:
    gate = gate_of()
    assert "does not know NEW" in gate.judge(order("NEW", 5), NOW).reason


def test_a_portfolio_that_holds_nothing_can_begin() -> None:
    gate = gate_of(limits=[limit("gross_value", 900, "empty"), limit("var", 1e9)])
    assert gate.judge(order("AAA", 9, portfolio_id="empty"), NOW).is_allowed
    assert not gate.judge(order("AAA", 10, portfolio_id="empty"), NOW).is_allowed


def test_a_newer_book_takes_over_what_is_open() -> None:
    limits = [limit("gross_value", 60_000, "growth")]
    gate = gate_of(limits=limits)
    gate.sent(order("AAA", 150), NOW)
    gate.on_book(LimitBook.of(limits, small_book()), {("growth", "BBB"): Decimal(20)})
    asked = gate.judge(order("AAA", 1, slice=1), NOW)
    assert asked.outcome("limits").figure == pytest.approx(40_000 + 15_000 + 1_000 + 100)


def test_tails_are_exact_however_far_the_order_goes() -> None:
    """An order a thousand times the book turns the whole tail over."""
    followed = AsIfFilled(LIMITS)
    node = next(each for each in followed.above("growth") if each.node == "firm")
    unit = followed.unit(BOOK.place("BBB"))
    for quantity in (-1e6, -1e3, 1.0, 1e3, 1e6):
        gains = Tried(node, unit, quantity).gains("historical")
        expected = -np.sort(gains)[0]
        # 100 days at 99 %: the worst one is VaR by the Hull rule.
        assert Tried(node, unit, quantity).tail("historical", 0.99).var == pytest.approx(expected)
