"""Whatever is asked of the gate, what it lets pass keeps the limits, however much is filled."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskplatform.execution.gate import Gate
from riskplatform.risk.limits import LimitBook
from riskplatform.risk.what_if import Trade, WhatIf
from tests.execution.gate.gate_desk import NOW, gate_of, limit, order, sale, small_book

LIMITS = [
    limit("gross_value", 120_000),
    limit("concentration", 0.75, by="sector"),
    limit("es", 3_500.0, "fund", confidence=0.975),
    limit("stress_loss", 30_000.0),
    limit("delta", 40_000.0, "growth", factor_id="AAA"),
    limit("delta", 60_000.0, factor_id="AAA"),
    limit("days_to_unwind", 4.0, share=0.9, participation=0.2),
    limit("dv01", 1e-9),  # broken from the start
]
BOOK = small_book()
BASE = LimitBook.of(LIMITS, BOOK)
RULES = "duplicate: off\nmessages: off\nself_cross: off\nday: off\n"
ASKED = st.lists(
    st.tuples(
        st.sampled_from(["growth", "value", "macro"]),
        st.sampled_from(["AAA", "BBB", "EEE", "BOND"]),
        st.integers(1, 150),
        st.booleans(),
    ),
    min_size=1, max_size=12,
)  # fmt: skip


def passed(asked: list[tuple[str, str, int, bool]], mode: str) -> tuple[Gate, list[Trade]]:
    """Everything is asked for, and what may go out does."""
    gate, out = gate_of(f"{RULES}limits: {mode}", LIMITS), []
    for number, (leaf, name, lots, is_buy) in enumerate(asked):
        much = lots * 10
        made = (order if is_buy else sale)(name, much, portfolio_id=leaf, slice=number)
        decision = gate.judge(made, NOW)
        if not decision.is_allowed:
            continue
        made = (order if is_buy else sale)(
            name, float(decision.quantity), portfolio_id=leaf, slice=number
        )
        gate.sent(made, NOW)
        out.append(Trade(name, made.signed_quantity, leaf))
    return gate, out


@pytest.mark.slow
@given(ASKED, st.sampled_from(["block", "trim"]))
def test_all_that_passed_together_breaks_nothing_that_was_whole(
    asked: list[tuple[str, str, int, bool]], mode: str
) -> None:
    """By a what-if of all of it at once, which the gate has no part in."""
    _, trades = passed(asked, mode)
    after = WhatIf(BOOK, BASE).ask(trades).limits_after
    assert after is not None
    for check in after.checks:
        if check.value is None:
            continue
        before = BASE.base[check.limit.limit_id].value
        excess = check.limit.excess(check.value, check.limit.hard)
        allowed = 0.0 if before is None else check.limit.excess(before, check.limit.hard)
        assert excess <= max(allowed, 0.0) + 1e-6 * max(1.0, abs(check.limit.hard)), check


@pytest.mark.slow
@given(ASKED, st.lists(st.booleans(), min_size=12, max_size=12))
def test_no_part_of_what_passed_breaks_the_limit_of_its_own_line(
    asked: list[tuple[str, str, int, bool]], is_filled: list[bool]
) -> None:
    """Orders on both sides are open and any of them may be filled or not: AAA in growth stays
    within 40,000 dollars at 100 each way."""
    _, trades = passed(asked, "trim")
    held = Decimal(300)
    for trade, yes in zip(trades, is_filled, strict=False):
        if yes and (trade.node, trade.instrument_id) == ("growth", "AAA"):
            held += Decimal(str(trade.quantity))
    assert abs(held * 100) <= 40_000
