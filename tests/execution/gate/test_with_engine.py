"""The real gate before the engine and the paper venue, and what trading cost read back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from riskplatform.domain.outcome import Coverage
from riskplatform.domain.portfolio import PortfolioNode, PortfolioTree
from riskplatform.domain.provenance import Provenance
from riskplatform.domain.targets import ApprovedTargets, TargetTrade
from riskplatform.execution.algos import Task, twap
from riskplatform.execution.gate import Gate, rules_of
from riskplatform.execution.parents import Parent
from riskplatform.execution.tca import TcaReport, pieces_of
from riskplatform.execution.tca.from_journal import JournalOfTrading, Prices
from riskplatform.risk.book import RiskBook, tree_rows
from riskplatform.risk.limits import LimitBook
from riskplatform.risk.unit_facts import UnitFacts
from tests.execution.engine_world import World, shares
from tests.execution.paper.paper_markets import DAY, OPEN
from tests.risk.limits.small_book import limit

pytestmark = pytest.mark.slow
IDS = ("ACME", "BETA", "CASH.USD")


def book() -> RiskBook:
    """LONG holds a hundred thousand dollars and nothing else."""
    tree = PortfolioTree(
        PortfolioNode(portfolio_id=name, name=name, parent_id=parent)
        for name, parent in (("FIRM", None), ("LONG", "FIRM"))
    )
    nodes, below = tree_rows(tree, ("LONG",))
    kinds = ["equity", "equity", "cash"]
    columns = pd.DataFrame(columns=["measure", "factor_id", "years"])
    facts = UnitFacts(
        np.array([100.0, 100.0, 1.0]), sparse.csr_matrix((3, 0)), columns,
        np.array([1e6, 1e6, np.nan]),
    )  # fmt: skip
    return RiskBook(
        name="LONG", as_of=DAY, base_currency="USD", tree=tree, nodes=nodes, leaves=("LONG",),
        below=below, instrument_ids=IDS, holdings=sparse.csr_matrix([[0.0, 0.0, 1e5]]),
        attributes=pd.DataFrame({"instrument_id": IDS, "kind": kinds, "asset_class": kinds,
                                 "currency": "USD"}, dtype=object),
        views={}, failures=(), inputs={}, facts=facts,
    )  # fmt: skip


def gate(most: float, mode: str) -> Gate:
    # The venue of these tests shows 99 to 101 and stays so; the clock is its own.
    rules = rules_of(f"limits: {mode}\nsession: off\nfresh: {{seconds: 60}}")
    limits = LimitBook.of([limit("gross_value", most, "LONG")], book())
    return Gate(limits, {each.instrument_id: each for each in shares()}, rules)


def targets(quantity: int) -> ApprovedTargets:
    return ApprovedTargets(
        approval_id="APPROVAL", proposal_id="p", digest="d", node="LONG", as_of=DAY,
        base_currency="USD", approved_by="anna", approved_at=OPEN - timedelta(hours=1),
        expires_at=OPEN + timedelta(hours=5),
        trades=(TargetTrade(instrument_id="ACME", portfolio_id="LONG", quantity=Decimal(quantity),
                            reference_price=Decimal("99.5"), currency="USD"),),
    )  # fmt: skip


def traded(folder: Path, most: float, mode: str = "block", quantity: int = 200) -> World:
    """A schedule of four slices in two minutes, worked until it is done or cannot go on."""
    chosen, approved = gate(most, mode), targets(quantity)
    chosen.approve(approved)
    world = World(folder, gate=cast(Any, chosen))
    plan = twap(Task(instrument_id="ACME", quantity=Decimal(quantity), calendar="WEEKENDS",
                     start=OPEN, end=OPEN + timedelta(minutes=2), minutes=0.5))  # fmt: skip
    (trade,) = approved.trades
    parent = Parent.of(approved, trade, plan.whole().slices, algorithm=plan.algorithm)
    world.engine.hand_in([parent])
    world.run(200)
    return world


def cost(world: World, close: float = 102.0) -> TcaReport:
    prices = Prices({"USD": Decimal(1)}, {"ACME": {DAY: Decimal(str(close))}})
    told, failures = JournalOfTrading(world.ledger.journal).worked(
        {each.instrument_id: each for each in shares()}, prices
    )
    found = [pieces_of(each) for each in told]
    where = Provenance(as_of=DAY, base_currency="USD", model_id="tca", inputs={},
                       coverage=Coverage(0))  # fmt: skip
    unknown = [*failures, *(each for _, some in found for each in some)]
    return TcaReport.of([piece for some, _ in found for piece in some], where, unknown)


def test_all_is_traded_and_its_cost_read_back_from_the_journal(tmp_path: Path) -> None:
    """Decided at 99.5, the market at 100, bought at what the venue asked."""
    world = traded(tmp_path, 1e6)
    assert world.in_ledger() == {("LONG", "ACME"): 200}
    world.check()
    found = cost(world)
    total = found.total
    paid = sum(each.quantity * each.price for each in world.venue.executions())
    fees = sum(each.fee for each in world.venue.executions())
    assert total.paid == paid
    assert total.parts["delay"] == 100
    assert total.parts["timing"] == 0
    assert total.parts["impact"] == paid - 200 * 100
    assert total.parts["fees"] == fees
    assert total.shortfall == paid - 200 * Decimal("99.5") + fees
    assert found.provenance.coverage.is_complete
    assert [each.group for each in found.by("algorithm")] == ["twap"]
    assert len(found.by("order")) == 4


def test_the_journal_keeps_every_decision(tmp_path: Path) -> None:
    world = traded(tmp_path, 1e6)
    journal = world.ledger.journal
    names = journal.subjects("gate")
    assert set(journal.subjects("order")) <= set(names)
    (said,) = [journal.read("gate", name)[-1].body for name in names][:1]
    assert said["verdict"] == "allow"
    assert said["middle"] == 100.0
    assert {each["check"] for each in said["outcomes"]} >= {"parent", "collar", "limits"}


def test_a_limit_trims_the_last_slice_and_what_it_missed_is_a_cost(tmp_path: Path) -> None:
    world = traded(tmp_path, 12_000.0, "trim")
    assert world.in_ledger() == {("LONG", "ACME"): 120}
    found = cost(world, close=102.0)
    assert found.total.unfilled == 80
    assert found.total.parts["opportunity"] == 80 * Decimal("2.5")
    said = [each.body for name in world.ledger.journal.subjects("gate")
            for each in world.ledger.journal.read("gate", name)]  # fmt: skip
    assert {"allow", "trim", "block"} == {each["verdict"] for each in said}
    trimmed = next(each for each in said if each["verdict"] == "trim")
    assert "would pass 12,000 USD" in trimmed["reason"]


def test_a_gate_told_the_journal_again_stands_where_the_old_one_did(tmp_path: Path) -> None:
    world = traded(tmp_path, 12_000.0, "trim")
    old = cast(Gate, world.gate)
    world.gate = cast(Any, gate(12_000.0, "trim"))
    cast(Gate, world.gate).approve(targets(200))
    world.engine = world.make()
    world.engine.turn()
    new = cast(Gate, world.gate)
    assert new.orders.committed == old.orders.committed
    order = next(iter(old.orders.orders.values())).order
    asked = replace(order, key=replace(order.key, slice=99))
    at = world.venue.now()
    for each in (old, new):
        each.quoted(world.venue.quotes(["ACME"]).values())
    one, two = old.judge(asked, at).outcome("limits"), new.judge(asked, at).outcome("limits")
    assert one.figure == pytest.approx(two.figure)
