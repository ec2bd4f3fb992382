"""Black-Litterman against the tables of He and Litterman (1999) and of Idzorek (2005)."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskplatform.errors import DataError, UnknownNameError, UserInputError
from riskplatform.optimisation.black_litterman import (
    BlackLitterman,
    View,
    black_litterman,
    equilibrium,
    implied_aversion,
)
from tests.optimisation.published import he_litterman, idzorek

COUNTRIES, SIGMA, MARKET = he_litterman()
PRIOR = equilibrium(SIGMA, MARKET, 2.5)
GERMANY = {"DE": 1.0, "FR": -0.295, "UK": -0.705}
CANADA = {"CA": 1.0, "US": -1.0}


def posterior(*views: View) -> BlackLitterman:
    return black_litterman(COUNTRIES, SIGMA, PRIOR, views, tau=0.05, aversion=2.5)


def test_the_equilibrium_of_seven_countries() -> None:
    assert pytest.approx([3.938, 6.915, 8.358, 9.027, 4.303, 6.768, 7.560], abs=6e-4) == 100 * PRIOR


@pytest.mark.parametrize(
    ("views", "expected", "weights", "counts"),
    [
        ([View(GERMANY, 0.05)], [4.3, 7.6, 9.3, 11.0, 4.5, 7.0, 8.1],
         [1.5, 2.1, -4.0, 35.4, 11.0, -9.5, 58.6], None),
        ([View(GERMANY, 0.05), View(CANADA, 0.03)], [4.4, 8.7, 9.5, 11.2, 4.6, 7.0, 7.5],
         [1.5, 41.9, -3.4, 33.6, 11.0, -8.2, 18.8], [0.298, 0.418]),
        ([View(GERMANY, 0.05), View(CANADA, 0.04)], [4.4, 9.1, 9.5, 11.3, 4.6, 7.0, 7.3],
         [1.5, 53.3, -3.3, 33.1, 11.0, -7.8, 7.3], [0.292, 0.538]),
        ([View(GERMANY, 0.05, variance=0.05 * 0.0426), View(CANADA, 0.04)],
         [4.3, 8.9, 9.3, 10.6, 4.6, 6.9, 7.2],
         [1.5, 53.9, -0.5, 23.6, 11.0, -1.1, 6.8], [0.193, 0.544]),
    ],
)  # fmt: skip
def test_tables_4_to_7_of_he_and_litterman(
    views: list[View], expected: list[float], weights: list[float], counts: list[float] | None
) -> None:
    found = posterior(*views)
    assert 100 * found.expected == pytest.approx(expected, abs=0.0501)
    assert 100 * found.weights() == pytest.approx(weights, abs=0.1)
    if counts is not None:
        assert found.view_weights == pytest.approx(counts, abs=6e-4)


def test_table_8_a_view_that_is_held_already_counts_for_nothing() -> None:
    views = [
        View(GERMANY, 0.05, variance=0.05 * 0.0426),
        View(CANADA, 0.04),
        View({"CA": 1.0, "JP": -1.0}, 0.0412, variance=0.05 * 0.059),
    ]
    found = posterior(*views)
    assert 100 * found.weights() == pytest.approx([1.5, 53.9, -0.5, 23.6, 11.0, -1.1, 6.8], abs=0.1)
    assert found.view_weights[2] == pytest.approx(0.0, abs=6e-4)


def test_idzorek_with_eight_assets() -> None:
    assets, sigma, market = idzorek()
    aversion = implied_aversion(sigma, market, 0.03)
    assert aversion == pytest.approx(3.0658, abs=5e-5)
    prior = equilibrium(sigma, market, aversion)
    assert 100 * prior == pytest.approx([0.08, 0.67, 6.41, 4.08, 7.43, 3.70, 4.80, 6.60], abs=6e-3)
    views = idzorek_views()
    found = black_litterman(assets, sigma, prior, views, tau=0.025, aversion=aversion)
    assert found.variances == pytest.approx([0.000709, 0.000141, 0.000866], abs=5e-7)
    assert 100 * found.expected == pytest.approx(
        [0.07, 0.50, 6.50, 4.32, 7.59, 3.94, 4.93, 6.84], abs=6e-3
    )
    weights = found.weights(with_uncertainty=False)
    assert 100 * weights == pytest.approx(
        [29.88, 15.59, 9.35, 14.82, 1.04, 1.65, 27.81, 3.49], abs=0.011
    )
    sure = [View(view.weights, view.value, confidence=1.0) for view in views]
    certain = black_litterman(assets, sigma, prior, sure, tau=0.025, aversion=aversion)
    assert 100 * certain.weights(with_uncertainty=False) == pytest.approx(
        [43.82, 1.65, 3.81, 20.37, 0.42, 2.26, 35.21, 3.49], abs=0.012
    )
    moved = (weights - market) / (certain.weights(with_uncertainty=False) - market)
    assert 100 * moved[[6, 0, 2]] == pytest.approx([32.94, 43.06, 33.02], abs=0.02)


def idzorek_views() -> list[View]:
    growth = {"US LG": 0.9, "US SG": 0.1, "US LV": -0.9, "US SV": -0.1}
    return [
        View({"intl dev": 1.0}, 0.0525),
        View({"intl bonds": 1.0, "US bonds": -1.0}, 0.0025),
        View(growth, 0.02),
    ]


@given(st.floats(0.01, 1.0))
def test_a_confidence_moves_the_weights_by_its_share(confidence: float) -> None:
    part, whole = (
        posterior(View(GERMANY, 0.05, confidence=each)).expected for each in (confidence, 1.0)
    )
    assert part - PRIOR == pytest.approx(confidence * (whole - PRIOR), abs=1e-12)


def test_no_view_and_a_view_without_confidence_leave_the_prior() -> None:
    assert posterior().expected == pytest.approx(PRIOR, abs=0.0)
    assert posterior(View(GERMANY, 0.05, confidence=0.0)).expected == pytest.approx(PRIOR, abs=0.0)


def test_a_certain_view_comes_true_and_is_certain() -> None:
    found = posterior(View(CANADA, 0.04, confidence=1.0))
    assert found.expected[1] - found.expected[6] == pytest.approx(0.04)
    pick = np.array([0, 1, 0, 0, 0, 0, -1.0])
    assert pick @ found.uncertainty @ pick == pytest.approx(0.0, abs=1e-15)


def test_certain_views_may_repeat_but_not_contradict() -> None:
    once = posterior(View(CANADA, 0.04, confidence=1.0))
    twice = posterior(View(CANADA, 0.04, confidence=1.0), View(CANADA, 0.04, confidence=1.0))
    assert twice.expected == pytest.approx(once.expected)
    with pytest.raises(DataError, match="contradict"):
        posterior(View(CANADA, 0.04, confidence=1.0), View(CANADA, 0.05, confidence=1.0))


def test_contradicting_views_that_are_not_certain_meet_in_the_middle() -> None:
    found = posterior(View(CANADA, 0.02), View(CANADA, 0.06))
    alone = posterior(View(CANADA, 0.04, variance=posterior(View(CANADA, 0.04)).variances[0] / 2))
    assert found.expected == pytest.approx(alone.expected)


def test_bad_views_are_refused() -> None:
    with pytest.raises(UnknownNameError):
        posterior(View({"DEE": 1.0}, 0.05))
    for wrong in ({"confidence": 1.2}, {"variance": -1.0}, {"confidence": 0.5, "variance": 0.1}):
        with pytest.raises(UserInputError):
            View(GERMANY, 0.05, **wrong)
    with pytest.raises(UserInputError):
        View({}, 0.05)
