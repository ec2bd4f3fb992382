"""GARCH: printed cases, arch's own numbers, and simulations with known parameters."""

from __future__ import annotations

import numpy as np
import pytest

from riskplatform.domain.outcome import Failure, FailureReason
from riskplatform.errors import DataError, UserInputError
from riskplatform.factors.garch.fit import GarchFit, GarchSpec, fit_garch
from riskplatform.factors.garch.many import fit_many
from riskplatform.factors.garch.model import GarchParameters, Start, presample_variance


def parameters(omega: float, alpha: float, beta: float, gamma: float = 0.0, mean: float = 0.0):
    values = (np.array([value]) for value in (mean, omega, alpha, gamma, beta))
    return GarchParameters(*values)


def simulated(days: int, model: GarchParameters, seed: int = 1, tail: float = np.inf) -> np.ndarray:
    """A plain loop, the second way to write the recursion."""
    rng = np.random.default_rng(seed)
    shocks = rng.standard_normal(days)
    if np.isfinite(tail):
        shocks = rng.standard_t(tail, days) * np.sqrt((tail - 2) / tail)
    mean, omega, alpha, gamma, beta = (
        float(getattr(model, name)[0]) for name in ("mean", "omega", "alpha", "gamma", "beta")
    )
    variance = float(model.long_run_variance[0])
    returns = np.empty(days)
    for day in range(days):
        move = np.sqrt(variance) * shocks[day]
        returns[day] = mean + move
        variance = omega + (alpha + gamma * (move < 0)) * move**2 + beta * variance
    return returns


def test_r18_one_step() -> None:
    # Hull, ch. 23: volatility 1.6%, a move of 1%.
    model = parameters(2e-6, 0.13, 0.86)
    assert np.sqrt(model.step(0.016**2, 0.01)[0]) == pytest.approx(0.0153349, abs=5e-8)
    assert np.sqrt(model.long_run_variance[0]) == pytest.approx(0.0141421, abs=5e-8)


def test_r19_term_structure() -> None:
    # Hull, ch. 23.
    model = parameters(1.3465e-6, 0.083394, 0.910116)
    assert model.long_run_variance[0] == pytest.approx(2.074730e-4, rel=5e-7)
    expected = model.forecast(3e-4, [0, 10, 100])[:, 0]
    assert expected == pytest.approx([3e-4, 2.941674e-4, 2.557226e-4], rel=5e-7)


def test_r21_filter() -> None:
    # QuantLib's GARCH test: alpha 0.2, beta 0.3, omega 0.2, ten returns of 0.1 from 0.01.
    path = parameters(0.2, 0.2, 0.3).filter(np.full(10, 0.1), first_variance=0.01)
    expected = [0.452769, 0.513323, 0.530141, 0.535084, 0.536558,
                0.536999, 0.537132, 0.537171, 0.537183, 0.537187]  # fmt: skip
    assert path.volatilities[1:, 0] == pytest.approx(expected, abs=5e-7)
    assert path.next_variance[0] == pytest.approx(0.537187**2, abs=1e-6)


def test_filter_is_the_plain_recursion_for_many_series() -> None:
    rng = np.random.default_rng(3)
    returns = rng.standard_normal((200, 4)) * [0.001, 0.01, 0.1, 1.0]
    scale = returns.var(axis=0)
    model = GarchParameters(
        mean=np.full(4, 1e-4),
        omega=scale * 0.05,
        alpha=np.array([0.0, 0.05, 0.1, 0.2]),
        gamma=np.array([0.1, 0.0, -0.05, 0.3]),
        beta=np.array([0.9, 0.85, 0.8, 0.5]),
    )
    path = model.filter(returns, start=Start.MEAN_SQUARE)
    residuals = returns - 1e-4
    variance = model.omega + model.persistence * np.mean(residuals**2, axis=0)
    for day in range(200):
        assert path.variances[day] == pytest.approx(variance, rel=1e-12)
        variance = model.step(variance, residuals[day])
    assert path.next_variance == pytest.approx(variance, rel=1e-12)
    assert path.standardised() * path.volatilities[:-1] == pytest.approx(residuals, rel=1e-12)


