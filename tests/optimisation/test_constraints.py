"""Every kind of constraint in a least-variance book: it holds, it binds, and nothing is better."""

from __future__ import annotations

import numpy as np
import pytest

from riskplatform.errors import MissingDataError, UnknownNameError
from riskplatform.factors.covariance.matrices import LowRank
from riskplatform.market.content import FloatArray
from riskplatform.optimisation.constraints import (
    Box,
    Constraint,
    Exposure,
    Gross,
    Group,
    Leverage,
    Net,
    Participation,
    Restricted,
    ShortfallCap,
    StressLossCap,
    TrackingError,
    Turnover,
    VolatilityCap,
)
from riskplatform.optimisation.inputs import Inputs, inputs_from_moments, inputs_from_returns
from riskplatform.optimisation.long_only import MaximumSharpe, MinimumVariance
from riskplatform.optimisation.mean_variance import MeanVariance
from riskplatform.optimisation.portfolio import Allocation, Portfolio
from riskplatform.risk.quantiles import expected_shortfall
from tests.optimisation import conditions
from tests.optimisation.random_markets import names, returns

COUNT = 12
NAMES = names(COUNT)
EQUAL = dict.fromkeys(NAMES, 1.0 / COUNT)
RNG = np.random.default_rng(5)
BETAS = dict(zip(NAMES, RNG.uniform(0.2, 1.8, COUNT).tolist(), strict=True))
ONES = np.ones(COUNT)


def inputs() -> Inputs:
    table = returns(COUNT, 300, 4)
    mu = dict(zip(NAMES, (0.0004 + 0.0006 * RNG.standard_normal(COUNT)).tolist(), strict=True))
    return inputs_from_returns(table, NAMES, expected=mu, current=EQUAL, benchmark=EQUAL)


INPUTS = inputs()
SIGMA = INPUTS.sigma


def good(found: Allocation) -> Portfolio:
    assert isinstance(found, Portfolio), found
    assert found.certificate is not None
    assert found.certificate.is_good, found.certificate
    return found


def least(*constraints: Constraint) -> FloatArray:
    return np.asarray(good(MinimumVariance(constraints).fit(INPUTS)).weights)


def test_a_box_and_a_group() -> None:
    box, group = Box(0.02, 0.2), Group("few", (NAMES[0], NAMES[5]), low=0.3)
    weights = least(box, group)
    row = np.zeros(COUNT)
    row[[0, 5]] = 1.0
    assert row @ weights == pytest.approx(0.3, abs=1e-6)
    rows, equal = [(-row, -0.3)], [(ONES, 1.0)]
    assert conditions.miss(weights, SIGMA @ weights, rows, equal, 0.02, 0.2) < 1e-5
    # The check itself can fail: other allowed weights are not optimal.
    other = np.full(COUNT, 0.05)
    other[[0, 5]] = 0.25, 0.25
    other /= other.sum()
    assert conditions.miss(other, SIGMA @ other, rows, equal, 0.02, 0.26) > 1e-3


def test_an_exposure_is_kept_between_its_ends() -> None:
    row = np.array([BETAS[name] for name in NAMES])
    weights = least(Exposure("beta", BETAS, low=1.2, high=1.4))
    assert row @ weights == pytest.approx(1.2, abs=1e-6)
    assert conditions.miss(weights, SIGMA @ weights, [(-row, -1.2)], [(ONES, 1.0)]) < 1e-5
    with pytest.raises(MissingDataError, match="11 of 12 assets have no duration"):
        least(Exposure("duration", {NAMES[0]: 5.0}, high=1.0))
    assert least(Exposure("duration", {NAMES[0]: 5.0}, high=0.1, missing=0.0))[0] <= 0.02 + 1e-7


