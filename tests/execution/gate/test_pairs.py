"""Spot pairs at the gate: the limits see money of one currency for money of another."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from riskplatform.domain.instruments import FxSpot
from riskplatform.domain.orders import Order, OrderKey, OrderType, Side
from riskplatform.domain.portfolio import PortfolioNode, PortfolioTree
from riskplatform.domain.targets import ApprovedTargets, TargetTrade
from riskplatform.execution.gate import Found, Gate, Verdict, rules_of
from riskplatform.execution.gate.node_state import AsIfFilled, Tried
from riskplatform.execution.gate.pairs import pairs_of
from riskplatform.execution.parents import Parent, Slice
from riskplatform.risk.book import RiskBook, tree_rows
from riskplatform.risk.limits import LimitBook
from riskplatform.risk.unit_facts import UnitFacts
from riskplatform.risk.what_if import Trade, WhatIf
from tests.execution import engine_world
from tests.execution.engine_world import World, active_market, shares
from tests.execution.gate.gate_desk import INSTRUMENTS, NOW, approval, limit, quote, small_book
from tests.execution.gate.test_limits import ALL
from tests.execution.paper.paper_markets import DAY, OPEN

EURO = FxSpot(
    instrument_id="EURUSD", name="Euro", currency="USD", bought_currency="EUR",
    calendar="WEEKENDS",
)  # fmt: skip
YEN = FxSpot(
    instrument_id="USDJPY", name="Yen", currency="JPY", bought_currency="USD", calendar="WEEKENDS"
)
BOOK = small_book()
LIMITS = LimitBook.of(ALL, BOOK)
EUROS = limit("value", 1_000.0, "growth", by="currency", group="EUR")
PAIR = pairs_of(BOOK, {"EURUSD": EURO})["EURUSD"]
TRADES = st.lists(
    st.tuples(st.sampled_from(("growth", "value", "macro")),
              st.sampled_from(("EURUSD", "AAA", "EEE")),
              st.integers(-3_000, 3_000).filter(bool)),
    min_size=1, max_size=6,
)  # fmt: skip


@given(TRADES)
def test_every_limit_is_what_the_what_if_says_of_both_amounts(
    trades: list[tuple[str, str, int]],
) -> None:
    """A euro is 1.10 dollars. All but the last are open orders; the last one is asked about."""
    keys = {name: place for place, name in enumerate(BOOK.instrument_ids)} | {"EURUSD": PAIR.key}
    followed = AsIfFilled(LIMITS, [PAIR])
    for leaf, name, quantity in trades[:-1]:
        followed.change(leaf, keys[name], float(quantity))
    changes = []
    for leaf, name, quantity in trades:
        if name == "EURUSD":
            changes.append(Trade("CASH.EUR", quantity, leaf))
            changes.append(Trade("CASH.USD", -quantity * 1.1, leaf))
        else:
            changes.append(Trade(name, quantity, leaf))
    expected = WhatIf(BOOK, LIMITS).ask(changes).limits_after
    assert expected is not None
    leaf, name, quantity = trades[-1]
    unit = followed.unit(keys[name])
    for node in followed.above(leaf):
        tried = Tried(node, unit, float(quantity))
        for row in node.rows(unit):
            check = expected[row.limit_id]
            if row.follower is not None and check.value is not None:
                found = row.follower.after(tried)
                assert found == pytest.approx(check.value, rel=1e-9, abs=1e-6), check.limit


def gate_of(rules: str, *limits: Any) -> Gate:
    """Everything of EURUSD is approved to be bought in growth."""
    known = {**INSTRUMENTS, "EURUSD": EURO, "USDJPY": YEN}
    gate = Gate(LimitBook.of(limits or [limit("gross_value", 1e12)], BOOK), known, rules_of(rules))
    told = approval({("growth", "AAA"): 1e6})
    trades = tuple(
        TargetTrade(
            instrument_id=name, portfolio_id="growth", quantity=Decimal(10_000_000),
            reference_price=Decimal(price), currency=known[name].currency,
        )
        for name, price in (("EURUSD", "1.1"), ("USDJPY", "150"))
    )  # fmt: skip
    gate.approve(ApprovedTargets(**{**_terms(told), "trades": (*told.trades, *trades)}))
    gate.quoted([quote("EURUSD", 1.1), quote("USDJPY", 150.0), quote("AAA", 100.0)])
    return gate


def _terms(told: ApprovedTargets) -> dict[str, Any]:
    return {name: getattr(told, name) for name in ApprovedTargets.__dataclass_fields__}


def euros(quantity: float, slice: int = 0, *, limit_price: str | None = None) -> Order:
    return Order(
        key=OrderKey("approval", "growth", "EURUSD", slice), side=Side.BUY,
        quantity=Decimal(str(quantity)), currency="USD",
        order_type=OrderType.LIMIT if limit_price else OrderType.MARKET,
        limit_price=None if limit_price is None else Decimal(limit_price),
    )  # fmt: skip


def test_an_order_in_a_pair_goes_through_with_its_money_in_base_currency() -> None:
    decision = gate_of("lots: block").judge(euros(1_000), NOW)
    assert decision.verdict is Verdict.ALLOW, decision.reason
    # At what the other side asks: 1.1 and a thousandth.
    assert decision.outcome("size").figure == pytest.approx(1_000 * 1.1 * 1.001)
    assert decision.outcome("session").found is Found.PASSED


def test_price_and_size_are_checked_as_of_anything_else() -> None:
    gate = gate_of("size: {notional: 2000}")
    assert "2,202 of base currency" in gate.judge(euros(2_000), NOW).reason
    high = gate.judge(euros(1_000, limit_price="1.2"), NOW)
    assert high.verdict is Verdict.BLOCK
    assert "bp beyond the market's 1.1" in high.reason


def test_a_limit_on_currency_trims_it_to_whole_units() -> None:
    """growth holds nothing in euros: 1,000 dollars' worth are 909 of them."""
    gate = gate_of("limits: trim", EUROS)
    decision = gate.judge(euros(5_000), NOW)
    assert decision.verdict is Verdict.TRIM, decision.reason
    assert decision.quantity == 909
    gate.sent(euros(900), NOW)
    later = gate.judge(euros(5_000, 1), NOW)
    assert later.quantity == 9
    gate.closed(euros(900).client_order_id)
    assert gate.judge(euros(5_000, 1), NOW).quantity == 909


