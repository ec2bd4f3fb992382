"""Ledoit-Wolf and OAS, against scikit-learn and the printed case."""

from __future__ import annotations

import numpy as np
import pytest

from riskplatform.errors import UserInputError
from riskplatform.factors.covariance.shrinkage import LedoitWolf, Oas


def other(name: str) -> object:
    covariance = pytest.importorskip("sklearn.covariance")
    return {"lw": covariance.LedoitWolf, "oas": covariance.OAS}[name]()


def panel(days: int, count: int) -> np.ndarray:
    rng = np.random.default_rng(days + count)
    mixing = np.eye(count) + 0.4 * rng.standard_normal((count, count))
    return rng.standard_t(5, (days, count)) @ mixing + 0.3


def test_case_13() -> None:
    # scikit-learn's documentation: 50 draws from N(0, [[.4, .2], [.2, .8]]) of RandomState(0).
    true = [[0.4, 0.2], [0.2, 0.8]]
    draws = np.random.RandomState(0).multivariate_normal(mean=[0, 0], cov=true, size=50)
    result = LedoitWolf(target="identity").fit(draws, "AB")
    # Printed cut off after four digits, not rounded.
    printed = np.array([[0.4406, 0.1616], [0.1616, 0.8022]])
    assert np.array_equal(np.floor(result.covariance * 1e4) / 1e4, printed)
    assert result.shrinkage == pytest.approx(0.23025, abs=5e-6)
    assert (np.trunc(draws.mean(axis=0) * 1e4) / 1e4).tolist() == [0.0595, -0.0075]


@pytest.mark.parametrize("shape", [(50, 2), (500, 40), (60, 100), (10, 3), (400, 1)])
@pytest.mark.parametrize("method", ["lw", "oas"])
def test_agrees_with_scikit_learn(method: str, shape: tuple[int, int]) -> None:
    values = panel(*shape)
    mine = {"lw": LedoitWolf, "oas": Oas}[method](target="identity")
    result = mine.fit(values, [str(place) for place in range(shape[1])])
    theirs = other(method).fit(values)
    assert result.covariance == pytest.approx(theirs.covariance_, rel=1e-9, abs=1e-12)
    assert result.shrinkage == pytest.approx(theirs.shrinkage_, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("method", ["lw", "oas"])
def test_target_of_variances_shrinks_correlations(method: str) -> None:
    units = np.array([1e-4, 1.0, 100.0, 1e-2, 5.0])
    values = panel(120, 5) * units
    scale = values.std(axis=0)
    mine = {"lw": LedoitWolf, "oas": Oas}[method]()
    result = mine.fit(values, "ABCDE")
    theirs = other(method).fit(values / scale)
    assert result.shrinkage == pytest.approx(theirs.shrinkage_, rel=1e-9)
    expected = theirs.covariance_ * np.outer(scale, scale)
    assert result.covariance == pytest.approx(expected, rel=1e-9)
    assert result.volatility == pytest.approx(scale, rel=1e-12)


def test_weights_that_repeat_days_are_weights() -> None:
    """Twice the weight is not twice the day: the mean is the same, the sampling error is not."""
    values = panel(60, 4)
    plain = LedoitWolf().fit(values, "ABCD")
    assert LedoitWolf().fit(values, "ABCD", weights=np.full(60, 7.0)).covariance == pytest.approx(
        plain.covariance, rel=1e-12
    )
    recent = LedoitWolf().fit(values, "ABCD", weights=0.9 ** np.arange(60)[::-1])
    assert recent.effective_observations < 20
    assert plain.shrinkage is not None
    assert recent.shrinkage is not None
    assert recent.shrinkage > plain.shrinkage


@pytest.mark.parametrize("method", [LedoitWolf(), Oas()])
def test_nearer_to_the_truth_than_the_sample(method: LedoitWolf | Oas) -> None:
    rng = np.random.default_rng(8)
    place = np.arange(50)
    true = 0.5 ** np.abs(place[:, None] - place)
    draws = rng.multivariate_normal(np.zeros(50), true, size=60)
    shrunk = method.fit(draws, [str(name) for name in place]).correlation
    assert np.linalg.norm(shrunk - true) < np.linalg.norm(np.corrcoef(draws.T) - true)


def test_an_unknown_target() -> None:
    with pytest.raises(UserInputError, match="'variances' or 'identity'"):
        LedoitWolf(target="mean").fit(panel(10, 2), "AB")  # type: ignore[arg-type]
