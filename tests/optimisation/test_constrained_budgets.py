"""Risk budgets under limits: the same as without where none binds, and the best ratio where one
does."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import optimize

from riskplatform.optimisation.constraints import Box, Constraint, Group, Holdings, VolatilityCap
from riskplatform.optimisation.inputs import Inputs, inputs_from_moments, inputs_from_returns
from riskplatform.optimisation.portfolio import Allocation, FailedPortfolio, Portfolio
from riskplatform.optimisation.risk_budgets import RiskBudgets, risk_shares_of
from tests.optimisation.random_markets import names, returns

COUNT = 7
NAMES = names(COUNT)
BUDGETS = dict(zip(NAMES, (np.arange(1, COUNT + 1) / 28.0).tolist(), strict=True))


def market(seed: int) -> Inputs:
    return inputs_from_returns(returns(COUNT, 300, seed), NAMES)


def good(found: Allocation) -> Portfolio:
    assert isinstance(found, Portfolio), found
    assert found.certificate is not None
    assert found.certificate.is_good, found.certificate
    return found


@pytest.mark.parametrize("budgets", [None, BUDGETS, {**BUDGETS, NAMES[2]: 0.0}])
@pytest.mark.parametrize("seed", [1, 2])
def test_limits_that_do_not_bind_change_nothing(
    seed: int, budgets: dict[str, float] | None
) -> None:
    inputs = market(seed)
    exact = good(RiskBudgets(budgets).fit(inputs))
    found = good(RiskBudgets(budgets, (Box(0.0, 1.0),)).fit(inputs))
    assert found.weights == pytest.approx(exact.weights, abs=2e-5)
    assert found.details["shares"] == pytest.approx(exact.details["shares"], abs=5e-5)
    assert found.details["volatility"] == pytest.approx(exact.objective, rel=1e-5)


LIMITS: list[tuple[Constraint, ...]] = [
    (Box(0.05, 0.18),),
    (Group("first", tuple(NAMES[:3]), high=0.2), Box(0.0, 0.4)),
    (VolatilityCap(0.006),),
]


@pytest.mark.parametrize("limits", LIMITS, ids=lambda each: each[0].kind)
def test_under_limits_it_is_the_best_ratio_of_all_allowed_weights(
    limits: tuple[Constraint, ...],
) -> None:
    inputs = market(3)
    shares = np.array(list(BUDGETS.values()))

    def ratio(weights: np.ndarray) -> float:
        mean = np.exp(shares @ np.log(np.maximum(weights, 1e-12)))
        return float(mean / np.sqrt(weights @ inputs.sigma @ weights))

    rules = [{"type": "eq", "fun": lambda w: w.sum() - 1.0}]
    bounds = [(1e-6, 1.0)] * COUNT
    for each in limits:
        if isinstance(each, Box):
            bounds = [(max(each.low, 1e-6), each.high)] * COUNT
        elif isinstance(each, Group):
            rules.append({"type": "ineq", "fun": lambda w: 0.2 - w[:3].sum()})
        else:
            rules.append({"type": "ineq", "fun": lambda w: 0.36 - 1e4 * w @ inputs.sigma @ w})
    found = good(RiskBudgets(BUDGETS, limits).fit(inputs))
    free = good(RiskBudgets(BUDGETS).fit(inputs))
    peer = optimize.minimize(
        lambda w: -np.log(ratio(w)), np.full(COUNT, 1.0 / COUNT), bounds=bounds, constraints=rules,
        method="SLSQP", options={"ftol": 1e-14, "maxiter": 500},
    )  # fmt: skip
    assert found.objective == pytest.approx(ratio(peer.x), rel=1e-6)
    assert found.objective == pytest.approx(ratio(found.weights))
    assert ratio(found.weights) < ratio(free.weights) * (1.0 - 1e-6)
    assert found.binding
    assert found.details["shares"] == pytest.approx(risk_shares_of(inputs.sigma, found.weights))


def test_every_limit_is_part_of_the_run() -> None:
    inputs = market(1)
    one = good(RiskBudgets(BUDGETS, (Box(0.0, 0.3),)).fit(inputs))
    other = good(RiskBudgets(BUDGETS, (Box(0.0, 0.31),)).fit(inputs))
    third = good(RiskBudgets(None, (Box(0.0, 0.3),)).fit(inputs))
    assert len({one.run_id, other.run_id, third.run_id}) == 3


def test_what_cannot_be_held_or_counted() -> None:
    inputs = market(1)
    conflict = RiskBudgets(None, (Box(0.0, 0.1),)).fit(inputs)
    assert isinstance(conflict, FailedPortfolio)
    assert {each.constraint for each in conflict.conflict} == {"box", "all money"}
    shut = RiskBudgets(None, (Box(0.0, 0.0, (NAMES[0],)),)).fit(inputs)
    assert isinstance(shut, FailedPortfolio)
    assert "above zero wherever there is a budget" in shut.failure.message
    counted = RiskBudgets(None, (Holdings(most=3),)).fit(inputs)
    assert isinstance(counted, FailedPortfolio)
    assert "cannot count" in counted.failure.message


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_constrained_budgets_are_those_of_skfolio() -> None:
    peers = pytest.importorskip("skfolio.optimization")
    import pandas as pd

    table = pd.DataFrame(returns(COUNT, 300, 5), columns=NAMES)
    inputs = inputs_from_moments(NAMES, table.cov().to_numpy())
    shares = np.array(list(BUDGETS.values()))
    for high in (1.0, 0.2):
        peer = peers.RiskBudgeting(risk_budget=shares, max_weights=high).fit(table)
        ours = good(RiskBudgets(BUDGETS, (Box(0.0, high),)).fit(inputs))
        # skfolio minimises with a looser solver: weights to three digits.
        assert ours.weights == pytest.approx(np.asarray(peer.weights_), abs=1e-3)
