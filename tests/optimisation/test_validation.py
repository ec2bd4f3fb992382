"""Sharpe ratios, folds and overfitting against published numbers and counts."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskplatform.errors import UserInputError
from riskplatform.optimisation.overfitting import overfitting
from riskplatform.optimisation.purged_folds import PurgedFolds
from riskplatform.optimisation.sharpe_ratios import (
    deflated_sharpe,
    expected_best,
    least_track_record,
    moments_of,
    probabilistic_sharpe,
)


def test_the_hedge_fund_of_bailey_and_lopez_de_prado() -> None:
    """(2012): 24 months, skewness -2.448, kurtosis 10.164."""
    odd = {"skew": -2.448, "kurtosis": 10.164}
    assert probabilistic_sharpe(0.458, 24) == pytest.approx(0.9817, abs=5e-5)
    assert probabilistic_sharpe(0.458, 24, **odd) == pytest.approx(0.9134, abs=1e-4)
    assert least_track_record(0.458, 0.95, **odd) == pytest.approx(34.6, abs=0.1)


def test_the_deflated_ratio_of_the_paper() -> None:
    """(2014): an annual ratio of 2.5 in 1,250 days, trial variance one half a year."""
    ratio, variance = 2.5 / math.sqrt(250), 0.5 / 250
    odd = {"skew": -3.0, "kurtosis": 10.0}
    assert math.sqrt(variance) * expected_best(100) == pytest.approx(0.1132, abs=5e-5)
    assert deflated_sharpe(ratio, 1250, 100, variance, **odd) == pytest.approx(0.9004, abs=5e-5)
    assert deflated_sharpe(ratio, 1250, 46, variance, **odd) == pytest.approx(0.9505, abs=5e-5)
    assert deflated_sharpe(ratio, 1250, 88, variance) == pytest.approx(0.9505, abs=5e-5)


@pytest.mark.parametrize(
    ("trials", "best"), [(10, 1.5746), (45, 2.2356), (100, 2.5306), (1000, 3.2551)]
)
def test_the_best_of_many_normal_numbers(trials: int, best: float) -> None:
    assert expected_best(trials) == pytest.approx(best, abs=5e-5)
    if trials == 100:
        drawn = np.random.default_rng(1).standard_normal((20_000, trials)).max(axis=1).mean()
        assert expected_best(trials) == pytest.approx(drawn, abs=0.03)


def test_moments_of_a_series_and_impossible_ones() -> None:
    values = np.random.default_rng(2).standard_normal(5_000) + 0.1
    ratio, skew, kurtosis = moments_of(values)
    assert ratio == pytest.approx(values.mean() / values.std(ddof=1))
    assert skew == pytest.approx(0.0, abs=0.1)
    assert kurtosis == pytest.approx(3.0, abs=0.2)
    with pytest.raises(UserInputError, match="no series"):
        probabilistic_sharpe(1.0, 24, skew=5.0, kurtosis=3.0)


@pytest.mark.parametrize(
    ("groups", "tested", "splits", "paths"), [(6, 2, 15, 5), (10, 2, 45, 9), (10, 8, 45, 36)]
)
def test_counts_of_splits_and_paths(groups: int, tested: int, splits: int, paths: int) -> None:
    folds = PurgedFolds(groups, tested)
    assert (folds.splits, folds.paths) == (splits, paths)
    assert len(list(folds.folds(120))) == splits
    on = folds.path_of()
    # Every path goes once through every group.
    for group in range(groups):
        assert sorted(on[on[:, group] >= 0, group]) == list(range(paths))


@given(
    st.integers(2, 8), st.integers(1, 7), st.integers(0, 6), st.integers(0, 6), st.integers(60, 90)
)
def test_no_day_near_a_test_is_trained_on(
    groups: int, tested: int, purge: int, embargo: int, days: int
) -> None:
    if tested >= groups:
        return
    for fold in PurgedFolds(groups, tested, purge, embargo).folds(days):
        trained = set(fold.train.tolist())
        assert sum(len(test) for test in fold.tests) + len(trained) <= days
        for test in fold.tests:
            near = range(int(test[0]) - purge, int(test[-1]) + purge + embargo + 1)
            assert not trained.intersection(near)
        if purge == embargo == 0:
            assert sum(len(test) for test in fold.tests) + len(trained) == days


def test_a_sixteenth_of_the_days_makes_12870_splits() -> None:
    found = overfitting(np.random.default_rng(3).standard_normal((320, 5)), 16)
    assert found.splits == 12_870


@pytest.mark.slow
def test_noise_is_overfitted_and_a_true_edge_is_not() -> None:
    rng = np.random.default_rng(5)
    noise = np.mean(
        [overfitting(rng.standard_normal((240, 20)) * 0.01, 8).probability for _ in range(60)]
    )
    assert noise == pytest.approx(0.5, abs=0.1)
    edge = rng.standard_normal((960, 20)) * 0.01
    edge[:, 3] += 0.002
    assert overfitting(edge, 8).probability < 0.05


def test_bad_blocks_are_refused() -> None:
    with pytest.raises(UserInputError):
        overfitting(np.zeros((100, 3)), 7)
    with pytest.raises(UserInputError):
        PurgedFolds(5, 5)
