"""Scores, Diebold-Mariano and the model confidence set."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from riskplatform.errors import DataError, UserInputError
from riskplatform.risk.backtests.confidence_set import confidence_set
from riskplatform.risk.backtests.diebold_mariano import default_lags, diebold_mariano
from riskplatform.risk.backtests.scores import fissler_ziegel_scores, quantile_scores
from riskplatform.risk.backtests.shapes import Normal


def test_scores_by_hand() -> None:
    # A loss of 3 against a VaR of 2, and a gain of 1.
    assert quantile_scores([-3.0, 1.0], 2.0, 0.95) == pytest.approx([0.95, 0.15])
    excess = 1.0 / (0.05 * 2.5)
    base = 2.0 / 2.5 + np.log(2.5) - 1
    found = fissler_ziegel_scores([-3.0, 1.0], 2.0, 2.5, 0.95)
    assert found == pytest.approx([base + excess, base])


def test_the_truth_has_the_smallest_scores() -> None:
    pnl = np.random.default_rng(1).standard_normal(400_000)
    limit, mean = stats.norm.ppf(0.975), -float(Normal().tail_mean(0.025))
    steps = np.linspace(-0.4, 0.4, 9)
    ticks = [quantile_scores(pnl, limit + step, 0.975).mean() for step in steps]
    assert int(np.argmin(ticks)) == 4
    joint = np.array(
        [[fissler_ziegel_scores(pnl, limit + a, mean + b, 0.975).mean() for b in steps]
         for a in steps]
    )  # fmt: skip
    assert np.unravel_index(joint.argmin(), joint.shape) == (4, 4)


def test_fissler_ziegel_is_free_of_scale() -> None:
    rng = np.random.default_rng(2)
    pnl, limit = rng.standard_normal(50), 1.5 + rng.random(50)
    one = fissler_ziegel_scores(pnl, limit, 1.3 * limit, 0.975)
    ten = fissler_ziegel_scores(10 * pnl, 10 * limit, 13 * limit, 0.975)
    assert ten - one == pytest.approx(np.log(10.0))
    with pytest.raises(UserInputError, match="above 0"):
        fissler_ziegel_scores([1.0], 0.0, 0.0, 0.99)


def test_diebold_mariano_by_statsmodels() -> None:
    sm = pytest.importorskip("statsmodels.api")
    rng = np.random.default_rng(3)
    shocks = rng.standard_normal(401)
    first = 1.0 + shocks[1:] + 0.5 * shocks[:-1]
    second = rng.random(400)
    fit = sm.OLS(first - second, np.ones(400)).fit(
        cov_type="HAC", cov_kwds={"maxlags": default_lags(400), "use_correction": False}
    )
    found = diebold_mariano(first, second, names=("a", "b"))
    assert found.statistic == pytest.approx(fit.tvalues[0] * np.sqrt(399 / 400), rel=1e-9)
    assert found.detail("mean difference") == pytest.approx(fit.params[0])
    assert found.is_rejected
    assert "that of b" in found.alternative
    swapped = diebold_mariano(second, first)
    assert swapped.statistic == pytest.approx(-found.statistic)


def test_the_same_scores_cannot_be_told_apart() -> None:
    scores = np.random.default_rng(4).random(100)
    assert not diebold_mariano(scores, scores).is_conclusive
    shifted = diebold_mariano(scores, scores + 0.25)
    assert "the same" in shifted.notes[0] or shifted.is_rejected
    both = confidence_set(np.column_stack([scores, scores]), ["a", "b"])
    assert both.included == ("a", "b")


@pytest.mark.slow
def test_the_confidence_set_by_arch() -> None:
    mcs = pytest.importorskip("arch.bootstrap").MCS
    rng = np.random.default_rng(5)
    common = rng.standard_normal((600, 1))
    scores = common + 0.5 * rng.standard_normal((600, 5)) + 0.03 * np.arange(5)
    ours = confidence_set(scores, list("abcde"), block_days=8, simulations=8_000)
    theirs = mcs(scores, 0.1, reps=8_000, block_size=8, method="max", bootstrap="circular", seed=1)
    theirs.compute()
    expected = theirs.pvalues["Pvalue"].sort_index().to_numpy()
    assert np.array(ours.p_values) == pytest.approx(expected, abs=0.03)
    assert ours.eliminated[-1] == "abcde"[int(np.argmin(ours.mean_scores))]


def test_the_confidence_set_keeps_the_best_and_drops_the_worse() -> None:
    rng = np.random.default_rng(6)
    scores = rng.standard_normal((1000, 4)) + np.array([0.0, 0.0, 0.3, 1.0])
    found = confidence_set(scores, list("abcd"), seed=1)
    assert found.included == ("a", "b")
    assert found.eliminated[:2] == ("d", "c")
    assert found.p_values == confidence_set(scores, list("abcd"), seed=1).p_values
    assert found.to_frame()["in_set"].tolist() == [True, True, False, False]


def test_short_and_wrong_tables() -> None:
    short = confidence_set(np.zeros((5, 2)), ["a", "b"])
    assert short.included == ("a", "b")
    assert "at least" in short.notes[0]
    assert confidence_set(np.ones((50, 1)), ["only"]).included == ("only",)
    with pytest.raises(UserInputError, match="do not fit"):
        confidence_set(np.zeros((5, 2)), ["a"])
    with pytest.raises(DataError):
        confidence_set([[np.nan, 1.0]], ["a", "b"])