def test_gross_leverage_and_net_of_a_book_with_shorts() -> None:
    short = Box(-0.5, 0.5)

    def best(*more: Constraint) -> FloatArray:
        return np.asarray(good(MeanVariance(5.0, constraints=(short, *more)).fit(INPUTS)).weights)

    assert np.abs(best()).sum() > 2.0
    weights = best(Gross(1.2))
    assert np.abs(weights).sum() == pytest.approx(1.2, abs=1e-6)
    assert weights.min() < -0.01
    # Where a weight is zero its size has a whole range of slopes: looked at where it is not.
    held = np.abs(weights) > 1e-6
    slope = (5.0 * SIGMA @ weights - INPUTS.views)[held]
    normal, count = np.sign(weights[held]), int(held.sum())
    rows, equal = [(normal, 1.2)], [(np.ones(count), 1.0)]
    assert conditions.miss(weights[held], slope, rows, equal, -0.5, 0.5) < 1e-5
    future = Leverage(1.5, {NAMES[0]: 10.0})
    notionals = np.where(np.arange(COUNT) == 0, 10.0, 1.0)
    assert notionals @ np.abs(least(short, future)) <= 1.5 + 1e-7
    neutral = least(short, Net(0.0, 0.0), Exposure("beta", BETAS, low=0.3))
    assert neutral.sum() == pytest.approx(0.0, abs=1e-8)


def test_turnover_participation_and_the_restricted_list() -> None:
    now = np.full(COUNT, 1.0 / COUNT)
    weights = least(Turnover(0.25))
    assert np.abs(weights - now).sum() == pytest.approx(0.25, abs=1e-6)
    volumes = dict.fromkeys(NAMES, 1e5) | {NAMES[2]: 1e4}
    cap = least(Participation(0.1, volumes, capital=1e6, days=3))
    assert np.abs(cap - now).max() <= 0.03 + 1e-8
    assert abs(cap[2] - now[2]) <= 0.003 + 1e-8
    wanted = int(np.argmax(good(MinimumVariance().fit(INPUTS)).weights))
    kept = least(Restricted((NAMES[wanted],)))
    assert kept[wanted] == pytest.approx(now[wanted], abs=1e-8)
    with pytest.raises(MissingDataError, match="no daily volume"):
        least(Participation(0.1, {NAMES[0]: 1.0}, capital=1.0))


def test_trades_that_may_not_be_made_at_all() -> None:
    """Bounds that leave no inside, and a turnover of nothing."""
    now = np.full(COUNT, 1.0 / COUNT)
    none = dict.fromkeys(NAMES, 0.0)
    assert least(Participation(0.1, none, capital=1.0)) == pytest.approx(now, abs=1e-9)
    assert least(Turnover(0.0)) == pytest.approx(now, abs=1e-6)
    out = least(Box(0.0, 1.0), Box(0.0, 0.0, (NAMES[1], NAMES[3]), "excluded"))
    assert out[[1, 3]] == pytest.approx(0.0, abs=1e-12)
    rest = np.delete(np.arange(COUNT), [1, 3])
    slope = (SIGMA @ out)[rest]
    assert conditions.miss(out[rest], slope, equal=[(np.ones(10), 1.0)]) < 1e-5


def test_caps_on_risk_hold_as_they_are_measured_elsewhere() -> None:
    gains, most = INPUTS.scenarios, MeanVariance(aversion=0.0)
    assert np.argmax(good(most.fit(INPUTS)).weights) == np.argmax(INPUTS.views)

    def best(cap: Constraint) -> FloatArray:
        return np.asarray(good(MeanVariance(aversion=0.0, constraints=(cap,)).fit(INPUTS)).weights)

    calm = best(VolatilityCap(0.008))
    assert np.sqrt(calm @ SIGMA @ calm) == pytest.approx(0.008, rel=1e-5)
    near = best(TrackingError(0.003))
    active = near - 1.0 / COUNT
    assert np.sqrt(active @ SIGMA @ active) == pytest.approx(0.003, rel=1e-5)
    for confidence in (0.95, 0.999):
        found = best(ShortfallCap(0.018, confidence))
        shortfall = float(expected_shortfall(gains @ found, confidence))
        assert shortfall == pytest.approx(0.018, rel=1e-5)
    losses = {"crash": {name: 0.1 + 0.3 * BETAS[name] for name in NAMES}}
    row = np.array([losses["crash"][name] for name in NAMES])
    stressed = best(StressLossCap(0.3, losses))
    assert row @ stressed <= 0.3 + 1e-7
    assert conditions.miss(stressed, -INPUTS.views, [(row, 0.3)], [(ONES, 1.0)]) < 1e-5
    with pytest.raises(MissingDataError, match="no loss in 'crash'"):
        best(StressLossCap(0.3, {"crash": {NAMES[0]: 0.1}}))


