"""Agreement with riskfolio-lib and skfolio beyond ``test_convex_peers``, on random problems: trees,
budgets, tail risks, growth, and tracking."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from riskplatform.factors.covariance.matrices import Dense
from riskplatform.market.content import FloatArray
from riskplatform.optimisation.constraints import Box
from riskplatform.optimisation.growth import GrowthOptimal
from riskplatform.optimisation.hrp import Hrp
from riskplatform.optimisation.inputs import Inputs
from riskplatform.optimisation.kelly import growth
from riskplatform.optimisation.long_only import MaximumSharpe
from riskplatform.optimisation.mean_variance import TrackingErrorMinimum
from riskplatform.optimisation.portfolio import Allocator, Portfolio
from riskplatform.optimisation.risk_budgets import RiskBudgets
from riskplatform.optimisation.shortfall import (
    MeanDrawdown,
    MeanEntropic,
    MeanShortfall,
    conditional_drawdown,
    entropic_value_at_risk,
)
from riskplatform.risk.quantiles import expected_shortfall
from tests.optimisation.random_markets import names, returns

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]

COUNT, DAYS = 12, 200
SEEDS = [4, 5, 6]


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
        benchmark=np.full(COUNT, 1.0 / COUNT),
    )


def fitted(method: Allocator, inputs: Inputs) -> Portfolio:
    found = method.fit(inputs)
    assert isinstance(found, Portfolio), found
    return found


def skfolio_weights(name: str, table: pd.DataFrame, **asked: Any) -> FloatArray:
    optimization = pytest.importorskip("skfolio.optimization")
    return np.asarray(getattr(optimization, name)(**asked).fit(table).weights_)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("risk", ["variance", "es"])
@pytest.mark.parametrize("linkage", ["single", "ward"])
def test_trees_are_those_of_skfolio(seed: int, risk: str, linkage: str) -> None:
    skfolio = pytest.importorskip("skfolio")
    cluster = pytest.importorskip("skfolio.cluster")
    measure = {"variance": skfolio.RiskMeasure.VARIANCE, "es": skfolio.RiskMeasure.CVAR}[risk]
    method = cluster.LinkageMethod[linkage.upper()]
    theirs = skfolio_weights(
        "HierarchicalRiskParity", history(seed), risk_measure=measure,
        hierarchical_clustering_estimator=cluster.HierarchicalClustering(linkage_method=method),
    )  # fmt: skip
    ours = fitted(Hrp(linkage=linkage, risk=risk, is_optimal_order=True), inputs_of(history(seed)))
    assert ours.weights == pytest.approx(theirs, abs=1e-12)


@pytest.mark.parametrize("seed", SEEDS)
def test_risk_budgets_are_those_of_skfolio_and_better(seed: int) -> None:
    table = history(seed)
    inputs = inputs_of(table)
    shares = np.random.default_rng(seed).dirichlet(np.full(COUNT, 3.0))
    theirs = skfolio_weights("RiskBudgeting", table, risk_budget=shares)
    budgets = dict(zip(names(COUNT), shares.tolist(), strict=True))
    ours = fitted(RiskBudgets(budgets), inputs)
    assert ours.weights == pytest.approx(theirs, abs=1e-4)
    assert ours.details["shares"] == pytest.approx(shares, abs=1e-9)


def _drawdown(gains: FloatArray) -> float:
    return conditional_drawdown(gains, 0.95)


def _entropic(gains: FloatArray) -> float:
    return entropic_value_at_risk(gains, 0.95, np.full(DAYS, 1.0 / DAYS))


def _shortfall(gains: FloatArray) -> float:
    return float(expected_shortfall(gains, 0.95))


TAILS: list[tuple[str, type[Any], Callable[[FloatArray], float]]] = [
    ("CVAR", MeanShortfall, _shortfall),
    ("CDAR", MeanDrawdown, _drawdown),
    ("EVAR", MeanEntropic, _entropic),
]


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("name", "method", "measured"), TAILS, ids=[each[0] for each in TAILS])
def test_tail_risks_are_as_small_as_those_of_skfolio(
    seed: int, name: str, method: type[Any], measured: Callable[[FloatArray], float]
) -> None:
    skfolio = pytest.importorskip("skfolio")
    table = history(seed)
    inputs = inputs_of(table)
    measure = skfolio.RiskMeasure[name]
    gains = table.to_numpy()
    for limits, asked in (((), {}), ((Box(0.0, 0.2),), {"max_weights": 0.2})):
        theirs = skfolio_weights("MeanRisk", table, risk_measure=measure, **asked)
        ours = fitted(method(constraints=limits), inputs)
        assert ours.objective == pytest.approx(measured(gains @ theirs), rel=1e-4)
    # With a return to reach as well.
    least = fitted(method(), inputs).weights
    target = 0.5 * float(inputs.views.max() + inputs.views @ least)
    theirs = skfolio_weights("MeanRisk", table, risk_measure=measure, min_return=target)
    reached = fitted(method(target_return=target), inputs)
    assert reached.objective == pytest.approx(measured(gains @ theirs), rel=1e-4)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_largest_ratio_is_that_of_skfolio(seed: int) -> None:
    optimization = pytest.importorskip("skfolio.optimization")
    table = history(seed)
    inputs = inputs_of(table)
    largest = optimization.ObjectiveFunction.MAXIMIZE_RATIO
    theirs = skfolio_weights("MeanRisk", table, objective_function=largest)
    ratio = float(inputs.views @ theirs / np.sqrt(theirs @ inputs.sigma @ theirs))
    assert fitted(MaximumSharpe(), inputs).objective == pytest.approx(ratio, rel=1e-4)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_fastest_growth_is_that_of_riskfolio(seed: int) -> None:
    riskfolio = pytest.importorskip("riskfolio")
    table = history(seed)
    book = riskfolio.Portfolio(returns=table)
    book.assets_stats(method_mu="hist", method_cov="hist")
    book.solvers = ["CLARABEL"]
    found = book.optimization(
        model="Classic", rm="MV", obj="MaxRet", kelly="exact", rf=0, hist=True
    )
    theirs = found["weights"].to_numpy()
    ours = fitted(GrowthOptimal(), inputs_of(table))
    reached = float(np.log1p(table.to_numpy() @ theirs).mean())
    assert ours.objective == pytest.approx(reached, rel=1e-4)
    # The parabola of the closed form is near it for daily returns.
    inputs = inputs_of(table)
    assert growth(ours.weights, inputs.views, inputs.sigma) == pytest.approx(reached, abs=2e-5)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_closest_to_a_benchmark_is_that_of_skfolio(seed: int) -> None:
    pytest.importorskip("skfolio")
    table = history(seed)
    inputs = inputs_of(table)
    followed = table.to_numpy() @ np.full(COUNT, 1.0 / COUNT)
    optimization = pytest.importorskip("skfolio.optimization")
    tracker = optimization.BenchmarkTracker(
        max_weights=[0.0, 0.05, *[1.0] * (COUNT - 2)]
    ).fit(table, followed)  # fmt: skip
    theirs = np.asarray(tracker.weights_)
    first, second = names(COUNT)[:2]
    limits = (Box(high=0.0, assets=(first,), label="out"), Box(high=0.05, assets=(second,)))
    ours = fitted(TrackingErrorMinimum(limits), inputs)
    gap = theirs - 1.0 / COUNT
    assert ours.objective == pytest.approx(float(np.sqrt(gap @ inputs.sigma @ gap)), rel=1e-4)


@pytest.mark.parametrize("seed", [5, 8, 10, 12, 14, 15])
def test_entropic_programmes_arrive(seed: int) -> None:
    """Markets in which Clarabel's long steps collapsed at the edge of exponential cones."""
    inputs = inputs_of(history(seed))
    start = float(inputs.views @ fitted(MeanEntropic(), inputs).weights)
    best = float(inputs.views.max())
    methods = [MeanEntropic(target_return=start + x * (best - start)) for x in (0.25, 0.5, 0.75)]
    for method in (*methods, MeanEntropic(aversion=0.05)):
        certificate = fitted(method, inputs).certificate
        assert certificate is not None
        assert certificate.is_good
