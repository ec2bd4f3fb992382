"""Cash flows against the platform's own curve objects and sums written out."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from riskplatform.market.curves import Curve
from riskplatform.market.interpolation import Interpolation
from riskplatform.pricing.formulas.cashflows import (
    discount_factors,
    linear_zero,
    present_values,
    risky_present_value,
    survival,
)

NODES = np.array([0.25, 1.0, 2.0, 5.0, 10.0])
STATES = np.array([[0.01, 0.015, 0.02, 0.03, 0.035], [-0.005, -0.004, 0.0, 0.01, 0.02]])
TIMES = np.array([0.1, 0.25, 0.7, 1.0, 3.3, 9.99, 10.0, 25.0])


def test_discount_factors_are_those_of_the_curve() -> None:
    ours = discount_factors(TIMES, NODES, STATES)
    for state, row in zip(STATES, ours, strict=True):
        curve = Curve("X", date(2024, 1, 1), NODES, state, Interpolation.LINEAR_ZERO)
        np.testing.assert_allclose(row, curve.discount(TIMES), rtol=1e-14)


def test_times_may_differ_by_state() -> None:
    by_state = np.stack([TIMES, TIMES + 0.3])
    together = linear_zero(by_state, NODES, STATES)
    np.testing.assert_array_equal(together[1], linear_zero(TIMES + 0.3, NODES, STATES)[1])


def test_what_is_due_is_worth_its_amount() -> None:
    assert discount_factors(np.array([0.0, -2.0]), NODES, STATES).tolist() == [[1.0, 1.0]] * 2


def test_survival_integrates_the_hazard_in_steps() -> None:
    hazards = np.array([[0.01, 0.02, 0.03, 0.04, 0.05]])
    chances = survival(np.array([0.0, 0.25, 1.5, 12.0]), NODES, hazards)[0]
    until = [0.0, 0.0025, 0.0025 + 0.75 * 0.02 + 0.5 * 0.03]
    until.append(0.0025 + 0.75 * 0.02 + 0.03 + 3 * 0.04 + 5 * 0.05 + 2 * 0.05)
    np.testing.assert_allclose(chances, np.exp(-np.array(until)), rtol=1e-14)


def test_present_values_by_owner_are_plain_sums() -> None:
    rng = np.random.default_rng(2)
    amounts, owners = rng.uniform(1, 5, 8), np.array([0, 0, 0, 2, 2, 3, 3, 3])
    discounts = discount_factors(TIMES, NODES, STATES)
    values = present_values(amounts, owners, discounts, 5)
    for owner in range(5):
        mine = owners == owner
        expected = (amounts[mine] * discounts[:, mine]).sum(axis=1)
        np.testing.assert_allclose(values[:, owner], expected, rtol=1e-14)


def test_nothing_to_pay_is_worth_nothing() -> None:
    empty = np.zeros(0)
    values = present_values(empty, empty.astype(np.intp), np.zeros((3, 0)), 2)
    assert values.tolist() == [[0.0, 0.0]] * 3


def test_risky_bond_by_hand() -> None:
    amounts, discounts = np.array([5.0, 105.0]), np.array([[0.97, 0.94]])
    chances = np.array([[0.98, 0.95]])
    value = risky_present_value(amounts, 100.0, 0.4, discounts, chances)[0]
    paid = 5 * 0.97 * 0.98 + 105 * 0.94 * 0.95
    recovered = 40 * (np.sqrt(0.97) * 0.02 + np.sqrt(0.97 * 0.94) * 0.03)
    assert value == pytest.approx(paid + recovered, rel=1e-14)


def test_without_default_risk_a_risky_bond_is_a_safe_one() -> None:
    amounts, discounts = np.array([5.0, 105.0]), np.array([[0.97, 0.94]])
    value = risky_present_value(amounts, 100.0, 0.4, discounts, np.ones((1, 2)))
    assert value[0] == pytest.approx(5 * 0.97 + 105 * 0.94, rel=1e-15)
