"""HERC, nested clusters and Schur-complementary allocation: by hand, at their ends, by peers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskplatform.errors import UnknownNameError, UserInputError
from riskplatform.market.content import FloatArray
from riskplatform.optimisation.cluster_risks import RISKS
from riskplatform.optimisation.herc import Herc
from riskplatform.optimisation.hrp import Hrp
from riskplatform.optimisation.inputs import Inputs, inputs_from_moments, inputs_from_returns
from riskplatform.optimisation.long_only import MaximumSharpe, MinimumVariance
from riskplatform.optimisation.nco import NestedClusters
from riskplatform.optimisation.portfolio import Allocator, FailedPortfolio, Portfolio
from riskplatform.optimisation.risk_budgets import RiskBudgets
from riskplatform.optimisation.schur import SchurComplementary
from tests.optimisation.random_markets import names, returns


def weights(method: Allocator, inputs: Inputs) -> FloatArray:
    found = method.fit(inputs)
    assert isinstance(found, Portfolio), found
    return np.asarray(found.weights)


def market(count: int, seed: int = 0) -> Inputs:
    return inputs_from_moments(names(count), np.cov(returns(count, 150, seed).T))


def three() -> Inputs:
    deviation = np.array([0.2, 0.1, 0.1])
    correlation = np.array([[1.0, 0.1, 0.1], [0.1, 1.0, 0.8], [0.1, 0.8, 1.0]])
    return inputs_from_moments(names(3), np.outer(deviation, deviation) * correlation)


def test_three_assets_by_hand() -> None:
    # Clusters {A} and {B, C}: variances 0.04 and 0.009.
    pair = 0.01 * (1 + 0.8) / 2
    alone = 1 - 0.04 / (0.04 + pair)
    found = Herc(clusters=2).fit(three())
    assert isinstance(found, Portfolio)
    assert found.weights == pytest.approx([alone, (1 - alone) / 2, (1 - alone) / 2])
    assert weights(Herc(), three()) == pytest.approx(found.weights)
    # Least variance of A and of the pair, which share a covariance of 0.002.
    first = (pair - 0.002) / (0.04 + pair - 0.004)
    nested = weights(NestedClusters(clusters=2), three())
    assert nested == pytest.approx([first, (1 - first) / 2, (1 - first) / 2])


def test_one_cluster_and_as_many_as_assets() -> None:
    inputs = market(9)
    inverse = 1.0 / np.diagonal(inputs.sigma)
    assert weights(Herc(clusters=1), inputs) == pytest.approx(inverse / inverse.sum())
    least = weights(MinimumVariance(), inputs)
    for clusters in (1, 9, 50):
        nested = weights(NestedClusters(clusters=clusters), inputs)
        assert nested == pytest.approx(least, abs=1e-9)


@settings(deadline=None, max_examples=25)
@given(st.integers(2, 20), st.integers(0, 200), st.sampled_from(sorted(RISKS)))
def test_money_is_spent_and_order_does_not_matter(count: int, seed: int, risk: str) -> None:
    table = returns(count, 150, seed)
    order = np.random.default_rng(seed).permutation(count)
    plain = inputs_from_returns(table, names(count))
    mixed = inputs_from_returns(table[:, order], [names(count)[i] for i in order])
    for method in (Herc(risk=risk), NestedClusters()):
        one, other = weights(method, plain), weights(method, mixed)
        assert one.sum() == pytest.approx(1.0)
        assert (one >= 0.0).all()
        assert other == pytest.approx(one[order], abs=1e-7)


@settings(deadline=None, max_examples=25)
@given(st.integers(2, 24), st.integers(0, 200))
def test_schur_goes_from_risk_parity_to_the_least_variance(count: int, seed: int) -> None:
    inputs = market(count, seed)
    start = weights(SchurComplementary(0.0), inputs)
    assert start == pytest.approx(weights(Hrp(), inputs), rel=1e-9)
    end = weights(SchurComplementary(1.0, side="own", is_long=False), inputs)
    exact = np.linalg.solve(inputs.sigma, np.ones(count))
    assert end == pytest.approx(exact / exact.sum(), abs=1e-8)
    between = SchurComplementary(0.6).fit(inputs)
    assert isinstance(between, Portfolio)
    assert (between.weights >= 0.0).all()
    assert between.weights.sum() == pytest.approx(1.0)
    assert 0.0 <= float(between.parameters["effective_gamma"]) <= 0.6


def test_choices_are_recorded_and_wrong_ones_refused() -> None:
    inputs = market(6)
    one = Herc(clusters=3).fit(inputs)
    assert isinstance(one, Portfolio)
    assert one.parameters["clusters"] == 3
    nested = NestedClusters(inner=MaximumSharpe()).fit(
        inputs_from_moments(names(6), inputs.sigma, np.full(6, 0.001))
    )
    assert isinstance(nested, Portfolio)
    assert "MaximumSharpe" in str(nested.parameters["inner"])
    with pytest.raises(UnknownNameError):
        Herc(risk="varianz").fit(inputs)
    with pytest.raises(UserInputError, match="clusters"):
        Herc(clusters=0).fit(inputs)
    with pytest.raises(UserInputError, match="gamma"):
        SchurComplementary(1.5).fit(inputs)
    with pytest.raises(UnknownNameError, match="variance of a side"):
        SchurComplementary(side="owner").fit(inputs)


def test_odd_markets() -> None:
    one = inputs_from_moments(["A"], [[0.04]])
    for method in (Herc(), NestedClusters(), SchurComplementary()):
        assert weights(method, one) == pytest.approx([1.0])
    twins = inputs_from_moments(names(2), np.full((2, 2), 0.04))
    assert weights(Herc(), twins) == pytest.approx([0.5, 0.5])
    assert weights(SchurComplementary(), twins) == pytest.approx([0.5, 0.5])
    hedged = inputs_from_moments(names(2), [[0.01, -0.01], [-0.01, 0.01]])
    failed = NestedClusters(clusters=1, inner=RiskBudgets()).fit(hedged)
    assert isinstance(failed, FailedPortfolio)
    assert failed.method == "nested-clusters"


@pytest.mark.slow
@pytest.mark.parametrize("clusters", [2, 4, 7])
def test_herc_and_nested_clusters_are_those_of_riskfolio(clusters: int) -> None:
    riskfolio = pytest.importorskip("riskfolio")
    history = pd.DataFrame(returns(20, 300, 3), columns=names(20))
    inputs = inputs_from_moments(names(20), history.cov().to_numpy())
    options = {"codependence": "pearson", "rm": "MV", "linkage": "ward", "k": clusters}
    for model, method, tolerance in (
        ("HERC", Herc(clusters=clusters), 1e-9),
        ("NCO", NestedClusters(clusters=clusters), 2e-4),
    ):
        peer = riskfolio.HCPortfolio(returns=history).optimization(
            model=model, obj="MinRisk", leaf_order=False, **options
        )
        theirs = peer["weights"].to_numpy()
        assert weights(method, inputs) == pytest.approx(theirs, abs=tolerance)
