"""Pareto tails: SciPy as a second opinion, thresholds, and what the intervals cover."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate, stats

from riskplatform.domain.outcome import Failure
from riskplatform.errors import UnknownNameError, UserInputError
from riskplatform.risk.extreme import (
    TailModel,
    default_excess_count,
    fit_tail,
    growth,
    mean_excess_table,
    mean_growth,
    threshold_table,
)
from riskplatform.risk.pareto import ParetoFit, fit_excesses
from riskplatform.risk.profile import profile_intervals, profile_likelihood

PNL = np.random.default_rng(1).standard_t(4, 3_000) * 1e4


def model(**more: object) -> TailModel:
    found = fit_tail(PNL, **more)  # type: ignore[arg-type]
    assert isinstance(found, TailModel)
    return found


@pytest.mark.parametrize("shape", [-0.2, 0.0, 0.1, 0.4])
def test_maximum_likelihood_is_that_of_scipy(shape: float) -> None:
    excesses = stats.genpareto.rvs(
        shape, scale=3.0, size=500, random_state=np.random.default_rng(2)
    )
    found = fit_excesses(excesses)
    assert isinstance(found, ParetoFit)
    theirs = stats.genpareto.fit(excesses, floc=0)
    assert found.shape == pytest.approx(theirs[0], abs=2e-4)
    assert found.scale == pytest.approx(theirs[2], rel=2e-4)
    # And no worse: theirs stops where its simplex does.
    assert found.log_likelihood >= stats.genpareto.logpdf(excesses, *theirs).sum() - 1e-9


def test_moments_of_a_tail_without_noise_give_it_back() -> None:
    chances = (np.arange(200_000) + 0.5) / 200_000
    found = fit_excesses(stats.genpareto.ppf(chances, 0.2, scale=2.0), "pwm")
    assert isinstance(found, ParetoFit)
    assert (found.shape, found.scale) == pytest.approx((0.2, 2.0), abs=1e-3)


def test_var_and_es_are_those_of_the_fitted_distribution() -> None:
    tail = model()
    share, law = tail.share_beyond, stats.genpareto(tail.pareto.shape, scale=tail.pareto.scale)
    for confidence in (0.95, 0.99, 0.9999):
        var, es = (float(each) for each in tail.tail(confidence))
        assert law.sf(var - tail.threshold) * share == pytest.approx(1.0 - confidence)
        beyond = integrate.quad(law.sf, var - tail.threshold, np.inf)[0] * share
        assert es == pytest.approx(var + beyond / (1.0 - confidence), rel=1e-6)
    # The exponential is the limit of both.
    assert growth(1e-14, 5.0) == pytest.approx(growth(1e-7, 5.0), rel=1e-6)
    assert mean_growth(0.0, 1.0) == 1.0


def test_the_default_threshold_follows_its_rule() -> None:
    """A tenth, at least 30, at most Loretan and Phillips' number."""
    assert [default_excess_count(n) for n in (20, 250, 500, 1_000)] == [19, 30, 50, 100]
    assert default_excess_count(10_000) == int(2 * 10_000 ** (2 / 3) / np.log(np.log(10_000)))
    tail = model()
    losses = np.sort(-PNL)[::-1]
    assert tail.excesses.size == default_excess_count(3_000) == 199
    assert tail.threshold == losses[199]


def test_thresholds_side_by_side() -> None:
    table = threshold_table(PNL, 0.995)
    assert table["is_default"].sum() == 1
    chosen = table[table["is_default"]].iloc[0]
    assert chosen["var"] == float(model().tail(0.995).var)
    assert chosen["shape"] == model().pareto.shape
    means = mean_excess_table(PNL, [50, 200])
    losses = np.sort(-PNL)[::-1]
    assert means["mean_excess"].iloc[1] == pytest.approx((losses[:200] - losses[200]).mean())
    with pytest.raises(UserInputError, match="between 1 and 2999"):
        mean_excess_table(PNL, [3_000])


def test_units_and_money_do_not_matter() -> None:
    moved = fit_tail(2.0 * PNL - 300.0)
    assert isinstance(moved, TailModel)
    for one, other in zip(model().tail(0.999), moved.tail(0.999), strict=True):
        assert float(other) == pytest.approx(2.0 * float(one) + 300.0, rel=1e-6)


