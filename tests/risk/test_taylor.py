"""P&L by sensitivities against full revaluation: what is left out must be of a higher order."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from riskplatform.market.surfaces import SmileRule
from riskplatform.pricing.conventions import PricingConventions
from riskplatform.pricing.exposures.units import unit_exposures
from riskplatform.pricing.units.book import UnitBook, unit_book
from riskplatform.pricing.units.engine import value_states
from riskplatform.pricing.units.flows import NodeKind
from riskplatform.risk.taylor import TaylorMoves, taylor_moves, taylor_parts
from riskplatform.simulation import ScenarioSet, own_set
from riskplatform.simulation.nodes import state_maker
from tests.pricing.units.listed_market import OptionDraw, basics
from tests.simulation.cube_world import WHOLE, scenarios_for, world

SCENARIOS = scenarios_for(WHOLE, 60)


def only(types: tuple[str, ...], size: float, of: ScenarioSet = SCENARIOS) -> ScenarioSet:
    """The scenarios with nothing but some types of factor moving, ``size`` times as much."""
    kept = [name.split(".")[0] in types for name in of.factor_ids]
    return own_set(of.axis, np.where(kept, size * of.moves, 0.0))


def both(book: UnitBook, scenarios: ScenarioSet, base: str) -> tuple[np.ndarray, np.ndarray]:
    """Gains [unit, scenario] by full revaluation in the base currency, and by sensitivities."""
    plan, layout = book.plan(), book.layout
    column = {name: place for name, _, place in layout.columns(NodeKind.FX)}
    moved = state_maker(layout, scenarios.axis).states(scenarios.moves)

    def worth(states: np.ndarray) -> np.ndarray:
        rates = [
            np.exp(states[:, column[own]] - states[:, column[base]]) for own in plan.currencies
        ]
        return np.asarray(value_states(plan, states).values * np.array(rates))

    found, moves = unit_exposures(book, base), taylor_moves(layout, scenarios, base)
    nothing = np.zeros(len(scenarios))
    by_unit = [taylor_parts(row, found.columns, moves) for row in found.matrix.toarray()]
    # The clock stands still here.
    sums = [
        sum((gains for measure, gains in parts.items() if measure != "theta"), nothing)
        for parts in by_unit
    ]
    return worth(moved) - worth(layout.states(1)), np.array(sums)


def errors(book: UnitBook, scenarios: ScenarioSet, base: str = "USD") -> np.ndarray:
    full, ours = both(book, scenarios, base)
    known = np.isfinite(full).all(axis=1)
    assert known.sum() >= len(full) - 2
    return np.asarray(np.abs(full - ours)[known].mean(axis=1))


@pytest.mark.slow
@pytest.mark.parametrize("base", ["USD", "EUR"])
@pytest.mark.parametrize(
    "kind", ["spot", "price", "fx", "zero", "hazard", "vol", "skew", "carry", "basis"]
)
def test_first_order_is_right_in_every_number(kind: str, base: str) -> None:
    large, small = (errors(WHOLE, only((kind,), size), base) for size in (0.2, 0.1))
    gains = np.abs(both(WHOLE, only((kind,), 0.1), base)[0])
    scale = float(np.nanmax(gains))
    assert scale > 0.0
    # A wrong sensitivity leaves half of its error at half the move; what is left here a quarter.
    for more, less in zip(large, small, strict=True):
        assert less <= 0.35 * more + 1e-7 * scale


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["spot", "fx"])
def test_gamma_leaves_the_third_order(kind: str) -> None:
    draw = OptionDraw(11)
    # Gamma of what pays cash dividends is by the price less these, its delta by the whole price.
    wanted = [one for one in (draw.european() for _ in range(30)) if one.underlying_id != "INDEX"]
    terms = {each.instrument_id: each for each in [*basics(), *wanted]}
    # A smile that moves with its price adds curvature of its own, which is not in gamma.
    rule = PricingConventions(smile_rule=SmileRule.STICKY_STRIKE)
    book = unit_book(wanted, world(), rule, terms=terms)
    large, small = (errors(book, only((kind,), size)) for size in (0.3, 0.15))
    moving = large > 1e-6 * large.max()
    assert moving.sum() >= 3
    assert small[moving].sum() / large[moving].sum() == pytest.approx(1 / 8, rel=0.05)


def test_numbers_worked_out_by_hand() -> None:
    """Delta 1,000, gamma 50 per 1 %, vega 3 per point, 2 per basis point, theta −1."""
    rows = [
        ("delta", "ACME", np.nan, 1_000.0),
        ("gamma", "ACME", np.nan, 50.0),
        ("gamma", "EURUSD", np.nan, 20.0),
        ("vega", "VOL.ACME", 0.5, 3.0),
        ("dv01", "USD.OIS", 2.0, 2.0),
        ("theta", "time", np.nan, -1.0),
        ("fx_delta", "EUR", np.nan, 100.0),
        ("delta", "ELSEWHERE", np.nan, 7.0),
        ("rate_gamma", "all rates", np.nan, 9.0),
    ]
    columns = pd.DataFrame(rows, columns=["measure", "factor_id", "years", "value"])
    places = {
        (NodeKind.SPOT, "ACME", 0.0): 0,
        (NodeKind.VOL, "VOL.ACME", 0.5): 1,
        (NodeKind.ZERO, "USD.OIS", 2.0): 2,
        (NodeKind.FX, "EUR", 0.0): 3,
        (NodeKind.FX, "USD", 0.0): 4,
    }
    moves = TaylorMoves(np.array([[-0.02, 0.01, 0.0005, 0.03, 0.0]]), places, horizon_days=10)
    parts = taylor_parts(columns.pop("value").to_numpy(), columns, moves)
    found = {measure: float(gains[0]) for measure, gains in parts.items()}
    assert found == pytest.approx(
        {
            "delta": -20.0,
            # 50 / 1 % · 0.02² / 2, and 20 / 1 % · 0.03² / 2
            "gamma": 1.0 + 0.9,
            "vega": 3.0,
            "dv01": 10.0,
            "theta": -10.0,
            "fx_delta": 3.0,
        }
    )
