"""Active books and long-short books: closed forms, KKT conditions, and sizes that are used."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskplatform.errors import MissingDataError, UserInputError
from riskplatform.optimisation.benchmark_relative import (
    ActiveMeanVariance,
    MaximumInformationRatio,
)
from riskplatform.optimisation.constraints import (
    Box,
    Constraint,
    Exposure,
    Gross,
    Group,
    Net,
    TrackingError,
    Turnover,
    VolatilityCap,
)
from riskplatform.optimisation.inputs import Inputs, inputs_from_returns
from riskplatform.optimisation.long_only import MaximumSharpe
from riskplatform.optimisation.mean_variance import MeanVariance
from riskplatform.optimisation.portfolio import Allocation, FailedPortfolio, Portfolio
from tests.optimisation import conditions
from tests.optimisation.random_markets import names, returns

COUNT = 8
NAMES = names(COUNT)
ONES = np.ones(COUNT)
FREE = Box(-5.0, 5.0)


def market(seed: int) -> Inputs:
    rng = np.random.default_rng(seed)
    benchmark = dict(zip(NAMES, rng.dirichlet(np.full(COUNT, 5.0)).tolist(), strict=True))
    mu = dict(zip(NAMES, rng.normal(0.0004, 0.0006, COUNT).tolist(), strict=True))
    table = returns(COUNT, 200, seed)
    return inputs_from_returns(table, NAMES, expected=mu, benchmark=benchmark)


def good(found: Allocation) -> Portfolio:
    assert isinstance(found, Portfolio), found
    assert found.certificate is not None
    assert found.certificate.is_good, found.certificate
    return found


def bench(inputs: Inputs) -> np.ndarray:
    assert inputs.benchmark is not None
    return inputs.benchmark


def free_optimum(inputs: Inputs, aversion: float) -> np.ndarray:
    """λ⁻¹ Σ⁻¹ (μ - level), which sums to nothing."""
    pull, ones = np.linalg.solve(inputs.sigma, np.column_stack([inputs.views, ONES])).T
    return np.asarray((pull - pull.sum() / ones.sum() * ones) / aversion)


@settings(deadline=None, max_examples=10)
@given(st.integers(0, 300), st.sampled_from([5.0, 50.0]))
def test_without_limits_the_active_book_has_a_closed_form(seed: int, aversion: float) -> None:
    inputs = market(seed)
    active = free_optimum(inputs, aversion)
    found = good(ActiveMeanVariance(aversion, constraints=(Box(-200.0, 200.0),)).fit(inputs))
    size = np.abs(active).max()
    assert found.weights - bench(inputs) == pytest.approx(active, abs=1e-4 * size)
    risk = np.sqrt(active @ inputs.sigma @ active)
    assert found.details["tracking_error"] == pytest.approx(risk, rel=1e-4)
    # The largest ratio is the same direction: √(μ'a λ), and as large as the box allows.
    best = good(MaximumInformationRatio((FREE,)).fit(inputs))
    ratio = inputs.views @ active / risk
    assert best.objective == pytest.approx(ratio, rel=2e-6)
    mine = best.weights - bench(inputs)
    assert mine / np.abs(mine).max() == pytest.approx(active / size, abs=5e-3)
    assert np.isclose(np.abs(best.weights), 5.0, atol=1e-4).any()


@settings(deadline=None, max_examples=10)
@given(st.integers(0, 300))
def test_long_active_books_are_optimal(seed: int) -> None:
    inputs = market(seed)
    rows: list[conditions.Row] = []
    found = good(ActiveMeanVariance(20.0).fit(inputs))
    active = found.weights - bench(inputs)
    slope = 20.0 * inputs.sigma @ active - inputs.views
    assert conditions.miss(found.weights, slope, rows, [(ONES, 1.0)]) < 1e-4
    # A target of return, and the tracking error that it costs, lead to the same book.
    wanted = 0.5 * float(inputs.views @ active)
    if wanted <= 1e-7:
        return
    least = good(ActiveMeanVariance(active_return=wanted).fit(inputs))
    assert least.details["active_return"] == pytest.approx(wanted, rel=1e-4)
    risk = float(least.objective or 0)
    again = good(ActiveMeanVariance(tracking_error=risk).fit(inputs))
    assert again.objective == pytest.approx(wanted, rel=1e-3)
    capped = good(MeanVariance(aversion=0.0, constraints=(TrackingError(risk),)).fit(inputs))
    assert inputs.views @ capped.weights == pytest.approx(
        inputs.views @ again.weights, rel=1e-5, abs=1e-9
    )
    # No ratio is larger than the largest, and a long book that may be more active is.
    best = good(MaximumInformationRatio().fit(inputs))
    assert float(best.objective or 0) >= wanted / risk * (1.0 - 1e-5)
    wide = good(MaximumInformationRatio((TrackingError(0.5 * risk),)).fit(inputs))
    assert wide.details["tracking_error"] <= 0.5 * risk * (1.0 + 1e-5)


def test_the_tracking_error_is_used_up() -> None:
    inputs = market(4)
    found = good(MaximumInformationRatio((Box(-1.0, 1.0), TrackingError(0.002))).fit(inputs))
    assert found.details["tracking_error"] == pytest.approx(0.002, rel=1e-4)
    assert found.weights.sum() == pytest.approx(1.0)
    assert found.details["active_share"] == pytest.approx(
        0.5 * np.abs(found.weights - bench(inputs)).sum()
    )


def test_group_limits_hold_for_the_weights_and_not_for_the_difference() -> None:
    inputs = market(6)
    group = Group("first", tuple(NAMES[:3]), low=0.5, high=0.6)
    turnover = Turnover(0.8)
    held = replace(inputs, current=bench(inputs))
    for method in (
        ActiveMeanVariance(10.0, constraints=(group, turnover)),
        MaximumInformationRatio((group, turnover)),
    ):
        found = good(method.fit(held))
        assert 0.5 - 1e-6 <= found.weights[:3].sum() <= 0.6 + 1e-6
        assert found.weights.min() >= -1e-7
        assert np.abs(found.weights - bench(inputs)).sum() <= 0.8 + 1e-5


def test_what_cannot_be() -> None:
    inputs = market(1)
    for wrong in (ActiveMeanVariance(), ActiveMeanVariance(1.0, 0.1)):
        with pytest.raises(UserInputError, match="exactly one"):
            wrong.fit(inputs)
    with pytest.raises(UserInputError, match="from 0 on"):
        ActiveMeanVariance(-1.0).fit(inputs)
    without = replace(inputs, benchmark=None)
    for method in (ActiveMeanVariance(1.0), MaximumInformationRatio()):
        with pytest.raises(MissingDataError, match="benchmark"):
            method.fit(without)
    impossible = ActiveMeanVariance(active_return=1.0).fit(inputs)
    assert isinstance(impossible, FailedPortfolio)
    assert "active return" in impossible.failure.message
    same = replace(inputs, expected=np.full(COUNT, 0.001))
    none = MaximumInformationRatio().fit(same)
    assert isinstance(none, FailedPortfolio)
    assert "more than the benchmark" in none.failure.message


NEUTRAL: list[tuple[tuple[Constraint, ...], str]] = [
    ((Box(-1.0, 1.0), Net(0.0, 0.0), Gross(2.0)), "gross"),
    ((Box(-0.2, 0.2), Net(0.0, 0.0)), "box"),
    ((Box(-2.0, 2.0), Net(0.0, 0.0), VolatilityCap(0.003)), "volatility"),
]


@pytest.mark.parametrize(("constraints", "full"), NEUTRAL)
def test_a_book_that_pays_for_itself_is_as_large_as_it_may_be(
    constraints: tuple[Constraint, ...], full: str
) -> None:
    inputs = market(9)
    found = good(MaximumSharpe(constraints).fit(inputs))
    weights = found.weights
    assert weights.sum() == pytest.approx(0.0, abs=1e-8)
    active = free_optimum(inputs, 1.0)
    ratio = inputs.views @ active / np.sqrt(active @ inputs.sigma @ active)
    assert found.objective == pytest.approx(ratio, rel=5e-6)
    used = {
        "gross": np.abs(weights).sum() / 2.0,
        "box": np.abs(weights).max() / 0.2,
        "volatility": np.sqrt(weights @ inputs.sigma @ weights) / 0.003,
    }
    assert used[full] == pytest.approx(1.0, abs=1e-5)


def test_a_book_of_any_size_is_refused() -> None:
    inputs = market(2)
    found = MaximumSharpe((Box(low=-1e9), Net(0.0, 0.0))).fit(inputs)
    assert isinstance(found, FailedPortfolio)
    assert "do not say how large" in found.failure.message


def test_long_130_short_30_without_a_beta() -> None:
    inputs = market(12)
    betas = dict(zip(NAMES, np.linspace(0.5, 1.5, COUNT).tolist(), strict=True))
    limits = (
        Box(-0.3, 0.5),
        Net(1.0, 1.0),
        Gross(1.6),
        Exposure("beta", betas, low=0.9, high=1.0),
    )
    found = good(MeanVariance(2.0, constraints=limits).fit(inputs))
    weights = found.weights
    assert np.maximum(weights, 0.0).sum() <= 1.3 + 1e-6
    assert np.maximum(-weights, 0.0).sum() <= 0.3 + 1e-6
    assert 0.9 - 1e-6 <= np.array(list(betas.values())) @ weights <= 1.0 + 1e-6
    # It is the best: shrunk towards any other allowed book it is worse.
    rng = np.random.default_rng(1)
    beta = np.array(list(betas.values()))

    def utility(w: np.ndarray) -> float:
        return float(inputs.views @ w - w @ inputs.sigma @ w)

    tried = 0
    for other in rng.dirichlet(np.ones(COUNT), 2000):
        if other.max() <= 0.5 and 0.9 <= beta @ other <= 1.0:
            tried += 1
            assert utility(0.9 * weights + 0.1 * other) <= utility(weights) + 1e-10
    assert tried > 100