def test_start_rules_are_named_and_forgotten() -> None:
    residuals = np.random.default_rng(1).standard_normal((500, 1))
    residuals[:50] *= 3
    weights = 0.94 ** np.arange(75)
    expected = np.average(residuals[:75, 0] ** 2, weights=weights)
    assert presample_variance(residuals, Start.BACKCAST) == pytest.approx(expected)
    assert presample_variance(residuals, Start.MEAN_SQUARE) == pytest.approx(np.mean(residuals**2))
    model = parameters(0.05, 0.05, 0.9)
    one, two = (model.filter(residuals, start=start).variances[:, 0] for start in Start)
    assert abs(one[0] / two[0] - 1) > 0.1
    assert one[-1] == pytest.approx(two[-1], rel=1e-9)


def test_forecasts_without_mean_reversion() -> None:
    model = parameters(1e-6, 0.1, 0.9)
    assert model.forecast(1e-4, [0, 10])[:, 0] == pytest.approx([1e-4, 1.1e-4])
    assert np.isinf(model.long_run_variance[0])


@pytest.mark.slow
@pytest.mark.parametrize("start", list(Start))
@pytest.mark.parametrize("distribution", ["normal", "t", "skew-t"])
@pytest.mark.parametrize("kind", ["garch", "gjr"])
def test_fit_is_that_of_arch(kind: str, distribution: str, start: Start) -> None:
    arch = pytest.importorskip("arch")
    values = simulated(1500, parameters(2e-6, 0.05, 0.88, gamma=0.08, mean=3e-4), tail=6)
    spec = GarchSpec(kind, distribution, start)  # type: ignore[arg-type]
    mine = fit_garch(values, spec)
    assert isinstance(mine, GarchFit)
    unit = values.std()
    scaled = values / unit
    model = arch.arch_model(
        scaled, p=1, o=int(kind == "gjr"), q=1, rescale=False,
        dist={"skew-t": "skewt"}.get(distribution, distribution),
    )  # fmt: skip
    backcast = np.mean((scaled - scaled.mean()) ** 2) if start is Start.MEAN_SQUARE else None
    theirs = model.fit(disp="off", backcast=backcast)
    found = mine.parameters
    assert found.omega[0] == pytest.approx(theirs.params["omega"] * unit**2, rel=1e-9)
    assert found.persistence[0] == pytest.approx(
        theirs.params["alpha[1]"] + theirs.params.get("gamma[1]", 0) / 2 + theirs.params["beta[1]"]
    )
    assert mine.log_likelihood == pytest.approx(theirs.loglikelihood - 1500 * np.log(unit))
    assert (mine.tail == np.inf) == (distribution == "normal")
    # Our compiled filter goes the way of arch's own, and forecasts as it does. Its presample is of
    # residuals about the sample mean, ours about the fitted one, which the first weeks show.
    path = found.filter(values, start=start)
    theirs_path = theirs.conditional_volatility * unit
    assert path.volatilities[:-1, 0] == pytest.approx(theirs_path, rel=0.01)
    assert path.volatilities[200:-1, 0] == pytest.approx(theirs_path[200:], rel=1e-7)
    same_start = found.filter(values, first_variance=theirs_path[0] ** 2)
    assert same_start.volatilities[:-1, 0] == pytest.approx(theirs_path, rel=1e-9)
    ahead = theirs.forecast(horizon=20).variance.to_numpy()[-1] * unit**2
    assert found.forecast(path.next_variance, np.arange(20))[:, 0] == pytest.approx(ahead, rel=1e-7)


