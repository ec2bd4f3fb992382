"""R27: VaR of a short call by full revaluation has an exact answer; so has every scheme."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from riskplatform.market.content import FloatArray
from riskplatform.pricing.options.vanilla import vanilla_price
from riskplatform.simulation import (
    Gaussian,
    ImportanceTails,
    ScenarioSet,
    importance_plan,
    monte_carlo_plan,
)
from tests.simulation.tails import standard_error, value_at_risk
from tests.simulation.worlds import axis_of

EXACT = {0.95: 445.734, 0.99: 671.715}
EXPECTED_SHORTFALL = {0.95: 584.917, 0.99: 794.803}
AXIS, DAILY = axis_of(1), np.array([[0.2**2 / 252.0]])
DEVIATION = 0.2 * np.sqrt(10.0 / 252.0)
N, SEEDS = 8_192, range(20)


def call(spot: FloatArray) -> FloatArray:
    return vanilla_price(spot, 100.0, 0.5, 0.2, 0.03, 0.0, True).value


def loss_of(made: ScenarioSet) -> FloatArray:
    """What 100 short calls lose, spot moved and nothing else."""
    spot = made.levels([100.0])[:, 0]
    return 100.0 * (call(spot) - call(np.array([100.0])))


def density_of_loss(confidence: float) -> float:
    """Of the loss at its quantile: the normal's density over the slope of the loss in z."""
    z = norm.ppf(confidence) + np.array([-1e-4, 1e-4])
    spots = 100.0 * np.exp(DEVIATION * z)
    slope = 100.0 * np.diff(call(spots))[0] / 2e-4
    return float(norm.pdf(norm.ppf(confidence)) / slope)


def drawn(scheme: str, seed: int) -> ScenarioSet:
    recipe = Gaussian(scenarios=N, horizon_days=10, scheme=scheme, block_size=N // 2)
    return monte_carlo_plan(AXIS, DAILY, recipe, seed=seed).materialise()


def errors(scheme: str, confidence: float) -> FloatArray:
    sets = [drawn(scheme, seed) for seed in SEEDS]
    found = [value_at_risk(loss_of(made), made.weights, confidence) for made in sets]
    return np.array(found) - EXACT[confidence]


def root_mean_square(values: FloatArray) -> float:
    return float(np.sqrt(np.mean(np.square(values))))


def test_the_exact_answer_is_a_quantile_of_the_spot() -> None:
    for confidence, expected in EXACT.items():
        spot = 100.0 * np.exp(DEVIATION * norm.ppf(confidence))
        then = call(np.array([100.0, spot]))
        assert 100.0 * (then[1] - then[0]) == pytest.approx(expected, abs=5e-4)


@pytest.mark.parametrize("confidence", EXACT)
@pytest.mark.parametrize("scheme", ["pseudo", "antithetic", "moment_matched"])
def test_random_schemes_are_within_three_standard_errors(scheme: str, confidence: float) -> None:
    error = np.sqrt(confidence * (1.0 - confidence) / N) / density_of_loss(confidence)
    found = errors(scheme, confidence)
    assert np.abs(found).max() < 3.0 * error
    if scheme == "pseudo":  # and no tighter than theory says: the error is not hidden
        assert root_mean_square(found) == pytest.approx(error, rel=0.5)


@pytest.mark.parametrize("confidence", EXACT)
def test_sobol_is_ten_times_tighter(confidence: float) -> None:
    assert root_mean_square(errors("sobol", confidence)) < (
        root_mean_square(errors("pseudo", confidence)) / 10.0
    )


@pytest.mark.parametrize("confidence", EXACT)
def test_expected_shortfall_by_sobol(confidence: float) -> None:
    made = drawn("sobol", 1)
    losses = np.sort(loss_of(made))[::-1]
    beyond = N * (1.0 - confidence)
    whole = int(beyond)
    mean = (losses[:whole].sum() + (beyond - whole) * losses[whole]) / beyond
    assert mean == pytest.approx(EXPECTED_SHORTFALL[confidence], rel=2e-3)


def test_tilted_draws_are_tighter_and_right() -> None:
    """Importance-weighted: each within three of its own standard errors, 2.5 times tighter."""
    confidence, density = 0.99, density_of_loss(0.99)
    gaps = []
    for seed in SEEDS:
        recipe = ImportanceTails(scenarios=N, horizon_days=10)
        # A short call loses when the spot rises: its gain per unit move is negative.
        made = importance_plan(AXIS, DAILY, [-57.0], recipe, seed=seed).materialise()
        losses = loss_of(made)
        found = value_at_risk(losses, made.weights, confidence)
        error = standard_error(losses, density, made.weights, found)
        assert abs(found - EXACT[confidence]) < 3.5 * error
        gaps.append(found - EXACT[confidence])
    assert root_mean_square(np.array(gaps)) < root_mean_square(errors("pseudo", 0.99)) / 2.5
