"""What the scenarios of a book of risk do to each number of the market that its units read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskplatform.desk.snapshots import market_snapshot
from riskplatform.desk.units import held_units
from riskplatform.risk.taylor import TaylorMoves, taylor_moves

if TYPE_CHECKING:
    from riskplatform.desk.desk import Desk
    from riskplatform.risk.book import RiskBook
    from riskplatform.simulation.scenario_set import ScenarioSet


def factor_moves(desk: Desk, book: RiskBook, view: str | None = None) -> TaylorMoves:
    """Of one scenario set, as sensitivities are quoted."""
    scenarios = desk.scenario_sets.open(book.view(view).scenario_set, proved=True)
    return _moves(desk, book, scenarios)


def _moves(desk: Desk, book: RiskBook, scenarios: ScenarioSet) -> TaylorMoves:
    _, units = held_units(desk, book.as_of, market_snapshot(desk.lake))
    return taylor_moves(units.layout, scenarios, book.base_currency)


def daily_history(desk: Desk, book: RiskBook, *, days: int, seed: int) -> TaylorMoves:
    """Of single days: those of a view of the book, or of the desk's usual history."""
    for name, view in book.views.items():
        if view.has_paths:
            return factor_moves(desk, book, name)
    scenarios = desk.scenario_set("historical", book.as_of, days=days, seed=seed)
    return _moves(desk, book, scenarios)