def test_a_cap_on_shortfall_honours_the_weights_of_scenarios() -> None:
    shares = np.linspace(1.0, 3.0, 300)
    shares /= shares.sum()
    weighted = inputs_from_returns(
        INPUTS.scenarios, NAMES, shares=shares, expected=dict(zip(NAMES, INPUTS.views, strict=True))
    )
    cap = ShortfallCap(0.018, 0.95)
    found = good(MeanVariance(aversion=0.0, constraints=(cap,)).fit(weighted)).weights
    measured = float(expected_shortfall(INPUTS.scenarios @ found, 0.95, shares))
    assert measured == pytest.approx(0.018, rel=1e-5)


def test_shadow_prices_are_what_more_room_gains() -> None:
    def solve(turnover: float, high: float) -> Portfolio:
        chosen = (Turnover(turnover), Box(0.0, high))
        return good(MinimumVariance(chosen).fit(INPUTS))

    base = solve(0.2, 0.12)
    price = {each.constraint: each.shadow_price for each in base.binding}
    step = 1e-4
    value = 0.5 * float(base.objective or 0) ** 2
    gain = value - 0.5 * float(solve(0.2 + step, 0.12).objective or 0) ** 2
    assert price["turnover at most 0.2"] == pytest.approx(gain / step, rel=1e-2)
    boxes = sum(each for name, each in price.items() if name.startswith("box: "))
    gain = value - 0.5 * float(solve(0.2, 0.12 + step).objective or 0) ** 2
    assert boxes == pytest.approx(gain / step, rel=1e-2)
    assert "more would improve half the variance by about" in base.binding[0].words


def test_shadow_prices_of_a_ratio_are_in_units_of_the_ratio() -> None:
    def solve(high: float) -> Portfolio:
        return good(MaximumSharpe((Group("few", tuple(NAMES[:6]), high=high),)).fit(INPUTS))

    free = good(MaximumSharpe().fit(INPUTS))
    high = 0.8 * float(free.weights[:6].sum())
    base, step = solve(high), 1e-4
    gain = float(solve(high + step).objective or 0) - float(base.objective or 0)
    assert base.binding[0].shadow_price == pytest.approx(gain / step, rel=1e-2)


def test_what_is_excluded_may_be_named_and_what_is_unknown_may_not() -> None:
    table = np.array(INPUTS.scenarios)
    table[3, 1] = np.nan
    few = inputs_from_returns(table, NAMES)
    found = good(MinimumVariance((Box(0.0, 0.2, tuple(NAMES[:3])),)).fit(few))
    assert NAMES[1] not in found.asset_ids
    with pytest.raises(UnknownNameError, match="ASSET0I0"):
        least(Box(0.0, 0.2, ("ASSET0I0",)))


def test_low_rank_and_dense_covariances_give_the_same_weights() -> None:
    rng = np.random.default_rng(8)
    factors = LowRank(rng.standard_normal((40, 3)) * 0.01, rng.uniform(1e-5, 4e-4, 40))
    chosen = (Box(0.0, 0.06), Turnover(1.2))
    low = good(MinimumVariance(chosen).fit(Inputs(tuple(names(40)), factors)))
    dense = good(MinimumVariance(chosen).fit(inputs_from_moments(names(40), factors.dense())))
    assert low.weights == pytest.approx(dense.weights, abs=1e-6)


def test_constraints_are_part_of_what_a_run_is_known_by() -> None:
    one = good(MinimumVariance((Turnover(0.3),)).fit(INPUTS))
    other = good(MinimumVariance((Turnover(0.31),)).fit(INPUTS))
    assert one.run_id != other.run_id
    assert one.parameters["constraints"] == "turnover"
    assert one.details["constraints"] == [{"kind": "turnover", "high": 0.3}]
