"""Constraints that cannot hold together: which, and how much each must give."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskplatform.domain.outcome import FailureReason
from riskplatform.optimisation.constraints import (
    Box,
    Constraint,
    Exposure,
    Gross,
    Group,
    Holdings,
    Net,
    Participation,
    ShortfallCap,
    StressLossCap,
    TrackingError,
    Turnover,
    VolatilityCap,
)
from riskplatform.optimisation.inputs import inputs_from_returns
from riskplatform.optimisation.long_only import MaximumSharpe, MinimumVariance
from riskplatform.optimisation.mean_variance import MeanVariance
from riskplatform.optimisation.portfolio import Allocation, FailedPortfolio, Portfolio
from tests.optimisation.random_markets import names, returns

COUNT = 10
NAMES = names(COUNT)
FIRST = {name: float(name == NAMES[0]) for name in NAMES}
INPUTS = inputs_from_returns(
    returns(COUNT, 200, 2),
    NAMES,
    expected=dict.fromkeys(NAMES, 0.001),
    current=FIRST,
    benchmark=FIRST,
)


def failed(found: Allocation) -> FailedPortfolio:
    assert isinstance(found, FailedPortfolio), found
    assert found.failure.reason is FailureReason.INVALID_TERMS, found.failure
    return found


def conflict(*constraints: Constraint) -> dict[str, float]:
    found = failed(MinimumVariance(constraints).fit(INPUTS))
    return {each.constraint: each.shadow_price for each in found.conflict}


def test_caps_too_small_for_the_money() -> None:
    found = failed(MinimumVariance((Box(0.0, 0.08),)).fit(INPUTS))
    by_name = {each.constraint: each for each in found.conflict}
    assert set(by_name) == {"box", "all money"}
    # Ten times 0.08 leave 0.2, which the box must find in all; the money is not for it to move.
    assert by_name["box"].shadow_price == pytest.approx(0.2, abs=1e-6)
    assert by_name["all money"].shadow_price == 0.0
    assert "can stay if others give" in by_name["all money"].words
    assert "must give" in by_name["box"].words
    assert "cannot hold together" in found.failure.message


def test_of_many_constraints_only_those_in_conflict_are_named() -> None:
    innocent = [Group(f"pair {i}", (NAMES[i], NAMES[i + 1]), high=0.6) for i in range(8)]
    guilty = [
        Group("first half", tuple(NAMES[:5]), low=0.7),
        Group("second half", tuple(NAMES[5:]), low=0.5),
    ]
    found = conflict(Box(0.0, 0.5), *innocent, *guilty)
    assert set(found) == {"first half", "second half", "all money"}
    assert sum(found.values()) == pytest.approx(0.2, abs=1e-6)


def test_a_turnover_that_is_too_small_for_a_box() -> None:
    found = conflict(Box(0.0, 0.3), Turnover(0.5))
    # From all in one asset to at most 0.3 of it is 0.7 sold and 0.7 bought.
    assert set(found) == {"box", "turnover"}
    # 0.45 by the box alone or 0.9 by the turnover alone: the box is the cheaper.
    assert found["box"] == pytest.approx(0.45, abs=1e-6)


def test_bounds_that_cross() -> None:
    still = Participation(0.1, dict.fromkeys(NAMES, 1e5), capital=1e6)
    found = conflict(Box(0.0, 0.5), still)
    assert set(found) == {"box", "participation"}
    assert sum(found.values()) == pytest.approx(0.49, abs=1e-6)


def test_risks_that_cannot_be_that_small() -> None:
    least = MinimumVariance().fit(INPUTS)
    assert isinstance(least, Portfolio)
    bottom = float(least.objective or 0)
    utility = MeanVariance(1.0, constraints=(VolatilityCap(0.9 * bottom),))
    found = {each.constraint: each for each in failed(utility.fit(INPUTS)).conflict}
    assert "volatility" in found
    assert found["volatility"].shadow_price == pytest.approx(0.1 * bottom, rel=1e-3)
    shortfall = conflict(ShortfallCap(0.0001, 0.95))
    assert "ES 0.95" in shortfall
    losses = {"crash": dict.fromkeys(NAMES, 0.3)}
    assert conflict(StressLossCap(0.2, losses))["stress loss"] == pytest.approx(0.1, abs=1e-6)
    tracking = conflict(TrackingError(0.001), Box(0.0, 0.2))
    assert {"tracking error", "box"} <= set(tracking)


def test_an_exposure_out_of_reach_is_told_in_its_own_units() -> None:
    duration = Exposure("duration", dict(zip(NAMES, range(10), strict=True)), low=12.0)
    assert conflict(duration)["duration"] == pytest.approx(3.0, abs=1e-5)


def test_targets_and_ratios_fail_in_the_same_way() -> None:
    target = failed(MeanVariance(target_return=0.002).fit(INPUTS))
    assert {each.constraint for each in target.conflict} >= {"target return"}
    ratio = failed(MaximumSharpe((Box(0.0, 0.08),)).fit(INPUTS))
    assert {each.constraint for each in ratio.conflict} == {"box", "all money"}


def test_holdings_that_cannot_carry_the_money() -> None:
    found = conflict(Holdings(most=3, high=0.3), Box(0.0, 0.3))
    assert "holdings" in found or "box" in found
    assert "all money" in found


def test_everything_at_once() -> None:
    found = conflict(Box(0.2, 0.3), Net(1.0, 1.0), Gross(0.5), Turnover(0.0))
    assert len(found) >= 2


@pytest.mark.slow
@settings(deadline=None, max_examples=25)
@given(st.integers(0, 500))
def test_a_conflict_is_one_and_holds_without_any_of_its_members(seed: int) -> None:
    """Found again by solving: all members together fail, all but one of them do not."""
    rng = np.random.default_rng(seed)
    constraints: list[Constraint] = [Box(0.0, float(rng.uniform(0.1, 0.4)))]
    for i in range(8):
        chosen = tuple(np.array(NAMES)[rng.random(COUNT) < 0.5].tolist()) or (NAMES[0],)
        low = float(rng.uniform(0.2, 0.6))
        constraints.append(Group(f"group {i}", chosen, low, low + float(rng.uniform(0.0, 0.2))))
    constraints.append(Net(1.0, 1.0))
    found = MinimumVariance(tuple(constraints)).fit(INPUTS)
    if isinstance(found, Portfolio):
        assert found.certificate is not None
        assert found.certificate.is_good
        return
    free = Box(-100.0, 100.0, label="free")
    members = {each.constraint for each in found.conflict if "another" not in each.words}
    chosen_ones = [each for each in constraints if each.name in members]

    def can_hold(these: list[Constraint]) -> bool:
        kinds = {each.kind for each in these}
        more: list[Constraint] = [] if "box" in kinds else [free]
        if "net" not in kinds:
            more.append(Net(-1000.0, 1000.0, "free net"))
        return isinstance(MinimumVariance((*these, *more)).fit(INPUTS), Portfolio)

    assert not can_hold(chosen_ones)
    for left in chosen_ones:
        assert can_hold([each for each in chosen_ones if each is not left])