def test_two_fits_and_two_intervals_tell_the_same_story() -> None:
    by_likelihood, by_moments = model(), model(fit="pwm")
    var = float(by_likelihood.tail(0.995).var)
    assert float(by_moments.tail(0.995).var) == pytest.approx(var, rel=0.02)
    profile, delta = profile_intervals(by_likelihood, 0.995), by_likelihood.delta_intervals(0.995)
    assert profile.var.low < var < profile.var.high
    assert profile.var.low == pytest.approx(delta.var.low, rel=0.03)
    # The likelihood knows that a tail may be longer more easily than shorter.
    assert profile.es.high > delta.es.high
    exact = stats.t.ppf(0.995, 4) * 1e4
    assert profile.var.low < exact < profile.var.high


def test_what_cannot_be_fitted_says_why() -> None:
    few = fit_tail(PNL[:25])
    assert isinstance(few, Failure)
    assert "25 losses leave 24 beyond the threshold" in few.message
    same = fit_tail(np.repeat([-5.0, 0.0, 1.0], [40, 100, 100]), beyond=40)
    assert isinstance(same, Failure)
    assert "the same" in same.message
    wild = fit_tail(-(np.random.default_rng(3).random(2_000) ** -2.0))
    assert isinstance(wild, Failure)
    assert "infinite" in wild.message
    with pytest.raises(UserInputError, match="is inside"):
        model().tail(0.5)
    with pytest.raises(UserInputError, match="not both"):
        fit_tail(PNL, beyond=100, threshold=1.0)
    with pytest.raises(UnknownNameError, match="fit of a tail"):
        fit_tail(PNL, fit="mle")


@pytest.mark.slow
def test_intervals_cover_the_truth() -> None:
    """1,000 losses, a tenth beyond a threshold, an exact Pareto tail; standard error 1.3%."""
    rng, runs, shape = np.random.default_rng(4), 300, 0.2
    truth = growth(shape, 10.0), mean_growth(shape, 10.0)
    hits, drop = np.zeros((3, 2)), 0.5 * stats.chi2.ppf(0.95, 1)
    for _ in range(runs):
        tail = rng.random(1_000) < 0.1
        draws = stats.genpareto.rvs(shape, size=1_000, random_state=rng)
        losses = np.where(tail, draws, -rng.random(1_000))
        fitted = [fit_tail(-losses, threshold=0.0, fit=fit) for fit in ("ml", "pwm")]
        for row, model in enumerate(fitted):
            assert isinstance(model, TailModel)
            found = model.delta_intervals(0.99)
            hits[row] += [a.low <= x <= a.high for a, x in zip(found, truth, strict=True)]
        # The truth is in the profile interval when it loses no more than this likelihood.
        for which, grown in enumerate((growth, mean_growth)):
            model = fitted[0]
            assert isinstance(model, TailModel)
            best = profile_likelihood(model, 0.01, float(model.tail(0.99)[which]), grown)
            hits[2, which] += best - profile_likelihood(model, 0.01, truth[which], grown) <= drop
    share = hits / runs
    assert (share[2] >= 0.91).all()
    assert (share[2] <= 0.98).all()
    # Symmetric intervals miss on the long side: the reason why the profile is the default.
    assert (share[:2] >= 0.85).all()
    assert (share[2] > share[0]).all()


def test_the_ends_of_the_profile_lose_the_same_likelihood() -> None:
    tail, drop = model(), 0.5 * stats.chi2.ppf(0.95, 1)
    found = profile_intervals(tail, 0.99)
    for which, grown in enumerate((growth, mean_growth)):
        best = profile_likelihood(tail, 0.01, float(tail.tail(0.99)[which]), grown)
        for end in (found[which].low, found[which].high):
            lost = best - profile_likelihood(tail, 0.01, end, grown)
            assert lost == pytest.approx(drop, abs=0.01)


@pytest.mark.slow
@pytest.mark.parametrize("fit", ["ml", "pwm"])
def test_the_covariance_of_the_estimates(fit: str) -> None:
    rng, shape, size = np.random.default_rng(5), 0.2, 500
    draws = stats.genpareto.rvs(shape, size=(800, size), random_state=rng)
    fits = [fit_excesses(row, fit) for row in draws]
    found = np.array([each[:2] for each in fits])
    exact = stats.genpareto.ppf((np.arange(size) + 0.5) / size, shape)
    theory = fit_excesses(exact, fit)
    assert isinstance(theory, ParetoFit)
    assert np.cov(found.T) == pytest.approx(theory.covariance, rel=0.2)
