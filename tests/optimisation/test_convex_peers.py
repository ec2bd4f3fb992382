"""Agreement with riskfolio-lib and skfolio on random problems, within 1e-4 of the objective."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from riskplatform.factors.covariance.matrices import Dense
from riskplatform.market.content import FloatArray
from riskplatform.optimisation.constraints import Box, Group, Turnover
from riskplatform.optimisation.inputs import Inputs
from riskplatform.optimisation.long_only import MaximumSharpe, MinimumVariance
from riskplatform.optimisation.mean_variance import MaximumDiversification, MeanVariance
from riskplatform.optimisation.portfolio import Allocator, Portfolio
from riskplatform.optimisation.shortfall import (
    MeanDrawdown,
    MeanEntropic,
    MeanShortfall,
    conditional_drawdown,
    entropic_value_at_risk,
)
from riskplatform.risk.quantiles import expected_shortfall
from tests.optimisation.random_markets import names, returns

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::UserWarning")]

COUNT, DAYS = 12, 200
SEEDS = [1, 2, 3]


def history(seed: int) -> pd.DataFrame:
    drift = np.random.default_rng(seed).uniform(0.0, 0.001, COUNT)
    index = pd.bdate_range("2024-01-01", periods=DAYS)
    return pd.DataFrame(returns(COUNT, DAYS, seed) + drift, index=index, columns=names(COUNT))


def inputs_of(table: pd.DataFrame) -> Inputs:
    return Inputs(
        tuple(names(COUNT)),
        Dense(table.cov().to_numpy()),
        returns=table.to_numpy(),
        expected=table.mean().to_numpy(),
    )


def objective(method: Allocator, inputs: Inputs) -> float:
    found = method.fit(inputs)
    assert isinstance(found, Portfolio), found
    return float(found.objective or 0)


def riskfolio_weights(table: pd.DataFrame, **asked: Any) -> FloatArray:
    riskfolio = pytest.importorskip("riskfolio")
    book = riskfolio.Portfolio(returns=table)
    book.assets_stats(method_mu="hist", method_cov="hist")
    book.solvers = ["CLARABEL"]
    found = book.optimization(model="Classic", rf=0, hist=True, **asked)
    assert found is not None
    return np.asarray(found["weights"].to_numpy())


def _variance(gains: FloatArray) -> float:
    return float(gains.std(ddof=1))


def _shortfall(gains: FloatArray) -> float:
    return float(expected_shortfall(gains, 0.95))


def _drawdown(gains: FloatArray) -> float:
    return conditional_drawdown(gains, 0.95)


def _entropic(gains: FloatArray) -> float:
    return entropic_value_at_risk(gains, 0.95, np.full(DAYS, 1.0 / DAYS))


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("rm", "method", "measured"), [
    ("CVaR", MeanShortfall(), _shortfall), ("CDaR", MeanDrawdown(), _drawdown),
    ("EVaR", MeanEntropic(), _entropic), ("MV", MinimumVariance((Box(0.0, 1.0),)), _variance),
])  # fmt: skip
def test_the_least_risk_is_that_of_riskfolio(
    seed: int, rm: str, method: Allocator, measured: Callable[[FloatArray], float]
) -> None:
    table = history(seed)
    theirs = riskfolio_weights(table, rm=rm, obj="MinRisk")
    ours = objective(method, inputs_of(table))
    assert ours == pytest.approx(measured(table.to_numpy() @ theirs), rel=1e-4)


@pytest.mark.parametrize("seed", SEEDS)
def test_ratios_and_utilities_are_those_of_riskfolio(seed: int) -> None:
    table = history(seed)
    inputs = inputs_of(table)
    mu, sigma = inputs.views, inputs.sigma

    def ratio(weights: FloatArray) -> float:
        return float(mu @ weights / np.sqrt(weights @ sigma @ weights))

    def utility(weights: FloatArray) -> float:
        return float(mu @ weights - 2.0 * weights @ sigma @ weights)

    sharpe = riskfolio_weights(table, rm="MV", obj="Sharpe")
    assert objective(MaximumSharpe((Box(0.0, 1.0),)), inputs) == pytest.approx(
        ratio(sharpe), rel=1e-4
    )
    chosen = riskfolio_weights(table, rm="MV", obj="Utility", l=2)
    ours = MeanVariance(4.0).fit(inputs)
    assert isinstance(ours, Portfolio)
    # Riskfolio's utility weighs the variance or the deviation by version: not worse than either.
    assert utility(np.asarray(ours.weights)) >= utility(chosen) - 1e-4 * abs(utility(chosen))


@pytest.mark.parametrize("seed", SEEDS)
def test_convex_answers_are_those_of_skfolio(seed: int) -> None:
    skfolio = pytest.importorskip("skfolio")
    from skfolio.optimization import MaximumDiversification as Diversified
    from skfolio.optimization import MeanRisk, ObjectiveFunction

    table = history(seed)
    inputs = inputs_of(table)
    sigma = inputs.sigma
    first = names(COUNT)[:4]

    def least(measure: str, **more: Any) -> FloatArray:
        asked = MeanRisk(
            objective_function=ObjectiveFunction.MINIMIZE_RISK,
            risk_measure=getattr(skfolio.RiskMeasure, measure),
            **more,
        )
        return np.asarray(asked.fit(table).weights_)

    deviation = float(np.sqrt((w := least("VARIANCE", max_weights=0.2)) @ sigma @ w))
    assert objective(MinimumVariance((Box(0.0, 0.2),)), inputs) == pytest.approx(
        deviation, rel=1e-4
    )
    groups = {name: ["first" if name in first else "rest"] for name in names(COUNT)}
    w = least("VARIANCE", groups=groups, linear_constraints=["first >= 0.6"])
    grouped = MinimumVariance((Group("first", tuple(first), low=0.6),))
    assert objective(grouped, inputs) == pytest.approx(float(np.sqrt(w @ sigma @ w)), rel=1e-4)
    w = np.asarray(Diversified().fit(table).weights_)
    spread = float(np.sqrt(np.diagonal(sigma)) @ w / np.sqrt(w @ sigma @ w))
    assert objective(MaximumDiversification(), inputs) == pytest.approx(spread, rel=1e-4)
    held = dict.fromkeys(names(COUNT), 1.0 / COUNT)
    trading = replace(inputs, current=np.array(list(held.values())))
    w = least("VARIANCE", previous_weights=held, max_turnover=0.02)
    # skfolio's turnover is the largest change of any one asset.
    assert np.abs(w - 1.0 / COUNT).max() <= 0.02 + 1e-6
    wide = objective(MinimumVariance((Turnover(0.02 * COUNT),)), trading)
    assert wide <= float(np.sqrt(w @ sigma @ w)) * (1.0 + 1e-6)
