"""P&L of the demo firm explained: the sums hold, and little is left where markets were open."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from riskplatform.desk import Desk
from riskplatform.domain.transactions import TransactionKind
from tests.demofirm.conftest import AS_OF

pytestmark = pytest.mark.slow

DAYS = (date(2026, 7, 15), date(2026, 7, 16), AS_OF)


@pytest.mark.parametrize("way", ["revaluation", "taylor"])
@pytest.mark.parametrize("day", DAYS)
def test_days_of_the_firm_are_explained(demo: Desk, day: date, way: str) -> None:
    found = demo.explain(None, day, way=way)
    pnl = demo.history(date(2026, 7, 1), day).frame["pnl"].to_numpy()[-1]
    names = [term.name for term in found.terms]
    gross = float(found.lines["actual"].abs().sum())
    left = found.lines["actual"] - found.lines[names].sum(axis=1)
    assert float(left.abs().max()) <= 1e-9 * gross
    assert found.actual == pytest.approx(pnl, abs=1e-9 * gross)
    assert found.gross_share < 0.01, found.largest_unexplained(5)
    # Private holdings have no price; nothing else is missing.
    subjects = {failure.subject or "" for failure in found.coverage.failures}
    assert all(name.startswith("PRIVATE.") for name in subjects)


def test_shares_are_explained_to_the_last_cent(demo: Desk) -> None:
    found = demo.explain("GEQ.NAM", AS_OF)
    assert found.lines["unexplained"].abs().max() < 0.01


def test_a_fund_against_its_benchmark(demo: Desk) -> None:
    found = demo.attribution("GEQ", date(2026, 6, 30))
    assert found.benchmark == "BM.WORLD"
    assert found.excess_return is not None
    assert sum(found.effects.values()) == pytest.approx(found.excess_return, abs=1e-12)
    returns = demo.returns("GEQ", date(2026, 6, 30))
    assert returns.time_weighted == pytest.approx(found.portfolio_return, rel=1e-9)
    market = demo.returns("BM.WORLD", date(2026, 6, 30))
    assert market.time_weighted == pytest.approx(found.benchmark_return, rel=1e-9)


def test_a_fund_by_factors(demo: Desk) -> None:
    found = demo.attribution("GEQ", date(2026, 6, 30), method="factor")
    contributions = found.table.set_index("factor")["contribution"]
    assert contributions.sum() == pytest.approx(found.portfolio_return, abs=1e-12)
    exposures = found.table.set_index("factor")["exposure"]
    assert exposures["STY.MARKET"] == pytest.approx(1.0, abs=0.2)
    assert abs(contributions["specific"]) < float(np.abs(contributions).sum()) / 3


@pytest.mark.parametrize("kind", [TransactionKind.SPIN_OFF, TransactionKind.MERGER])
def test_corporate_actions_give_as_much_as_prices_took(demo: Desk, kind: TransactionKind) -> None:
    """A child is worth what its parent's price lost; shares of the bidder what was given up."""
    told = demo.ledger.transactions(kinds=[kind])
    day = told["effective_at"].iloc[-1].date()
    names = sorted(set(told["instrument_id"]))
    found = demo.explain("GEQ", day)
    lines = found.lines[found.lines["instrument_id"].isin(names)]
    assert lines["corporate"].abs().max() > 0
    assert lines["unexplained"].abs().max() < 0.01
    history = demo.history(day - timedelta(days=10), day, node="GEQ").frame["pnl"].to_numpy()
    assert found.actual == pytest.approx(history[-1], abs=1e-5)


def test_every_kind_of_transaction_is_accounted_for(demo: Desk) -> None:
    """Two years at once: lines and days, which are summed in other ways, are the history."""
    first = date(2024, 7, 17)
    found = demo.explain("CRE.CASH", AS_OF, first)
    history = demo.history(first, AS_OF, node="CRE.CASH").frame
    gross = float(found.lines["actual"].abs().sum())
    assert found.actual == pytest.approx(history["pnl"].sum(), abs=1e-9 * gross)
    assert found.amount("flows") == pytest.approx(history["flows"][1:].sum(), abs=1e-6)
    returns = demo.returns("CRE.CASH", first)
    pnl = returns.daily["pnl"].to_numpy()[1:]
    assert pnl == pytest.approx(history["pnl"].to_numpy()[1:], abs=1e-5)
    assert returns.contributions["pnl"].sum() == pytest.approx(pnl.sum(), abs=1e-4)
