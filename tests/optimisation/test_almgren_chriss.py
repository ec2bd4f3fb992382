"""Trading over time: the published example to its printed digits, and nothing is better."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskplatform.errors import DataError, MissingDataError, UserInputError
from riskplatform.optimisation.almgren_chriss import (
    Liquidation,
    best_trajectory,
    liquidation_frontier,
    liquidation_of_one,
    measured,
)
from riskplatform.optimisation.execution_costs import liquidation_of
from riskplatform.optimisation.trading_costs import (
    ALMGREN_2005,
    SQUARE_ROOT,
    CostModel,
    Liquidity,
    trade_costs,
)

# Almgren and Chriss (2000), table 1: a price of 50, a million shares, five days in five steps.
PAPER = liquidation_of_one(
    1e6, volatility=0.95, permanent=2.5e-7, temporary=2.5e-6, fixed=0.0625, days=5.0, steps=5
)


@pytest.mark.parametrize(
    ("aversion", "rate", "cost", "variance", "holdings"),
    [
        (0.0, 0.0, 662_500.0, 1.083e12, [8e5, 6e5, 4e5, 2e5]),
        (1e-7, 0.194629, 670_057.46, 9.247186e11, None),
        (1e-6, 0.607076, 911_226.99, 3.641286e11, [541_956, 289_854, 147_897, 62_142]),
        (2e-6, 0.846297, 1_140_715.17, 2.019313e11, [428_599, 182_933, 76_296, 27_643]),
    ],
)
def test_the_example_of_almgren_and_chriss(
    aversion: float, rate: float, cost: float, variance: float, holdings: list[float] | None
) -> None:
    found = best_trajectory(PAPER, aversion)
    assert found.rates[0] == pytest.approx(rate, abs=5e-7)
    assert found.cost == pytest.approx(cost, abs=5e-3)
    assert found.variance == pytest.approx(variance, rel=5e-7)
    assert found.holdings[[0, -1], 0] == pytest.approx([1e6, 0.0], abs=0.0)
    if holdings is not None:
        assert found.holdings[1:-1, 0] == pytest.approx(holdings, abs=0.9)
    assert found.trades.sum() == pytest.approx(1e6)


def test_half_lives_and_the_ends_of_the_frontier() -> None:
    one = best_trajectory(PAPER, 1e-6)
    assert one.half_life == pytest.approx(1.64724, abs=5e-6)
    assert one.deviation == pytest.approx(603_431, abs=1.0)
    assert one.trades[:, 0] == pytest.approx([458_044, 252_101, 141_957, 85_756, 62_142], abs=0.9)
    calm = best_trajectory(PAPER, 1e-9)
    assert calm.half_life == pytest.approx(51.29973, abs=5e-6)
    assert calm.cost == pytest.approx(0.6625009e6, abs=0.05)
    assert calm.variance == pytest.approx(1.081192e12, rel=5e-7)
    # Rows of the DROP library's print-out: 1/κ at 5e-9 and 9e-9.
    assert best_trajectory(PAPER, 5e-9).half_life == pytest.approx(22.94, abs=5e-3)
    assert best_trajectory(PAPER, 9e-9).half_life == pytest.approx(17.10, abs=5e-3)
    fast = best_trajectory(PAPER, 1e-5)
    assert [fast.cost, fast.deviation] == pytest.approx([1_845_211, 171_712], abs=0.6)
    at_once = measured(PAPER, np.array([1e6, 0, 0, 0, 0, 0])[:, None])
    assert (at_once.cost, at_once.variance) == (2_562_500.0, 0.0)
    assert best_trajectory(PAPER, 1e3).cost == pytest.approx(2_562_500.0)
    assert best_trajectory(PAPER, 0.0).half_life == np.inf


def test_the_frontier_falls_and_is_convex() -> None:
    frame = liquidation_frontier(PAPER, [0.0, *np.geomspace(1e-9, 1e-4, 30)])
    assert (np.diff(frame["cost"]) > 0).all()
    assert (np.diff(frame["deviation"]) < 0).all()
    # In variance the slope of the frontier is the aversion.
    slope = -np.diff(frame["cost"]) / np.diff(frame["deviation"] ** 2)
    assert (slope >= frame["aversion"][:-1]).all()
    assert (slope <= frame["aversion"][1:]).all()


def test_a_buy_is_a_sale_with_its_sign_turned() -> None:
    buy = liquidation_of_one(
        -1e6, volatility=0.95, permanent=2.5e-7, temporary=2.5e-6, fixed=0.0625, days=5, steps=5
    )
    found, sold = best_trajectory(buy, 1e-6), best_trajectory(PAPER, 1e-6)
    assert found.holdings == pytest.approx(-sold.holdings)
    assert [found.cost, found.variance] == pytest.approx([sold.cost, sold.variance])


def basket(count: int, seed: int, steps: int = 6, fixed: float = 0.0) -> Liquidation:
    rng = np.random.default_rng(seed)
    loads = rng.normal(0.0, 0.5, (count, count + 2))
    return Liquidation(
        quantities=rng.choice([-1.0, 1.0], count) * rng.uniform(1e4, 1e6, count),
        covariance=loads @ loads.T,
        permanent=rng.uniform(0.0, 3e-7, count),
        temporary=rng.uniform(1e-6, 9e-6, count),
        fixed=np.full(count, fixed),
        days=4.0,
        steps=steps,
    )


@given(st.integers(1, 4), st.integers(0, 99), st.floats(-9.0, -4.0))
def test_no_other_trajectory_is_better(count: int, seed: int, power: float) -> None:
    """Without half spreads E + λ V is quadratic: its gradient is nothing at the answer."""
    problem, aversion = basket(count, seed), 10.0**power
    best = best_trajectory(problem, aversion)
    value = best.cost + aversion * best.variance
    rng = np.random.default_rng(seed)
    for size in (1e-3, 0.1):
        other = np.array(best.holdings)
        other[1:-1] += size * np.abs(problem.quantities) * rng.standard_normal(other[1:-1].shape)
        tried = measured(problem, other, aversion)
        assert tried.cost + aversion * tried.variance >= value * (1 - 1e-12)


def test_several_assets_solve_the_equations_of_the_least() -> None:
    """H̃ (x[k+1] - 2 x[k] + x[k-1]) / τ² = λ C x[k], written down without directions."""
    problem, aversion = basket(5, 11, steps=8), 3e-6
    x = best_trajectory(problem, aversion).holdings
    bent = np.diff(x, 2, axis=0) * problem.net_temporary / problem.step**2
    pulled = aversion * x[1:-1] @ problem.covariance
    assert bent == pytest.approx(pulled, rel=1e-8, abs=1e-8 * np.abs(pulled).max())


def test_assets_that_do_not_feel_each_other_are_traded_alone() -> None:
    both = Liquidation(
        quantities=np.array([1e6, -2e5]), covariance=np.diag([0.95**2, 0.4**2]),
        permanent=np.array([2.5e-7, 1e-7]), temporary=np.array([2.5e-6, 4e-6]),
        fixed=np.array([0.0625, 0.01]), days=5.0, steps=5, asset_ids=("A", "B"),
    )  # fmt: skip
    found = best_trajectory(both, 1e-6)
    other = liquidation_of_one(
        -2e5, volatility=0.4, permanent=1e-7, temporary=4e-6, fixed=0.01, days=5.0, steps=5
    )
    alone = [best_trajectory(each, 1e-6) for each in (PAPER, other)]
    assert found.holdings == pytest.approx(np.hstack([each.holdings for each in alone]))
    assert found.cost == pytest.approx(sum(each.cost for each in alone))
    # A hedge is sold with what it hedges: more slowly than alone.
    hedged = Liquidation(
        quantities=np.array([1e6, -1e6]), covariance=0.9 * np.array([[1.0, 0.99], [0.99, 1.0]]),
        permanent=np.zeros(2), temporary=np.full(2, 2.5e-6), fixed=np.zeros(2), days=5.0, steps=5,
    )  # fmt: skip
    assert best_trajectory(hedged, 1e-6).holdings[1, 0] > found.holdings[1, 0] + 1e5


def test_the_record_and_a_bound_on_the_cost() -> None:
    found = best_trajectory(PAPER, 1e-6)
    assert found.at_most(0.95) == pytest.approx(found.cost + 1.6448536 * found.deviation)
    assert found.to_frame().shape == (6, 1)
    assert found.to_dict()["half_life_days"] == pytest.approx(1.64724, abs=5e-6)
    assert best_trajectory(PAPER, 0.0).to_dict()["half_life_days"] is None
    assert found.run_id != best_trajectory(PAPER, 2e-6).run_id
    assert "Expected cost 911,226.99" in found._repr_html_()


def test_what_cannot_be_traded_is_said() -> None:
    def one(**more: Any) -> Liquidation:
        given: dict[str, Any] = {
            "volatility": 1.0, "permanent": 0.0, "temporary": 1e-6, "days": 1.0, "steps": 2,
        }  # fmt: skip
        return liquidation_of_one(1e3, **(given | more))

    with pytest.raises(UserInputError, match="take more steps"):
        one(permanent=1e-4)
    with pytest.raises(UserInputError, match="more than 0 days"):
        one(days=0.0)
    with pytest.raises(UserInputError, match="from 0 on"):
        one(fixed=-1.0)
    with pytest.raises(UserInputError, match="from 0 on"):
        best_trajectory(PAPER, -1.0)
    for wrong in ([[1.0, 0.2], [0.5, 1.0]], [[1.0, 2.0], [2.0, 1.0]]):
        with pytest.raises(UserInputError, match="Repair it first"):
            replace(basket(2, 1), covariance=np.array(wrong))
    with pytest.raises(DataError, match="expected"):
        replace(basket(2, 1), covariance=np.eye(3))
    with pytest.raises(UserInputError, match="to nothing"):
        measured(PAPER, np.ones((6, 1)))


MARKETS = Liquidity(
    instrument_ids=("A", "B"), unit_values=np.array([50.0, 20.0]),
    volatilities=np.array([0.019, 0.03]), daily_volumes=np.array([5e6, 1e6]),
    outstanding=np.array([1e9, 1e8]),
)  # fmt: skip


@pytest.mark.parametrize("model", [SQUARE_ROOT, ALMGREN_2005])
def test_an_even_pace_costs_what_the_optimisers_model_says(model: CostModel) -> None:
    quantities, days, steps = np.array([4e5, -1e5]), 2.0, 20
    problem = liquidation_of(model, MARKETS, quantities, days=days, steps=steps)
    even = measured(problem, np.linspace(quantities, np.zeros(2), steps + 1))
    priced = trade_costs(
        replace(model, days=days), MARKETS, quantities, as_of=date(2026, 3, 31),
        base_currency="USD",
    )  # fmt: skip
    # A step does not pay for its own lasting impact, and there are so many steps.
    unpaid = 0.5 * float(problem.permanent @ quantities**2) / steps
    assert even.cost + unpaid == pytest.approx(priced.total, rel=1e-12)


def test_volumes_that_are_not_known_are_named() -> None:
    with pytest.raises(MissingDataError, match="daily volume, the first is Q"):
        liquidation_of(
            SQUARE_ROOT,
            Liquidity(
                instrument_ids=("Q",), unit_values=np.array([1.0]), volatilities=np.array([0.1]),
                daily_volumes=np.array([np.nan]),
            ),
            [10.0], days=1.0, steps=2,
        )  # fmt: skip
    with pytest.raises(UserInputError, match="Leave it out"):
        liquidation_of(SQUARE_ROOT, MARKETS, [10.0, 0.0], days=1.0, steps=2)
