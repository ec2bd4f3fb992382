"""The nine models: each a second way, and none sees what comes after."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import optimize, stats

from riskplatform.errors import MissingDataError, UserInputError
from riskplatform.risk.backtests.gjr_kernels import fit_gjr, gjr_loss, parameters_at
from riskplatform.risk.backtests.models import (
    AgeWeighted,
    EwmaNormal,
    ExtremeValue,
    FilteredEwma,
    FilteredGjr,
    Historical,
    NormalModel,
    StudentModel,
    VolatilityScaled,
    usual_models,
)
from riskplatform.risk.backtests.parametric_kernels import fit_student
from riskplatform.risk.backtests.pareto_kernels import fit_tail
from riskplatform.risk.backtests.rolling import answers_day_by_day
from riskplatform.simulation.gpd import fit_pareto
from riskplatform.simulation.volatility_scaled import ewma_volatility
from tests.risk.backtests.worlds import garch_pnl

MODELS = usual_models(window_days=250)
FIRST, DAYS = 260, 330
NAMES = [model.name for model in MODELS]


@pytest.fixture(scope="module")
def pnl() -> np.ndarray:
    return garch_pnl(1, DAYS)


@pytest.mark.parametrize("model", MODELS, ids=NAMES)
@pytest.mark.parametrize("poison", [np.nan, 1e300, -1e300, np.inf])
def test_a_poisoned_future_changes_nothing_before(model, pnl: np.ndarray, poison: float) -> None:
    clean = model.rolling(pnl, FIRST, 0.99)
    for day in (FIRST, FIRST + 1, FIRST + 35):
        spoilt = pnl.copy()
        spoilt[day:] = poison
        with np.errstate(all="ignore"):
            found = model.rolling(spoilt, FIRST, 0.99)
        known = day - FIRST + 1
        # The forecast for the first poisoned day was made before it.
        np.testing.assert_array_equal(found.value_at_risk[:known], clean.value_at_risk[:known])
        np.testing.assert_array_equal(
            found.expected_shortfall[:known], clean.expected_shortfall[:known]
        )
        np.testing.assert_array_equal(found.pits[: known - 1], clean.pits[: known - 1])


@pytest.mark.parametrize("model", MODELS, ids=NAMES)
def test_all_days_at_once_are_day_by_day(model, pnl: np.ndarray) -> None:
    fast = model.rolling(pnl, FIRST, 0.975)
    slow = answers_day_by_day(model, pnl, FIRST, 0.975)
    for one, other in zip(fast, slow, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("model", MODELS, ids=NAMES)
def test_scale_and_order(model, pnl: np.ndarray) -> None:
    found = model.rolling(pnl, FIRST, 0.99)
    large = model.rolling(1e6 * pnl, FIRST, 0.99)
    assert (found.expected_shortfall >= found.value_at_risk).all()
    assert ((found.pits >= 0) & (found.pits <= 1)).all()
    for one, other in zip(found[:2], large[:2], strict=True):
        assert other == pytest.approx(1e6 * one, rel=1e-3)
    less = model.rolling(pnl, FIRST, 0.95)
    assert (less.value_at_risk <= found.value_at_risk + 1e-12).all()


@pytest.mark.parametrize("model", MODELS, ids=NAMES)
def test_a_book_that_does_not_move(model) -> None:
    found = model.rolling(np.zeros(DAYS), FIRST, 0.99)
    assert (found.value_at_risk == 0).all()
    assert (found.expected_shortfall == 0).all()
    assert found.pits == pytest.approx(np.full(DAYS - FIRST, 0.5), abs=0.51)


def hull(moves: np.ndarray, tail: float) -> tuple[float, float]:
    """The n(1 − c)-th largest loss and the mean of the worst, for whole n(1 − c)."""
    losses = np.sort(-moves)[::-1]
    count = round(tail * losses.size)
    return losses[count - 1], losses[:count].mean()


def test_historical_is_the_fifth_worst_of_500() -> None:
    history = garch_pnl(2, 500)
    found = Historical()(history, 0.99)
    assert found[:2] == pytest.approx(hull(history, 0.01), rel=1e-12)
    # 2.5 of 250: the third worst, and the mean with half of it.
    losses = np.sort(-history[-250:])[::-1]
    found = Historical(window_days=250)(history, 0.99)
    assert found.value_at_risk == losses[2]
    assert found.expected_shortfall == pytest.approx((losses[:2].sum() + 0.5 * losses[2]) / 2.5)


def test_age_weights() -> None:
    history = garch_pnl(3, 250)
    weights = 0.98 ** np.arange(249, -1, -1)
    weights /= weights.sum()
    order = np.argsort(history)
    filled = np.cumsum(weights[order])
    found = AgeWeighted(window_days=250)(history, 0.95)
    last = int(np.searchsorted(filled, 0.05))
    assert found.value_at_risk == -history[order[last]]
    shares = np.diff(np.minimum(filled, 0.05), prepend=0.0)
    assert found.expected_shortfall == pytest.approx(-(shares @ history[order]) / 0.05)


def test_scaled_and_filtered_by_the_rooms_below() -> None:
    history = garch_pnl(4, 520)
    volatility = ewma_volatility(history[-500:, None], 0.94, 20)[:, 0]
    scaled = history[-480:] / volatility[20:-1]
    found = VolatilityScaled()(history, 0.975)
    assert found[:2] == pytest.approx(hull(scaled * volatility[-1], 0.025), rel=1e-9)
    z = (scaled - scaled.mean()) / scaled.std()
    found = FilteredEwma()(history, 0.975)
    assert found[:2] == pytest.approx(hull(z * volatility[-1], 0.025), rel=1e-9)


def test_normal_and_ewma_by_formula() -> None:
    history = garch_pnl(5, 500)
    p, z = 0.01, stats.norm.ppf(0.01)
    mean, deviation = history.mean(), history.std(ddof=1)
    found = NormalModel()(history, 0.99)
    assert found.value_at_risk == pytest.approx(-(mean + z * deviation))
    assert found.expected_shortfall == pytest.approx(-mean + deviation * stats.norm.pdf(z) / p)
    assert found.cdf(0.01) == pytest.approx(stats.norm.cdf(0.01, mean, deviation))
    volatility = ewma_volatility(history[:, None], 0.94, 20)[-1, 0]
    found = EwmaNormal()(history, 0.99)
    assert found.value_at_risk == pytest.approx(-z * volatility)
    assert found.expected_shortfall == pytest.approx(volatility * stats.norm.pdf(z) / p)


@pytest.mark.parametrize("tail", [3.0, 6.0, 50.0])
def test_student_is_the_maximum_of_the_likelihood(tail: float) -> None:
    moves = 0.001 + 0.01 * np.random.default_rng(6).standard_t(tail, 500)
    point = np.empty(3)
    fit_student(moves, point)
    location, scale, freedom = point
    ours = stats.t.logpdf(moves, freedom, location, scale).sum()

    def cost(x):
        return -stats.t.logpdf(moves, min(2.1 + np.exp(x[0]), 100.0), x[1], np.exp(x[2])).sum()

    start = [np.log(tail), moves.mean(), np.log(moves.std())]
    best = optimize.minimize(cost, start, method="Nelder-Mead", options={"maxiter": 2000})
    # At the bound of 100 degrees of freedom the search stops a hair before it.
    assert ours >= -best.fun - 2e-3
    model = StudentModel()(moves, 0.99)
    law = stats.t(freedom, location, scale)
    assert model.value_at_risk == pytest.approx(-law.ppf(0.01), rel=1e-9)
    nodes = (np.arange(200_000) + 0.5) / 200_000 * 0.01
    assert model.expected_shortfall == pytest.approx(-law.ppf(nodes).mean(), rel=5e-3)
    assert model.cdf(-0.02) == pytest.approx(law.cdf(-0.02))


@pytest.mark.parametrize("seed", range(8))
def test_the_pareto_fit_is_that_of_the_simulation_room(seed: int) -> None:
    rng = np.random.default_rng(seed)
    shape = (-0.3, 0.0, 0.2, 0.4)[seed % 4]
    excesses = stats.genpareto.rvs(shape, scale=0.02, size=50 + 50 * (seed % 3), random_state=rng)
    ours, theirs = fit_tail(excesses), fit_pareto(excesses)
    likelihoods = [
        stats.genpareto.logpdf(excesses, c, scale=s).sum() for c, s in (ours, tuple(theirs))
    ]
    if -0.5 < ours[0] < 0.5:
        assert likelihoods[0] >= likelihoods[1] - 1e-6
    assert ours == pytest.approx(tuple(theirs), abs=2e-3)


def test_evt_by_formula() -> None:
    history = garch_pnl(7, 500)
    losses = np.sort(-history)[::-1]
    threshold = losses[50]
    shape, scale = fit_pareto(losses[:50] - threshold)
    limit = threshold + scale / shape * ((0.01 / 0.1) ** -shape - 1)
    found = ExtremeValue()(history, 0.99)
    assert found.value_at_risk == pytest.approx(limit, rel=1e-4)
    mean = (limit + scale - shape * threshold) / (1 - shape)
    assert found.expected_shortfall == pytest.approx(mean, rel=1e-3)
    assert found.cdf(-found.value_at_risk) == pytest.approx(0.01, rel=1e-6)


def test_gjr_is_as_likely_as_archs() -> None:
    arch_model = pytest.importorskip("arch").arch_model
    shortfalls = []
    for seed in range(6):
        moves = garch_pnl(seed, 1_000)
        moves -= moves.mean()
        omega, alpha, gamma, beta = fit_gjr(moves)
        target = float(np.mean(moves**2))
        assert omega / (1 - alpha - gamma / 2 - beta) == pytest.approx(target)
        model = arch_model(100 * moves, mean="Zero", vol="GARCH", p=1, o=1, q=1, rescale=False)
        fit = model.fit(disp="off", backcast=1e4 * target)
        values = dict(fit.params)
        ours = np.array([omega * 1e4, alpha, gamma, beta])
        likelihood = model.fix(ours, first_obs=None, last_obs=None)
        likelihood = -0.5 * np.sum(
            np.log(2 * np.pi) + np.log(likelihood.conditional_volatility**2)
            + (100 * moves) ** 2 / likelihood.conditional_volatility**2
        )  # fmt: skip
        shortfalls.append(fit.loglikelihood - likelihood)
        assert beta == pytest.approx(values["beta[1]"], abs=0.12)
    # Variance targeting gives up a little likelihood for a long-run level that is the sample's.
    assert max(shortfalls) < 4.0
    assert np.median(shortfalls) < 1.5


def test_gjr_cannot_be_bettered_by_another_optimiser() -> None:
    moves = garch_pnl(9, 1_000)
    target = float(np.mean(moves**2))
    _, alpha, gamma, beta = fit_gjr(moves)
    one = alpha + gamma / 2 + beta
    odds = [one / 0.9995, 1 - beta / one, gamma / 2 / (alpha + gamma / 2)]
    point = np.log(odds) - np.log1p(-np.array(odds))
    assert parameters_at(point) == pytest.approx((alpha, gamma, beta))
    best = optimize.differential_evolution(
        lambda x: gjr_loss(moves, target, x), [(0, 9), (-6, 2), (-6, 6)], seed=1, maxiter=60
    )
    assert gjr_loss(moves, target, point) <= best.fun + 1e-2


def test_gjr_is_refitted_on_multiples_only() -> None:
    pnl = garch_pnl(10, 700)
    often = FilteredGjr(refit_every=1).rolling(pnl, 500, 0.99)
    monthly = FilteredGjr().rolling(pnl, 500, 0.99)
    # Day 504 is 24 times 21; before it the fit of the window's end is in force.
    same = np.flatnonzero(often.value_at_risk == monthly.value_at_risk) + 500
    assert {504, 525, 546, 567, 588, 609, 630, 651, 672, 693} <= set(same)
    assert len(same) < 30
    # Where the backtest starts does not move a day's forecast.
    later = FilteredGjr().rolling(pnl, 611, 0.99)
    np.testing.assert_array_equal(later.value_at_risk, monthly.value_at_risk[111:])


def test_wrong_recipes_are_refused() -> None:
    with pytest.raises(UserInputError, match="50 days or more"):
        Historical(window_days=10)
    with pytest.raises(UserInputError, match="a tail needs 10 days"):
        ExtremeValue(window_days=60)
    with pytest.raises(UserInputError, match="not beyond the threshold"):
        ExtremeValue().rolling(garch_pnl(1, 510), 500, 0.85)
    with pytest.raises(MissingDataError, match="needs 500 days"):
        Historical()(np.zeros(100), 0.99)
