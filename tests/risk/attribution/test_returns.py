"""Time-weighted returns do not feel flows; money-weighted ones solve what they should."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from riskplatform.domain.outcome import Failure
from riskplatform.errors import UnknownNameError
from riskplatform.risk.attribution.linking import compounded
from riskplatform.risk.attribution.returns import (
    FlowTiming,
    MoneyWeighted,
    daily_returns,
    modified_dietz,
    money_weighted,
    timing_named,
)

DAYS = 8
rates = arrays(np.float64, DAYS, elements=st.floats(-0.1, 0.1))
money = arrays(np.float64, DAYS, elements=st.floats(-50.0, 500.0))


def path(returns: np.ndarray, flows: np.ndarray, timing: FlowTiming) -> np.ndarray:
    """Values from 1,000 with a return each day and money that comes before or after it."""
    values = [1_000.0]
    for rate, flow in zip(returns, flows, strict=True):
        at_start = flow if timing is FlowTiming.START else 0.0
        values.append((values[-1] + at_start) * (1 + rate) + flow - at_start)
    return np.array(values)


@given(rates, money, st.sampled_from(list(FlowTiming)))
def test_time_weighted_returns_do_not_depend_on_flows(
    returns: np.ndarray, flows: np.ndarray, timing: FlowTiming
) -> None:
    values = path(returns, flows, timing)
    found = daily_returns(values, np.concatenate([[0.0], flows]), timing)
    assert found == pytest.approx(returns, abs=1e-9)
    assert compounded(found) == pytest.approx(float(np.prod(1 + returns)) - 1, abs=1e-9)


@given(rates)
def test_without_flows_all_returns_are_the_same(returns: np.ndarray) -> None:
    values = path(returns, np.zeros(DAYS), FlowTiming.END)
    found = money_weighted(values[0], values[-1], [], [], 0.5)
    assert isinstance(found, MoneyWeighted)
    assert found.is_unique
    assert found.period_return == pytest.approx(compounded(returns), abs=1e-9)
    assert modified_dietz(values[0], values[-1], [], [], 0.5) == pytest.approx(
        compounded(returns), abs=1e-9
    )


@given(
    st.floats(100.0, 1000.0),
    arrays(np.float64, 3, elements=st.floats(-60.0, 200.0)),
    st.floats(200.0, 2000.0),
)
def test_the_internal_rate_is_where_a_brute_search_finds_it(
    begin: float, flows: np.ndarray, end: float
) -> None:
    times, years = np.array([0.25, 0.5, 1.0]), 1.5
    found = money_weighted(begin, end, flows, times, years)
    assert isinstance(found, MoneyWeighted)

    def worth(rate: np.ndarray) -> np.ndarray:
        later = (1 + rate)[..., None] ** -np.append(times, years)
        return np.asarray(begin + later @ np.append(flows, -end))

    assert abs(float(worth(np.array(found.rate)))) < 1e-6 * end
    step = 0.25 * (1 + found.rate) * 1e-3
    grid = np.arange(found.rate - 40 * step, found.rate + 40 * step, step)
    nearest = grid[np.argmin(np.abs(worth(grid)))]
    assert abs(nearest - found.rate) <= step


def test_two_roots_are_both_told() -> None:
    """100 in, 230 out after a year, 132 owed after two: 10 % and 20 % (a textbook's example)."""
    found = money_weighted(100.0, -132.0, [-230.0], [1.0], 2.0)
    assert isinstance(found, MoneyWeighted)
    assert found.roots == pytest.approx((0.10, 0.20))
    assert not found.is_unique
    assert found.rate in found.roots


def test_modified_dietz_by_hand() -> None:
    """Bacon: 74.2 grows to 104.4 with 37.1 after 14 of 31 days: -6.9 over 94.5."""
    found = modified_dietz(74.2, 104.4, [37.1], [14 / 365], 31 / 365)
    assert found == pytest.approx(-6.9 / (74.2 + 17 / 31 * 37.1))
    assert 100 * found == pytest.approx(-7.30, abs=0.005)


@pytest.mark.parametrize(("begin", "end"), [(0.0, 0.0), (100.0, -5.0), (0.0, 10.0)])
def test_money_that_went_one_way_has_no_rate(begin: float, end: float) -> None:
    found = money_weighted(begin, end, [], [], 1.0)
    assert isinstance(found, Failure)
    assert "one way only" in found.message


def test_days_without_capital() -> None:
    found = daily_returns([0.0, 0.0, 100.0, 110.0], [0.0, 0.0, 99.0, 0.0])
    assert found[0] == 0.0
    assert np.isnan(found[1])
    assert found[2] == pytest.approx(0.1)
    at_start = daily_returns([0.0, 0.0, 100.0, 110.0], [0.0, 0.0, 99.0, 0.0], FlowTiming.START)
    assert at_start[1] == pytest.approx(1 / 99)
    with pytest.raises(UnknownNameError, match="timing of flows"):
        timing_named("noon")
