"""Carry: forwards by replication, and yields that reproduce quoted forwards."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import ArrayLike

from riskplatform.errors import DataError
from riskplatform.market.carry import CarryCurve
from riskplatform.market.content import FloatArray

DAY = date(2024, 6, 3)


@dataclass(frozen=True)
class FlatRate:
    rate: float

    def discount(self, t: ArrayLike) -> FloatArray:
        return np.exp(-self.rate * np.asarray(t, dtype=float))


def test_a_flat_yield_gives_the_textbook_forward() -> None:
    carry = CarryCurve.flat("SPX", DAY, 0.015)
    forward = carry.forward(5000.0, FlatRate(0.04), [0.5, 2.0])
    np.testing.assert_allclose(forward, 5000 * np.exp((0.04 - 0.015) * np.array([0.5, 2.0])))


def test_between_nodes_the_forward_yield_is_constant() -> None:
    carry = CarryCurve("SPX", DAY, [1.0, 2.0], [0.01, 0.02])
    # Accrued 0.01 at one year and 0.04 at two: 0.025 half-way.
    assert carry.yield_(1.5) == pytest.approx(0.025 / 1.5)
    np.testing.assert_allclose(carry.yield_([0.1, 5.0, 0.0]), [0.01, 0.02, 0.01])


def test_cash_dividends_are_taken_off_at_their_forward_value() -> None:
    carry = CarryCurve(
        "KO",
        DAY,
        [1.0],
        [0.0],
        dividend_times=[-0.1, 0.25, 0.75, 1.5],
        dividend_amounts=[9.0, 1.0, 1.0, 1.0],
    )
    curve = FlatRate(0.05)
    # Hull: (S - PV of the dividends) at the riskless rate.
    worth = np.exp(-0.05 * 0.25) + np.exp(-0.05 * 0.75)
    expected = (100 - worth) * np.exp(0.05)
    assert carry.forward(100.0, curve, 1.0) == pytest.approx(expected, rel=1e-14)
    before = carry.forward(100.0, curve, 0.2)
    assert before == pytest.approx(100 * np.exp(0.05 * 0.2), rel=1e-14)


def test_dividends_and_yield_together_follow_the_replicating_holding() -> None:
    carry = CarryCurve("KO", DAY, [1.0], [0.02], [0.5], [3.0])
    # Hold e^(-0.02) shares; at half a year there are e^(-0.01) of them, each paying 3.
    paid = 3.0 * np.exp(-0.01) * np.exp(0.04 * 0.5)
    expected = 100 * np.exp(-0.02 + 0.04) - paid
    assert carry.forward(100.0, FlatRate(0.04), 1.0) == pytest.approx(expected, rel=1e-14)


@given(
    forwards=st.lists(st.floats(min_value=20.0, max_value=200.0), min_size=1, max_size=6),
    rate=st.floats(min_value=-0.05, max_value=0.2),
)
def test_quoted_futures_are_reproduced(forwards: list[float], rate: float) -> None:
    times = 0.25 * np.arange(1, len(forwards) + 1)
    carry = CarryCurve.from_forwards("CL", DAY, 80.0, times, forwards, FlatRate(rate))
    np.testing.assert_allclose(carry.forward(80.0, FlatRate(rate), times), forwards, rtol=1e-12)


def test_spot_scenarios_broadcast() -> None:
    carry = CarryCurve("KO", DAY, [1.0], [0.02], [0.5], [3.0])
    spots = np.array([[90.0], [110.0]])
    forwards = carry.forward(spots, FlatRate(0.03), np.array([0.25, 1.0]))
    assert forwards.shape == (2, 2)
    assert forwards[1, 1] == pytest.approx(float(carry.forward(110.0, FlatRate(0.03), 1.0)))


def test_shifted_moves_every_yield() -> None:
    carry = CarryCurve("KO", DAY, [1.0, 2.0], [0.02, 0.03])
    np.testing.assert_allclose(carry.shifted(0.01).yields, [0.03, 0.04])
    assert carry.shifted(0.0) == carry


@pytest.mark.parametrize(
    ("times", "yields"), [([0.0, 1.0], [0.1, 0.1]), ([2.0, 1.0], [0.1, 0.1]), ([1.0], [np.nan])]
)
def test_bad_nodes_are_refused_by_name(times: list[float], yields: list[float]) -> None:
    with pytest.raises(DataError, match="KO"):
        CarryCurve("KO", DAY, times, yields)


def test_forwards_must_be_positive() -> None:
    with pytest.raises(DataError, match="CL"):
        CarryCurve.from_forwards("CL", DAY, 80.0, [1.0], [-37.63], FlatRate(0.0))