@pytest.mark.slow
def test_known_parameters_are_found() -> None:
    true = parameters(2e-6, 0.04, 0.90, gamma=0.07)
    found = []
    for seed in range(20):
        fit = fit_garch(simulated(4000, true, seed=seed, tail=8), GarchSpec())
        assert isinstance(fit, GarchFit)
        found.append(
            [*(getattr(fit.parameters, name)[0] for name in ("alpha", "gamma", "beta")), fit.tail]
        )
    mean, error = np.mean(found, axis=0), np.std(found, axis=0) / np.sqrt(20)
    # Small samples put beta a little low and the tail a little high; within four errors.
    assert (np.abs(mean - [0.04, 0.07, 0.90, 8.0]) < 4 * error).all()
    assert (np.std(found, axis=0) < [0.02, 0.03, 0.03, 2.0]).all()


@pytest.mark.parametrize(
    ("values", "reason", "message"),
    [
        (np.zeros(50), FailureReason.MISSING_DATA, "50 days of returns; a GARCH needs 100"),
        (np.zeros(500), FailureReason.INVALID_DATA, "does not move on most days"),
        (np.full(500, np.nan), FailureReason.INVALID_DATA, "no numbers"),
    ],
)
def test_what_cannot_be_fitted(values: np.ndarray, reason: FailureReason, message: str) -> None:
    failure = fit_garch(values, GarchSpec(), name="FX.EUR")
    assert isinstance(failure, Failure)
    assert failure.reason is reason
    assert failure.subject == "FX.EUR"
    assert message in failure.message


def test_one_factor_that_cannot_be_fitted_has_a_stand_in() -> None:
    rng = np.random.default_rng(1)
    values = rng.standard_normal((400, 3)) * 0.01
    values[:, 1] = 0.0
    fits = fit_many(values, ["A", "PEG", "C"])
    assert [failure.subject for failure in fits.failures] == ["PEG"]
    assert fits.coverage.done == 2
    frame = fits.to_frame().set_index("factor_id")
    assert frame["is_stand_in"].tolist() == [False, True, False]
    assert frame.loc["PEG", "next_volatility"] == 0.0
    assert np.isfinite(fits.path.standardised()).all()
    alone = fit_many(values[:, [2]], ["C"])
    assert frame.loc["C", "next_volatility"] == pytest.approx(
        np.sqrt(alone.path.next_variance[0]), rel=1e-12
    )


def test_what_is_no_model() -> None:
    with pytest.raises(DataError, match="at least 0"):
        parameters(1e-6, -0.1, 0.9)
    with pytest.raises(DataError, match="at least 0"):
        parameters(1e-6, 0.05, 0.9, gamma=-0.06)
    with pytest.raises(UserInputError, match="'garch' or 'gjr'"):
        GarchSpec(model="egarch")  # type: ignore[arg-type]
    with pytest.raises(UserInputError, match="normal, t, skew-t"):
        GarchSpec(distribution="ged")  # type: ignore[arg-type]
    with pytest.raises(UserInputError, match="do not fit 1 GARCH"):
        parameters(1e-6, 0.1, 0.8).filter(np.zeros((5, 2)))
    with pytest.raises(DataError, match="not finite"):
        parameters(1e-6, 0.1, 0.8).filter(np.array([np.nan]))
    with pytest.raises(UserInputError, match="ahead"):
        parameters(1e-6, 0.1, 0.8).forecast(1e-4, -1)


def test_a_fit_on_the_edge_is_a_failure_and_spoils_no_other() -> None:
    """Volatility that only ever rises has no GARCH: the optimiser ends at a beta of one."""
    from riskplatform.factors.garch.many import fit_many

    rng = np.random.default_rng(3)
    rising = rng.standard_normal(400) * np.linspace(0.001, 0.05, 400) ** 2
    usual = 0.01 * rng.standard_normal(400)
    fits = fit_many(np.stack([rising, usual], axis=1), ["RISING", "USUAL"])
    assert np.isfinite(fits.path.variances).all()
    assert {failure.subject for failure in fits.failures} <= {"RISING"}
