"""Variance swaps: the printed case, the twin, and the limit of a fine strip."""

from __future__ import annotations

import numpy as np
import pytest

from riskplatform.pricing.options import twins
from riskplatform.pricing.options.status import Status
from riskplatform.pricing.options.variance_swap import fair_variance

STRIKES = np.arange(50.0, 136.0, 5.0)
VOLS = 0.30 - 0.01 * np.arange(18)


def test_the_case_of_derman() -> None:
    """R65: Demeterfi and others (1999), where 0.04189 is printed."""
    found = fair_variance(100, [0.246575, 0.25], 0.05, 0.0, STRIKES, VOLS, 100.0)
    assert found.value == pytest.approx([0.0418885, 0.0418678], abs=5.1e-8)


def test_the_twin_agrees() -> None:
    for time in (0.1, 0.5, 2.0):
        found = fair_variance(103.0, time, 0.04, 0.0, STRIKES, VOLS, 100.0).value
        twin = twins.fair_variance(103.0, time, 0.04, STRIKES, VOLS, 100.0)
        assert found == pytest.approx(twin, rel=1e-12)


def test_a_fine_wide_strip_of_one_volatility_gives_its_square() -> None:
    # Lines above a convex payoff cost a little more: the step of 0.003 squared over 6.
    strikes = np.append(100.0, 100.0 * np.exp(np.linspace(-3.0, 3.0, 2001)))
    strikes = np.unique(strikes)
    found = fair_variance(100.0, 1.0, 0.05, 0.02, strikes, 0.25, 100.0)
    assert found.value == pytest.approx(0.0625 + 0.003**2 / 6, abs=1e-7)


def test_a_broken_row_spoils_no_other() -> None:
    strikes = np.array([[90.0, 100, 110], [90, 100, 100], [90, 95, 110], [90, np.nan, 110]])
    found = fair_variance(100, 1, 0.05, 0.0, strikes, 0.2, 100.0)
    codes = [0, Status.BAD_STRIKE, Status.BAD_PARAMETER, Status.NOT_FINITE]
    assert found.status.tolist() == codes
    assert found.value[0] > 0.0
    assert (found.value[1:] == 0.0).all()
