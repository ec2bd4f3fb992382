"""Constraints measured on weights: what a programme keeps is kept, and what is not is found."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskplatform.market.content import FloatArray
from riskplatform.optimisation.constraints import (
    KINDS,
    Box,
    Constraint,
    Exposure,
    Gross,
    Group,
    Holdings,
    Leverage,
    LotSizes,
    Net,
    Participation,
    RealisedGain,
    Restricted,
    ShortfallCap,
    StressLossCap,
    TrackingError,
    Turnover,
    ValueAtRiskCap,
    VolatilityCap,
    checked_constraints,
)
from riskplatform.optimisation.inputs import inputs_from_returns
from riskplatform.optimisation.mean_variance import MeanVariance
from riskplatform.optimisation.portfolio import Portfolio
from riskplatform.risk.quantiles import expected_shortfall, value_at_risk
from tests.optimisation.random_markets import names, returns

COUNT = 6
NAMES = tuple(names(COUNT))
EQUAL = dict.fromkeys(NAMES, 1.0 / COUNT)
RNG = np.random.default_rng(2)
MU = dict(zip(NAMES, (0.0005 + 0.0006 * RNG.standard_normal(COUNT)).tolist(), strict=True))
INPUTS = inputs_from_returns(
    returns(COUNT, 500, 21), NAMES, expected=MU, current=EQUAL, benchmark=EQUAL
)
GAINS = INPUTS.scenarios
W = np.array([0.5, 0.3, 0.2, 0.1, 0.05, -0.15])
LOSSES = {name: 0.1 * place for place, name in enumerate(NAMES)}


def one(constraint: Constraint, weights: FloatArray = W) -> tuple[float, float, bool]:
    found = checked_constraints([constraint], INPUTS, weights).checks[0]
    return found.value, found.room, found.holds


@pytest.mark.parametrize(
    ("constraint", "value", "room"),
    [
        (Box(-0.2, 0.4), 0.5, -0.1),
        (Box(-0.2, 0.4, (NAMES[1], NAMES[5])), -0.15, 0.05),
        (Group("two", NAMES[:2], high=0.75), 0.8, -0.05),
        (Exposure("beta", LOSSES, low=0.0, high=0.1), 0.045, 0.045),
        (Net(1.0, 1.0), 1.0, 0.0),
        (Gross(1.2), 1.3, -0.1),
        (Leverage(2.0, {NAMES[0]: 3.0}), 2.3, -0.3),
        (Turnover(1.0), float(np.abs(W - 1 / 6).sum()), 1.0 - float(np.abs(W - 1 / 6).sum())),
        (Participation(0.1, dict.fromkeys(NAMES, 1e6), 1e6, 3), 1 / 3, 0.3 - 1 / 3),
        (Restricted((NAMES[0], NAMES[5])), 0.5, 1 / 6 - 0.5),
        (Holdings(4), 6.0, -2.0),
        (VolatilityCap(0.01), float(np.sqrt(W @ INPUTS.sigma @ W)), None),
        (TrackingError(0.01), float(np.sqrt((W - 1 / 6) @ INPUTS.sigma @ (W - 1 / 6))), None),
        (ShortfallCap(0.02, 0.975), float(expected_shortfall(GAINS @ W, 0.975)), None),
        (ValueAtRiskCap(0.02, 0.975), float(value_at_risk(GAINS @ W, 0.975)), None),
        (StressLossCap(0.04, {"calm": {}, "crash": LOSSES}, 0.0), 0.045, -0.005),
        (RealisedGain(0.1, {NAMES[5]: ((0.1, 0.5), (0.1, 1.0))}), 0.05 + 1 / 6 - 0.1, None),
        (LotSizes(), 0.0, np.inf),
    ],
)  # fmt: skip
def test_each_kind_by_hand(constraint: Constraint, value: float, room: float | None) -> None:
    found, left, holds = one(constraint)
    assert found == pytest.approx(value)
    expected = constraint.high - value if room is None else room  # type: ignore[attr-defined]
    assert left == pytest.approx(expected, abs=1e-12)
    assert holds == (expected >= -1e-9)


def test_every_kind_has_a_check() -> None:
    marks = test_each_kind_by_hand.pytestmark  # type: ignore[attr-defined]
    assert {case[0].kind for case in marks[0].args[1]} == set(KINDS)


def test_the_record() -> None:
    found = checked_constraints([Gross(1.2), Net(1.0, 1.0)], INPUTS, W)
    assert not found.all_hold
    assert [each.constraint for each in found.broken] == ["gross"]
    assert json.loads(json.dumps(found.to_dict()))["checks"][1]["holds"]
    assert found.to_frame()["holds"].tolist() == [False, True]
    assert "gross" in found._repr_html_()


def best(*constraints: Constraint) -> Portfolio:
    found = MeanVariance(aversion=0.0, constraints=constraints).fit(INPUTS)
    assert isinstance(found, Portfolio), found
    assert found.certificate is not None
    assert found.certificate.is_good
    return found


@pytest.mark.parametrize("confidence", [0.9, 0.95, 0.99])
def test_a_cap_on_var_is_kept_and_says_how(confidence: float) -> None:
    free = best()
    var = float(value_at_risk(GAINS @ free.weights, confidence))
    cap = ValueAtRiskCap(0.7 * var, confidence)
    found = best(cap)
    assert float(value_at_risk(GAINS @ found.weights, confidence)) <= 0.7 * var + 1e-9
    shortfall = float(expected_shortfall(GAINS @ found.weights, confidence))
    assert shortfall == pytest.approx(0.7 * var, rel=1e-5)
    assert "was kept by an expected shortfall" in found.notes[-1]
    assert f"VaR {confidence:g} is " in found.notes[-1]
    assert "(by its ES) at most" in found.binding[0].constraint
    assert checked_constraints([cap], INPUTS, found.weights).all_hold


def test_lots_change_no_weights_and_say_that_they_wait() -> None:
    cap = VolatilityCap(0.009)
    found = best(cap, LotSizes({NAMES[0]: 100.0}))
    assert found.weights == pytest.approx(best(cap).weights, abs=1e-9)
    assert found.notes[-1] == "lots: weights are before rounding to whole lots."


@pytest.mark.slow
@given(st.integers(0, 60))
def test_what_a_programme_keeps_the_checks_find_kept(seed: int) -> None:
    rng = np.random.default_rng(seed)
    chosen: list[Constraint] = [
        Box(0.0, float(rng.uniform(0.3, 1.0))),
        Turnover(float(rng.uniform(0.2, 1.5))),
        ValueAtRiskCap(float(rng.uniform(0.015, 0.04)), 0.95),
        StressLossCap(float(rng.uniform(0.1, 0.4)), {"crash": LOSSES}),
        Group("few", NAMES[:3], low=float(rng.uniform(0.0, 0.4))),
    ]
    picked = [each for each in chosen if rng.random() < 0.6]
    found = MeanVariance(aversion=3.0, constraints=tuple(picked)).fit(INPUTS)
    if isinstance(found, Portfolio):
        assert checked_constraints(picked, INPUTS, found.weights).all_hold
