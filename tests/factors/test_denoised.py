"""Marchenko-Pastur: the edges, pure noise, and signals that survive."""

from __future__ import annotations

import numpy as np
import pytest

from riskplatform.errors import UserInputError
from riskplatform.factors.covariance.denoised import Denoised, marchenko_pastur_edges
from riskplatform.factors.covariance.structured import FactorStructured


def names(count: int) -> list[str]:
    return [str(place) for place in range(count)]


def test_case_14() -> None:
    low, high = marchenko_pastur_edges(10)
    assert (low, high) == (pytest.approx(0.4675, abs=5e-5), pytest.approx(1.7325, abs=5e-5))
    assert marchenko_pastur_edges(2)[1] == pytest.approx(2.9142, abs=5e-5)
    assert marchenko_pastur_edges(2, 0.5)[1] == pytest.approx(2.9142 / 2, abs=5e-5)
    with pytest.raises(UserInputError, match="days per factor"):
        marchenko_pastur_edges(0)


@pytest.mark.parametrize("shape", [(800, 80), (160, 80), (40, 80)])
def test_noise_denoises_to_equal_weights(shape: tuple[int, int]) -> None:
    noise = np.random.default_rng(12).standard_normal(shape)
    result = Denoised().fit(noise, names(80))
    ones = np.ones(80)
    weights = np.linalg.solve(result.correlation, ones)
    weights /= weights.sum()
    assert np.abs(weights - 1 / 80).max() < 0.15 / 80
    raw = np.linalg.lstsq(np.corrcoef(noise.T), ones, rcond=None)[0]
    assert np.abs(raw / raw.sum() - 1 / 80).max() > 0.4 / 80


def test_the_eigenvalues_of_noise_lie_between_the_edges() -> None:
    noise = np.random.default_rng(5).standard_normal((4000, 400))
    values = np.linalg.eigvalsh(np.corrcoef(noise.T))
    low, high = marchenko_pastur_edges(10)
    assert values[0] == pytest.approx(low, abs=0.02)
    assert values[-1] == pytest.approx(high, abs=0.03)


def test_signals_are_found_and_kept() -> None:
    rng = np.random.default_rng(3)
    loadings = rng.normal(0, 1.0, (100, 3))
    # Every factor the same share of noise: it is of those that the edge is one number.
    loadings *= 0.8 / np.linalg.norm(loadings, axis=1, keepdims=True)
    values = rng.standard_normal((600, 3)) @ loadings.T + rng.standard_normal((600, 100))
    true = loadings @ loadings.T + np.eye(100)
    scale = np.sqrt(np.diagonal(true))
    true = true / np.outer(scale, scale)
    result = Denoised().fit(values, names(100))
    measures = dict(result.diagnostics().to_numpy().tolist())
    assert measures["eigenvalues kept"] == 3
    # What is left when three factors are taken out is noise of this variance.
    assert measures["variance of noise"] == pytest.approx(1 / 1.64, abs=0.02)
    assert np.linalg.norm(result.correlation - true) < 0.75 * np.linalg.norm(
        np.corrcoef(values.T) - true
    )
    assert result.volatility == pytest.approx(values.std(axis=0, ddof=1), rel=1e-12)
    structured = FactorStructured().fit(values, names(100))
    assert dict(structured.diagnostics().to_numpy().tolist())["components"] == 3


def test_a_given_variance_of_noise() -> None:
    values = np.random.default_rng(3).standard_normal((300, 30))
    few = Denoised(noise_variance=1.0).fit(values, names(30))
    many = Denoised(noise_variance=0.3).fit(values, names(30))
    kept = [dict(r.diagnostics().to_numpy().tolist())["eigenvalues kept"] for r in (few, many)]
    assert kept[0] <= 1
    assert kept[1] > 20
    with pytest.raises(UserInputError, match="share between 0 and 1"):
        Denoised(noise_variance=1.5)