def test_value_stays_what_it_was_and_gross_of_money_is_no_position() -> None:
    whole = [limit("value", 1e9, "growth"), limit("gross_value", 1e9, "growth")]
    gate = gate_of("lots: block", *whole)
    before = [each.figure for each in gate.judge(euros(1), NOW).outcomes if each.check == "limits"]
    after = [
        each.figure for each in gate.judge(euros(4_000), NOW).outcomes if each.check == "limits"
    ]
    assert after == pytest.approx(before)


def test_a_currency_that_the_book_does_not_know_is_said() -> None:
    gate = gate_of("size: {notional: null}\nday: off")
    asked = Order(key=OrderKey("approval", "growth", "USDJPY", 0), side=Side.BUY,
                  quantity=Decimal(10), currency="JPY")  # fmt: skip
    decision = gate.judge(asked, NOW)
    assert decision.verdict is Verdict.BLOCK
    assert "The book of risk does not know USDJPY" in decision.reason


def test_fills_that_the_book_does_not_hold_yet_are_counted() -> None:
    limits = [EUROS]
    gate = gate_of("limits: trim", *limits)
    gate.on_book(LimitBook.of(limits, small_book()), {("growth", "EURUSD"): Decimal(400)})
    assert gate.judge(euros(5_000), NOW).quantity == 509


@pytest.mark.slow
def test_it_trades_at_the_venue_and_is_booked_as_both_amounts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The venue of these tests asks 101 for everything; so a euro is a hundred dollars here."""
    monkeypatch.setattr(engine_world, "shares", lambda: [*shares(), EURO])
    limits = LimitBook.of([limit("gross_value", 1e9, "LONG")], _book())
    rules = rules_of("session: off\nfresh: {seconds: 60}")
    gate = Gate(limits, {"EURUSD": EURO}, rules)
    trade = TargetTrade(instrument_id="EURUSD", portfolio_id="LONG", quantity=Decimal(60),
                        reference_price=Decimal(100), currency="USD")  # fmt: skip
    approved = ApprovedTargets(
        approval_id="APPROVAL", proposal_id="p", digest="d", node="LONG", as_of=DAY,
        base_currency="USD", approved_by="anna", approved_at=OPEN - timedelta(hours=1),
        expires_at=OPEN + timedelta(hours=5), trades=(trade,),
    )  # fmt: skip
    gate.approve(approved)
    world = World(tmp_path, gate=cast(Any, gate), market=active_market(["EURUSD"]))
    world.engine.hand_in([Parent.of(approved, trade, [Slice(OPEN, Decimal(60))])])
    told = world.run()
    assert told.is_reconciled, told.reason
    money = {name: quantity for _, name, quantity, _ in world.ledger.positions(DAY)}
    paid = sum(each.quantity * each.price for each in world.venue.executions())
    fees = sum(each.fee for each in world.venue.executions())
    assert money == {"CASH.EUR": Decimal(60), "CASH.USD": -paid - fees}
    world.ledger.close()


def _book() -> RiskBook:
    """LONG holds dollars and no euros, whose value is known."""
    ids = ("CASH.USD", "CASH.EUR")
    tree = PortfolioTree(
        PortfolioNode(portfolio_id=name, name=name, parent_id=parent)
        for name, parent in (("FIRM", None), ("LONG", "FIRM"))
    )
    nodes, below = tree_rows(tree, ("LONG",))
    columns = pd.DataFrame(columns=["measure", "factor_id", "years"])
    facts = UnitFacts(
        np.array([1.0, 100.0]), sparse.csr_matrix((2, 0)), columns, np.array([np.nan, np.nan])
    )
    attributes = pd.DataFrame(
        {"instrument_id": ids, "kind": "cash", "asset_class": "cash", "currency": ["USD", "EUR"]},
        dtype=object,
    )
    return RiskBook(
        name="LONG", as_of=DAY, base_currency="USD", tree=tree, nodes=nodes, leaves=("LONG",),
        below=below, instrument_ids=ids, holdings=sparse.csr_matrix([[1e5, 0.0]]),
        attributes=attributes, views={}, failures=(), inputs={}, facts=facts,
    )  # fmt: skip
