"""Weights that pay for their trades: against another solver, and where the answer is known."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskplatform.errors import MissingDataError, UserInputError
from riskplatform.factors.covariance.matrices import Dense, LowRank
from riskplatform.market.content import FloatArray
from riskplatform.optimisation.constraints import Box, Constraint, Turnover
from riskplatform.optimisation.cost_aware import CostAwareMeanVariance
from riskplatform.optimisation.inputs import Inputs, inputs_from_returns
from riskplatform.optimisation.mean_variance import MeanVariance
from riskplatform.optimisation.portfolio import FailedPortfolio, Portfolio
from riskplatform.optimisation.trading_costs import (
    ALMGREN_2005,
    SQUARE_ROOT,
    CostModel,
    CostPieces,
    Liquidity,
    cost_pieces,
    trade_costs,
)
from tests.optimisation.random_markets import names, returns

COUNT = 15
NAMES = tuple(names(COUNT))
RNG = np.random.default_rng(3)
CURRENT = RNG.dirichlet(np.ones(COUNT))
CAPITAL = 2e9
MARKETS = Liquidity(
    instrument_ids=NAMES,
    unit_values=RNG.uniform(5, 300, COUNT),
    volatilities=RNG.uniform(0.01, 0.03, COUNT),
    daily_volumes=RNG.uniform(1e5, 3e6, COUNT),
    outstanding=np.full(COUNT, 1e9),
)
FEES = CostModel(half_spread_bp=4.0, fee_bp=0.5, fee_per_unit=0.01, borrow_bp=40.0)


def inputs() -> Inputs:
    mu = 0.0004 + 0.0006 * np.random.default_rng(4).standard_normal(COUNT)
    return inputs_from_returns(
        returns(COUNT, 300, 4), NAMES, expected=dict(zip(NAMES, mu.tolist(), strict=True)),
        current=dict(zip(NAMES, CURRENT.tolist(), strict=True)),
    )  # fmt: skip


INPUTS = inputs()


def fitted(
    pieces: CostPieces, *constraints: Constraint, aversion: float = 5.0, periods: float = 20.0
) -> Portfolio:
    found = CostAwareMeanVariance(aversion, pieces, periods, constraints).fit(INPUTS)
    assert isinstance(found, Portfolio), found
    assert found.certificate is not None
    assert found.certificate.is_good
    return found


@pytest.mark.parametrize("model", [SQUARE_ROOT, ALMGREN_2005, FEES])
def test_pieces_say_what_the_trades_cost(model: CostModel) -> None:
    pieces = cost_pieces(model, MARKETS, CAPITAL, holding_days=10)
    weights = CURRENT + np.random.default_rng(9).uniform(-0.1, 0.1, COUNT)
    units = CAPITAL / MARKETS.unit_values
    priced = trade_costs(
        model, MARKETS, (weights - CURRENT) * units, after=weights * units, holding_days=10,
        as_of=date(2026, 3, 31), base_currency="USD",
    )  # fmt: skip
    assert CAPITAL * pieces.costs(weights, CURRENT) == pytest.approx(priced.costs)


@given(st.floats(0.0, 1.0), st.floats(0.0, 1.0), st.floats(0.0, 1.0))
def test_the_cost_is_convex_and_its_slopes_are_its_slopes(one: float, two: float, t: float) -> None:
    pieces = cost_pieces(ALMGREN_2005, MARKETS, CAPITAL)
    ends = [pieces.traded(np.full(COUNT, each)) for each in (one, two)]
    middle = pieces.traded(np.full(COUNT, (1 - t) * one + t * two))
    assert (middle <= (1 - t) * ends[0] + t * ends[1] + 1e-15).all()
    tangent = ends[0] + pieces.slopes(np.full(COUNT, one)) * (two - one)
    assert (tangent <= ends[1] + 1e-12).all()


@pytest.mark.slow
@pytest.mark.parametrize("model", [SQUARE_ROOT, ALMGREN_2005, FEES])
def test_the_answer_is_that_of_cvxpy_with_power_cones(model: CostModel) -> None:
    cp = pytest.importorskip("cvxpy")
    pieces = cost_pieces(model, MARKETS, CAPITAL)
    found = fitted(pieces, Box(0.0, 0.3), Turnover(0.6))
    w = cp.Variable(COUNT)
    change = cp.abs(w - CURRENT)
    cost = pieces.linear @ change + pieces.squared @ cp.square(change)
    for place in np.flatnonzero(pieces.curved):
        cost += pieces.curved[place] * cp.power(change[place], float(pieces.power[place]))
    value = INPUTS.views @ w - 2.5 * cp.quad_form(w, cp.psd_wrap(INPUTS.sigma)) - cost / 20.0
    limits = [cp.sum(w) == 1, w >= 0, w <= 0.3, cp.sum(change) <= 0.6]
    theirs = cp.Problem(cp.Maximize(value), limits)
    theirs.solve(solver="CLARABEL")
    assert found.objective == pytest.approx(theirs.value, rel=1e-5)
    assert float(found.objective or 0) >= theirs.value - 1e-9 * abs(theirs.value)
    assert found.weights == pytest.approx(w.value, abs=2e-4)
    assert found.weights.min() >= -1e-9
    assert np.abs(found.weights - CURRENT).sum() <= 0.6 + 1e-7


def test_the_bound_on_what_is_missing_is_a_bound() -> None:
    pieces = cost_pieces(SQUARE_ROOT, MARKETS, CAPITAL)
    found = fitted(pieces)
    estimator = CostAwareMeanVariance(5.0, pieces, 20.0)
    assert found.details["most_missing"] <= 1e-6 * abs(float(found.objective or 0))
    # From elsewhere the same bound reaches at least up to the best.
    start = np.abs(np.full(COUNT, 1 / COUNT) - CURRENT)
    missing = estimator._missing(INPUTS, np.full(COUNT, 1 / COUNT), start)
    gained = float(found.objective or 0) - estimator.utility(INPUTS, np.full(COUNT, 1 / COUNT))
    assert missing >= gained > 0.0


def test_free_trades_give_the_usual_weights_and_dear_ones_none() -> None:
    nothing = cost_pieces(CostModel(), MARKETS, CAPITAL)
    usual = MeanVariance(5.0).fit(INPUTS)
    assert isinstance(usual, Portfolio)
    assert fitted(nothing).weights == pytest.approx(usual.weights, abs=1e-6)
    dear = cost_pieces(CostModel(half_spread_bp=5_000.0), MARKETS, CAPITAL)
    assert fitted(dear).weights == pytest.approx(CURRENT, abs=1e-6)


def test_the_longer_it_is_held_the_more_is_traded() -> None:
    pieces = cost_pieces(SQUARE_ROOT, MARKETS, CAPITAL)
    moved = [np.abs(fitted(pieces, periods=each).weights - CURRENT).sum() for each in (2, 20, 500)]
    assert moved[0] < moved[1] < moved[2]


def test_borrowing_makes_shorts_dear() -> None:
    short, model = Box(-0.3, 1.0), CostModel(half_spread_bp=1.0, borrow_bp=5_000.0)
    free = fitted(cost_pieces(model, MARKETS, CAPITAL), short)
    paid = fitted(cost_pieces(model, MARKETS, CAPITAL, holding_days=20), short)

    def total(weights: FloatArray) -> float:
        return float(np.maximum(-weights, 0.0).sum())

    assert total(paid.weights) < total(free.weights) - 0.1


def test_a_covariance_of_low_rank_stays_one() -> None:
    rng = np.random.default_rng(8)
    low = LowRank(rng.standard_normal((COUNT, 3)) * 0.01, rng.uniform(1e-5, 4e-4, COUNT))
    pieces = cost_pieces(SQUARE_ROOT, MARKETS, CAPITAL)
    estimator = CostAwareMeanVariance(5.0, pieces, 20.0)
    views, dense = INPUTS.views, low.dense()
    one = estimator.fit(Inputs(NAMES, low, expected=views, current=CURRENT))
    other = estimator.fit(Inputs(NAMES, Dense(dense), expected=views, current=CURRENT))
    assert isinstance(one, Portfolio)
    assert isinstance(other, Portfolio)
    assert one.weights == pytest.approx(other.weights, abs=1e-5)


def test_no_variance_at_all() -> None:
    pieces = cost_pieces(SQUARE_ROOT, MARKETS, CAPITAL)
    found = fitted(pieces, Box(0.0, 0.4), aversion=0.0)
    # The programme of tangents is linear then, and leans on them where the curve would bend away.
    assert found.details["most_missing"] <= 1e-4 * abs(float(found.objective or 0))


def test_what_cannot_be_is_said() -> None:
    pieces = cost_pieces(SQUARE_ROOT, MARKETS, CAPITAL)
    with pytest.raises(UserInputError, match="above 0"):
        cost_pieces(SQUARE_ROOT, MARKETS, 0.0)
    with pytest.raises(UserInputError, match="more than 0 periods"):
        CostAwareMeanVariance(5.0, pieces, 0.0).fit(INPUTS)
    with pytest.raises(UserInputError, match="order is another"):
        CostAwareMeanVariance(
            5.0, cost_pieces(SQUARE_ROOT, MARKETS.chosen(NAMES[::-1]), CAPITAL)
        ).fit(INPUTS)
    with pytest.raises(MissingDataError, match="1 of 16 instruments have no value of a unit"):
        cost_pieces(SQUARE_ROOT, MARKETS.chosen([*NAMES, "LOST"]), CAPITAL)
    failed = CostAwareMeanVariance(5.0, pieces, 1.0, (Box(0.0, 0.01),)).fit(INPUTS)
    assert isinstance(failed, FailedPortfolio)
    assert failed.conflict
