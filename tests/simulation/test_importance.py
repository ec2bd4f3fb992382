"""Importance-weighted tails: weights that undo the tilt, against closed-form quantiles."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from riskplatform.errors import DataError
from riskplatform.simulation import ImportanceTails, effective_sample_size, importance_plan
from tests.simulation.tails import standard_error, value_at_risk
from tests.simulation.worlds import COVARIANCE, axis_of

AXIS, GAINS = axis_of(3), np.array([1.0, -2.0, 0.5])
SCALE = float(np.sqrt(GAINS @ COVARIANCE @ GAINS))


@pytest.mark.parametrize("scheme", ["pseudo", "sobol", "antithetic"])
def test_weights_undo_the_tilt(scheme: str) -> None:
    recipe = ImportanceTails(scenarios=100_000, scheme=scheme)
    made = importance_plan(AXIS, COVARIANCE, GAINS, recipe, seed=1).materialise()
    # 5 standard errors at the effective sample size.
    size = made.effective_sample_size
    assert made.weights @ made.moves == pytest.approx(np.zeros(3), abs=5e-2 / np.sqrt(size))
    centred = made.moves - made.weights @ made.moves
    covariance = (centred.T * made.weights) @ centred
    scale = np.sqrt(np.outer(np.diagonal(COVARIANCE), np.diagonal(COVARIANCE)))
    assert (np.abs(covariance - COVARIANCE) / scale).max() < 8.0 / np.sqrt(size)
    assert made.to_dict()["effective_sample_size"] == pytest.approx(
        effective_sample_size(made.weights)
    )
    assert 25_000 < size < 60_000
    # Three in four scenarios are tilted: most of them lose.
    assert ((made.moves @ GAINS) < 0.0).mean() > 0.8


def test_no_weight_exceeds_one_over_the_usual_share() -> None:
    recipe = ImportanceTails(scenarios=5_000, usual_share=0.2, shift=4.0)
    plan = importance_plan(AXIS, COVARIANCE, GAINS, recipe, seed=1)
    raw = np.concatenate([block.raw_weights for block in plan.blocks()])
    assert raw.max() <= 5.0 / 5_000
    assert raw.sum() == pytest.approx(1.0, abs=0.05)


@pytest.mark.slow
@pytest.mark.parametrize("nu", [None, 5.0])
@pytest.mark.parametrize("confidence", [0.99, 0.999])
def test_a_linear_book_has_its_closed_form_quantile(nu: float | None, confidence: float) -> None:
    law = stats.norm() if nu is None else stats.t(nu, scale=np.sqrt((nu - 2.0) / nu))
    exact = SCALE * law.ppf(confidence)
    density = law.pdf(law.ppf(confidence)) / SCALE
    for seed in range(5):
        recipe = ImportanceTails(scenarios=20_000, nu=nu)
        made = importance_plan(AXIS, COVARIANCE, GAINS, recipe, seed=seed).materialise()
        losses = -(made.moves @ GAINS)
        found = value_at_risk(losses, made.weights, confidence)
        error = standard_error(losses, density, made.weights, found)
        assert abs(found - exact) < 3.0 * error
        plain = np.sqrt(confidence * (1.0 - confidence) / 20_000) / density
        # Far out in a normal tail the gain is large; a t's tail lies in its scale too.
        assert error < plain / (1.2 if nu else 2.0)


def test_a_book_that_cannot_lose_has_no_tail() -> None:
    with pytest.raises(DataError, match="no tail to seek"):
        importance_plan(AXIS, COVARIANCE, np.zeros(3), seed=1)
    with pytest.raises(DataError, match="The exposures"):
        importance_plan(AXIS, COVARIANCE, np.ones(2), seed=1)
