"""Linear and logarithmic pools: what each is the best of, closed forms, disagreement."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskplatform.domain.outcome import Failure
from riskplatform.errors import UnknownNameError, UserInputError
from riskplatform.optimisation.black_litterman import View
from riskplatform.optimisation.entropy_pooling import Pooled, Statement, entropy_pooling
from riskplatform.optimisation.expected_returns import BayesStein, Equilibrium, SampleMean, Viewed
from riskplatform.optimisation.inputs import inputs_from_returns
from riskplatform.optimisation.opinions import (
    Opinion,
    PooledShares,
    pooled_normals,
    pooled_returns,
    pooled_shares,
)
from tests.optimisation.random_markets import names, returns

FACES = np.arange(1.0, 7.0)


def pooled(rule: str, **opinions: np.ndarray) -> PooledShares:
    found = pooled_shares(opinions, rule=rule)
    assert isinstance(found, PooledShares), found
    return found


def die(mean: float) -> np.ndarray:
    found = entropy_pooling([Statement(FACES, mean)], np.full(6, 1 / 6))
    assert isinstance(found, Pooled)
    return np.asarray(found.shares)


@given(st.integers(0, 500), st.floats(0.05, 0.95))
def test_each_pool_is_the_nearest_in_its_own_sense(seed: int, weight: float) -> None:
    rng = np.random.default_rng(seed)
    one, other = rng.dirichlet(np.ones(8), 2)
    weights = {"a": weight, "b": 1.0 - weight}
    for rule in ("linear", "logarithmic"):
        found = pooled_shares({"a": one, "b": other}, weights, rule)
        assert isinstance(found, PooledShares)
        assert found.shares.sum() == pytest.approx(1.0)

        def cost(shares: np.ndarray, rule: str = rule) -> float:
            """Σ weight · KL, from opinions to a linear pool, from a logarithmic pool to them."""
            total = 0.0
            for name, opinion in (("a", one), ("b", other)):
                first, second = (opinion, shares) if rule == "linear" else (shares, opinion)
                total += weights[name] * float(np.sum(first * np.log(first / second)))
            return total

        told = sum(weights[name] * found.divergences[name] for name in weights)
        assert told == pytest.approx(cost(found.shares))
        for trial in rng.dirichlet(np.ones(8), 20):
            near = 0.9 * found.shares + 0.1 * np.maximum(trial, 1e-12)
            assert cost(near / near.sum()) >= cost(found.shares) - 1e-12


def test_a_logarithmic_pool_of_tilted_dice_is_a_tilted_die() -> None:
    """Exponential families are closed under it: the multipliers are averaged."""
    low, high = die(2.5), die(4.5)
    found = pooled("logarithmic", low=low, high=high)
    # The two tilts are opposite, as 2.5 and 4.5 lie alike around 3.5: nothing is left.
    assert found.shares == pytest.approx(np.full(6, 1 / 6))
    assert found.effective == pytest.approx(6.0)
    mixed = pooled("linear", low=low, high=high)
    assert mixed.shares == pytest.approx(0.5 * (low + high))
    # The mixture keeps both tails and so disagrees with neither mean.
    assert mixed.shares[0] > found.shares[0]


def test_one_who_rules_out_rules_out_for_all_only_in_a_logarithmic_pool() -> None:
    one, other = np.array([0.5, 0.5, 0.0]), np.array([0.2, 0.3, 0.5])
    assert pooled("linear", a=one, b=other).shares[2] == pytest.approx(0.25)
    found = pooled("logarithmic", a=one, b=other)
    assert found.shares[2] == 0.0
    assert found.shares[:2] == pytest.approx(
        np.sqrt([0.1, 0.15]) / np.sqrt([0.1, 0.15]).sum(), rel=1e-12
    )
    # Somebody whose opinion has no weight rules out nothing.
    alone = pooled_shares({"a": one, "b": other}, {"b": 1.0}, "logarithmic")
    assert isinstance(alone, PooledShares)
    assert alone.shares == pytest.approx(other)
    apart = pooled_shares({"a": [1.0, 0.0], "b": [0.0, 1.0]}, rule="logarithmic")
    assert isinstance(apart, Failure)
    assert "no scenario" in apart.message


def test_pools_of_normals() -> None:
    rng = np.random.default_rng(2)
    spread = [np.cov(rng.standard_normal((3, 9))) for _ in range(2)]
    means = rng.standard_normal((2, 3))
    opinions = {"a": Opinion(means[0], spread[0]), "b": Opinion(means[1], spread[1])}
    weights = {"a": 0.3, "b": 0.7}
    mixed = pooled_normals(opinions, weights)
    # The mixture, drawn.
    is_first = rng.random(400_000) < 0.3
    drawn = np.where(
        is_first[:, None],
        rng.multivariate_normal(means[0], spread[0], is_first.size),
        rng.multivariate_normal(means[1], spread[1], is_first.size),
    )
    assert mixed.expected == pytest.approx(drawn.mean(axis=0), abs=0.02)
    assert mixed.covariance == pytest.approx(np.cov(drawn.T), abs=0.04)
    # The logarithmic pool is normal: its log density is the weighted sum, up to a constant.
    pooled_log = pooled_normals(opinions, weights, "logarithmic")

    def level(point: np.ndarray, opinion: Opinion) -> float:
        gap = point - opinion.expected
        return float(-0.5 * gap @ np.linalg.solve(opinion.covariance, gap))

    points = rng.standard_normal((5, 3))
    sums = [sum(w * level(p, opinions[n]) for n, w in weights.items()) for p in points]
    mine = [level(p, pooled_log) for p in points]
    assert np.diff(mine) == pytest.approx(np.diff(sums), rel=1e-8)
    same = {"a": opinions["a"], "b": opinions["a"]}
    for rule in ("linear", "logarithmic"):
        assert pooled_normals(same, rule=rule).expected == pytest.approx(means[0])
        assert pooled_normals(same, rule=rule).covariance == pytest.approx(spread[0])


def test_pools_of_estimates_in_their_contract() -> None:
    assets = names(5)
    inputs = inputs_from_returns(
        returns(5, 200, 1) + 0.0004, assets, benchmark=dict.fromkeys(assets, 0.2)
    )
    view = View({assets[0]: 1.0, assets[1]: -1.0}, 0.001, confidence=0.6)
    opinions = {
        "history": BayesStein().fit(inputs),
        "committee": Viewed((view,), Equilibrium(aversion=3.0)).fit(inputs),
    }
    weights = {"history": 1.0, "committee": 3.0}
    linear = pooled_returns(inputs, opinions, weights)
    expected = 0.25 * opinions["history"].expected + 0.75 * opinions["committee"].expected
    assert linear.expected == pytest.approx(expected)
    fed = linear.into(inputs)
    gap = opinions["history"].expected - opinions["committee"].expected
    committee = opinions["committee"].covariance
    assert committee is not None
    assert fed.sigma == pytest.approx(
        0.25 * inputs.sigma + 0.75 * committee.dense() + 0.1875 * np.outer(gap, gap)
    )
    assert linear.error is not None
    # Who disagrees is less sure together than each alone.
    one, other = (opinions[name].error for name in opinions)
    assert one is not None
    assert other is not None
    assert linear.error**2 == pytest.approx(0.25 * one**2 + 0.75 * other**2 + 0.1875 * gap**2)
    means = {"a": BayesStein().fit(inputs), "b": SampleMean().fit(inputs)}
    close = pooled_returns(inputs, means, rule="logarithmic")
    # With the same covariance the logarithmic pool of means is their mean, and Σ stays.
    assert close.covariance is None
    assert close.expected == pytest.approx(0.5 * (means["a"].expected + means["b"].expected))
    assert close.run_id != pooled_returns(inputs, means, {"a": 0.6, "b": 0.4}).run_id


def test_bad_pools_are_refused() -> None:
    even = np.full(3, 1 / 3)
    for weights in ({"a": -1.0}, {"a": 0.0}):
        with pytest.raises(UserInputError):
            pooled_shares({"a": even}, weights)
    with pytest.raises(UnknownNameError, match="b"):
        pooled_shares({"a": even}, {"b": 1.0})
    with pytest.raises(UnknownNameError, match="linear"):
        pooled_shares({"a": even}, rule="liner")
    with pytest.raises(UserInputError, match="no opinion"):
        pooled_shares({})
    with pytest.raises(UserInputError, match="probabilities"):
        pooled_shares({"a": [-1.0, 2.0]})
    flat = Opinion(np.zeros(2), np.ones((2, 2)))
    with pytest.raises(UserInputError, match="no inverse"):
        pooled_normals({"a": flat}, rule="logarithmic")
