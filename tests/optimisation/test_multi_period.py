"""Trading over several periods: the published rate, brute force, another modeller, and limits."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskplatform.errors import MissingDataError, UnknownNameError, UserInputError
from riskplatform.market.content import FloatArray
from riskplatform.optimisation.constraints import (
    Box,
    Constraint,
    Group,
    Holdings,
    Net,
    Participation,
    Turnover,
    VolatilityCap,
)
from riskplatform.optimisation.inputs import Inputs, inputs_from_moments
from riskplatform.optimisation.mean_variance import MeanVariance
from riskplatform.optimisation.multi_period import (
    RecedingHorizon,
    Signal,
    TowardsAim,
    planned_costs,
)
from riskplatform.optimisation.portfolio import Allocation, FailedPortfolio, Portfolio
from riskplatform.optimisation.trading_costs import CostModel, Liquidity, cost_pieces
from tests.optimisation.random_markets import names, returns

COUNT = 4
NAMES = names(COUNT)


def market(seed: int, count: int = COUNT) -> Inputs:
    rng = np.random.default_rng(seed)
    sigma = np.cov(returns(count, 120, seed).T).reshape(count, count)
    inputs = inputs_from_moments(names(count), sigma, rng.normal(0.0, 0.0005, count))
    return replace(inputs, current=rng.normal(0.0, 0.2, count))


def signals(seed: int) -> tuple[Signal, ...]:
    rng = np.random.default_rng(seed)
    return tuple(
        Signal(name, dict(zip(NAMES, rng.normal(0.0, 0.0005, COUNT).tolist(), strict=True)), life)
        for name, life in (("fast", 3.0), ("slow", 60.0), ("carry", math.inf))
    )


def good(found: Allocation) -> Portfolio:
    assert isinstance(found, Portfolio), found
    assert found.certificate is not None
    assert found.certificate.is_good, found.certificate
    return found


def held(inputs: Inputs) -> FloatArray:
    assert inputs.current is not None
    return inputs.current


def brute(
    inputs: Inputs, alphas: FloatArray, costs: FloatArray, aversion: float, worth: float
) -> FloatArray:
    """The first weights of the best plan for as many periods as there are alphas: one large system
    of linear equations, the slopes of the whole objective at nothing."""
    length, count = alphas.shape
    size = length * count
    curve, pull = np.zeros((size, size)), np.zeros(size)
    for t in range(length):
        here = slice(t * count, (t + 1) * count)
        curve[here, here] += worth ** (t + 1) * aversion * inputs.sigma + worth**t * costs
        pull[here] += worth ** (t + 1) * alphas[t]
        if t == 0:
            pull[here] += costs @ held(inputs)
        else:
            before = slice((t - 1) * count, t * count)
            curve[before, before] += worth**t * costs
            curve[here, before] -= worth**t * costs
            curve[before, here] -= worth**t * costs
    return np.asarray(np.linalg.solve(curve, pull)[:count])


@pytest.mark.slow
@settings(deadline=None, max_examples=8)
@given(st.integers(0, 200), st.sampled_from([0.0, 0.02]), st.booleans())
def test_the_closed_form_is_what_a_very_long_plan_begins_with(
    seed: int, discount: float, is_own: bool
) -> None:
    inputs, given_signals = market(seed), signals(seed)
    own = dict(zip(NAMES, np.linspace(1e-4, 4e-3, COUNT).tolist(), strict=True))
    costs = np.diag(list(own.values())) if is_own else 8.0 * inputs.sigma
    method = TowardsAim(5.0, own if is_own else 8.0, given_signals, discount=discount)
    found = good(method.fit(inputs))
    table = np.array([[each.expected[name] for name in NAMES] for each in given_signals])
    left = np.array([0.5 ** (1.0 / each.half_life) for each in given_signals])
    alphas = np.array([left**t @ table for t in range(120)])
    expected = brute(inputs, alphas, costs, 5.0, 1.0 - discount)
    # A plan of 120 periods ends; how the end matters fades like the slowest way to trade.
    assert found.weights == pytest.approx(expected, abs=2e-3 * np.abs(expected).max())


def test_the_rate_and_the_aim_of_garleanu_and_pedersen() -> None:
    """(2013), proposition 2 and 3: with Λ = λΣ trade a/λ of the way to the aim, which is Markowitz
    of signals divided by 1 + φ a / γ."""
    inputs, given_signals = market(3), signals(3)
    gamma, lam, rho = 5.0, 20.0, 0.01
    found = good(TowardsAim(gamma, lam, given_signals, discount=rho).fit(inputs))
    level = gamma * (1.0 - rho) + lam * rho
    a = (-level + math.sqrt(level**2 + 4.0 * gamma * lam * (1.0 - rho) ** 2)) / (2.0 * (1.0 - rho))
    aim = np.zeros(COUNT)
    for each in given_signals:
        phi = 1.0 - 0.5 ** (1.0 / each.half_life)
        alpha = np.array([each.expected[name] for name in NAMES])
        mine = np.linalg.solve(gamma * inputs.sigma, alpha) / (1.0 + phi * a / gamma)
        assert found.details["aims"][each.name] == pytest.approx(mine)
        aim += mine
    assert found.details["aim"] == pytest.approx(aim)
    expected = (1.0 - a / lam) * held(inputs) + a / lam * aim
    assert found.weights == pytest.approx(expected)
    assert found.details["cash"] == pytest.approx(1.0 - expected.sum())


def test_costs_slow_trading_and_decay_makes_the_aim_smaller() -> None:
    inputs = market(4)
    markowitz = np.linalg.solve(5.0 * inputs.sigma, inputs.views)
    cheap = good(TowardsAim(5.0, 1e-9).fit(inputs))
    assert cheap.weights == pytest.approx(markowitz, rel=1e-6)
    dear = good(TowardsAim(5.0, 1e9).fit(inputs))
    assert dear.weights == pytest.approx(held(inputs), rel=1e-3)
    forever = good(TowardsAim(5.0, 10.0).fit(inputs))
    soon = good(TowardsAim(5.0, 10.0, half_life=2.0).fit(inputs))
    assert forever.details["aim"] == pytest.approx(markowitz)
    assert np.abs(soon.details["aim"]).sum() < 0.8 * np.abs(markowitz).sum()
    assert forever.run_id != soon.run_id
    assert len(forever.details["plan"]) == 20
    assert forever.details["plan"][0] == pytest.approx(forever.weights, abs=0.0)


@pytest.mark.slow
def test_the_policy_earns_more_than_others_where_signals_come_and_go() -> None:
    """Simulated: signals decay and are renewed at random; the mean objective of the closed form is
    above that of the same rule with other rates of trading, drawn with the same noise."""
    rng = np.random.default_rng(8)
    sigma, life = 1e-4 * (0.7 * np.eye(2) + 0.3), 10.0
    kept, gamma, lam = 0.5 ** (1.0 / life), 5.0, 60.0
    shocks = 0.0004 * rng.standard_normal((6_000, 2))
    alphas = np.zeros_like(shocks)
    for t in range(1, len(shocks)):
        alphas[t] = kept * alphas[t - 1] + shocks[t]
    base = inputs_from_moments(["A", "B"], sigma, alphas[500])
    base = replace(base, current=np.zeros(2))
    policy = good(TowardsAim(gamma, lam, half_life=life).fit(base))
    tilt = float(policy.details["aim"] @ sigma @ alphas[500] / (alphas[500] @ alphas[500]))
    rate = float(np.linalg.norm(policy.weights) / np.linalg.norm(policy.details["aim"]))

    def earned(rate: float, tilt: float) -> float:
        weights, total = np.zeros(2), 0.0
        aims = np.linalg.solve(sigma, alphas.T).T * tilt
        for t, aim in enumerate(aims):
            trade = rate * (aim - weights)
            weights = weights + trade
            total += float(
                alphas[t] @ weights
                - 0.5 * gamma * weights @ sigma @ weights
                - 0.5 * lam * trade @ sigma @ trade
            )
        return total

    best = earned(rate, tilt)
    assert best > 0.0
    for other in (0.6, 0.8, 1.25, 1.6):
        assert earned(other * rate, tilt) < best
        assert earned(rate, other * tilt) < best


def test_directions_without_risk_or_cost_have_no_answer() -> None:
    twins = inputs_from_moments(["A", "B"], np.ones((2, 2)), [0.1, 0.2])
    for impact in (1.0, {"A": 1.0, "B": 1.0}):
        found = TowardsAim(1.0, impact).fit(twins)
        assert isinstance(found, FailedPortfolio)
        assert "no risk" in found.failure.message
    assert isinstance(TowardsAim(1.0, 0.0).fit(market(1)), FailedPortfolio)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_long_horizon_without_limits_is_the_closed_form(seed: int) -> None:
    inputs, given_signals = market(seed, COUNT), signals(seed)
    free: tuple[Constraint, ...] = (Box(-50.0, 50.0), Net(-100.0, 100.0))
    closed = good(TowardsAim(5.0, 2.0, given_signals, discount=0.05).fit(inputs))
    method = RecedingHorizon(
        5.0, 40, 2.0, signals=given_signals, discount=0.05, constraints=free
    )  # fmt: skip
    found = good(method.fit(inputs))
    assert found.weights == pytest.approx(closed.weights, abs=2e-4)
    assert found.details["plan"][:10] == pytest.approx(closed.details["plan"][:10], abs=1e-3)


def test_one_period_without_costs_is_mean_variance() -> None:
    inputs = market(5)
    limits = (Box(0.0, 0.6), Group("two", tuple(NAMES[:2]), high=0.5))
    one = good(MeanVariance(8.0, constraints=limits).fit(inputs))
    found = good(RecedingHorizon(8.0, 1, constraints=limits).fit(inputs))
    assert found.weights == pytest.approx(one.weights, abs=1e-6)
    assert found.objective == pytest.approx(one.objective, rel=1e-6)
    # Without costs each period is alone, and with the same alpha the same.
    three = good(RecedingHorizon(8.0, 3, constraints=limits).fit(inputs))
    assert three.details["plan"] == pytest.approx(np.tile(one.weights, (3, 1)), abs=1e-5)
    assert three.details["costs"] == pytest.approx(np.zeros(3))


LONG = dict.fromkeys(NAMES, 1.0 / COUNT)


def by_cvxpy(inputs: Inputs, table: FloatArray, left: FloatArray, high: float) -> float:
    cvxpy = pytest.importorskip("cvxpy")
    length, start = 5, held(inputs)
    plan = cvxpy.Variable((length, COUNT))
    value, rules, before = 0.0, [], start
    for t in range(length):
        trade = plan[t] - before
        alpha = left**t @ table
        gain = alpha @ plan[t] - 4.0 * cvxpy.quad_form(plan[t], cvxpy.psd_wrap(inputs.sigma))
        cost = 1e-4 * cvxpy.norm1(trade) + 0.0005 * cvxpy.sum_squares(trade)
        value += 0.98**t * (0.98 * gain - cost)
        rules += [cvxpy.sum(plan[t]) == 1.0, plan[t] >= 0.0, plan[t][0] + plan[t][1] <= 0.45]
        rules += [cvxpy.norm1(trade) <= 0.15, cvxpy.abs(trade) <= 0.06]
        rules += [cvxpy.norm(np.linalg.cholesky(inputs.sigma).T @ plan[t]) <= high]
        before = plan[t]
    problem = cvxpy.Problem(cvxpy.Maximize(value), rules)
    problem.solve(solver="CLARABEL")
    return float(problem.value)


@pytest.mark.slow
@pytest.mark.parametrize("high", [1.0, 0.0095])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_plan_under_limits_is_that_of_another_modeller(seed: int, high: float) -> None:
    inputs = replace(market(seed), current=np.full(COUNT, 1.0 / COUNT))
    given_signals = tuple(
        replace(each, expected={name: 5.0 * value for name, value in each.expected.items()})
        for each in signals(seed)
    )
    limits: list[Constraint] = [
        Box(0.0, 1.0),
        Group("two", tuple(NAMES[:2]), high=0.45),
        Turnover(0.15),
        Participation(0.06, dict.fromkeys(NAMES, 1.0), capital=1.0),
    ]
    if high < 1.0:
        limits.append(VolatilityCap(high))
    found = good(
        RecedingHorizon(
            8.0, 5, dict.fromkeys(NAMES, 0.001), 1e-4, given_signals, discount=0.02,
            constraints=tuple(limits),
        ).fit(inputs)
    )  # fmt: skip
    table = np.array([[each.expected[name] for name in NAMES] for each in given_signals])
    left = np.array([0.5 ** (1.0 / each.half_life) for each in given_signals])
    assert found.objective == pytest.approx(by_cvxpy(inputs, table, left, high), rel=1e-5)
    plan = np.vstack([held(inputs), found.details["plan"]])
    trades = np.abs(np.diff(plan, axis=0))
    assert trades.sum(axis=1).max() <= 0.15 + 1e-6
    assert trades.max() <= 0.06 + 1e-6
    assert any("in period" in each.constraint for each in found.binding)


def test_a_spread_leaves_small_gains_alone() -> None:
    inputs = replace(market(2), current=np.full(COUNT, 1.0 / COUNT))
    dear = good(RecedingHorizon(5.0, 3, spread=1.0).fit(inputs))
    assert dear.weights == pytest.approx(np.full(COUNT, 1.0 / COUNT), abs=1e-5)
    cheap = good(RecedingHorizon(5.0, 3, spread=1e-9).fit(inputs))
    assert np.abs(cheap.weights - 1.0 / COUNT).max() > 0.05
    # A gain that lasts is worth a cost that one that is gone tomorrow is not.
    last = good(RecedingHorizon(5.0, 12, spread=2e-3).fit(inputs))
    gone = good(RecedingHorizon(5.0, 12, spread=2e-3, half_life=0.5).fit(inputs))
    moved = [np.abs(each.weights - 1.0 / COUNT).sum() for each in (last, gone)]
    assert moved[0] > moved[1] + 0.05


def test_the_cost_model_is_planned_with() -> None:
    model = CostModel(half_spread_bp=4.0, temporary=0.9, exponent=0.6, permanent=0.1, fee_bp=1.0)
    markets = Liquidity(
        instrument_ids=tuple(NAMES),
        unit_values=np.array([10.0, 20.0, 50.0, 100.0]),
        volatilities=np.array([0.01, 0.02, 0.015, 0.03]),
        daily_volumes=np.array([1e6, 4e5, 2e5, 1e5]),
    )
    pieces = cost_pieces(model, markets, 5e7)
    sizes = np.array([0.01, 0.02, 0.03, 0.04])
    spread, impact = planned_costs(pieces, sizes)
    for place, name in enumerate(NAMES):
        trade = np.where(np.arange(COUNT) == place, sizes, 0.0)
        expected = pieces.total(trade, np.zeros(COUNT))
        planned = spread[name] * sizes[place] + 0.5 * impact[name] * sizes[place] ** 2
        assert planned == pytest.approx(expected)
    inputs = replace(market(2), current=np.full(COUNT, 1.0 / COUNT))
    found = good(RecedingHorizon(5.0, 3, impact, spread).fit(inputs))
    trade = found.weights - 1.0 / COUNT
    exact = 0.5 * float(trade**2 @ list(impact.values())) + 5e-4 * float(np.abs(trade).sum())
    assert found.details["costs"][0] == pytest.approx(exact)
    with pytest.raises(UserInputError, match="above 0"):
        planned_costs(pieces, 0.0)


def test_what_cannot_be_planned() -> None:
    inputs = market(1)
    conflict = RecedingHorizon(5.0, 2, constraints=(Box(0.0, 0.1),)).fit(inputs)
    assert isinstance(conflict, FailedPortfolio)
    assert conflict.inputs == inputs.content
    assert {each.constraint for each in conflict.conflict} == {"box", "all money"}
    counted = RecedingHorizon(5.0, 2, constraints=(Holdings(most=2),)).fit(inputs)
    assert isinstance(counted, FailedPortfolio)
    assert "cannot count" in counted.failure.message
    with pytest.raises(UserInputError, match="horizon"):
        RecedingHorizon(5.0, 0).fit(inputs)
    with pytest.raises(UserInputError, match="aversion"):
        TowardsAim(0.0, 1.0).fit(inputs)
    with pytest.raises(UserInputError, match="discount"):
        TowardsAim(1.0, 1.0, discount=1.0).fit(inputs)
    with pytest.raises(MissingDataError, match="3 of 4 assets have no impact"):
        TowardsAim(1.0, {NAMES[0]: 1.0}).fit(inputs)
    with pytest.raises(UserInputError, match="spread"):
        RecedingHorizon(1.0, spread=-1.0).fit(inputs)
    with pytest.raises(UnknownNameError, match="asset of the signal fast"):
        TowardsAim(1.0, 1.0, (Signal("fast", {"ELSE": 0.1}),)).fit(inputs)
    with pytest.raises(UserInputError, match="half-life"):
        Signal("fast", {}, 0.0)
