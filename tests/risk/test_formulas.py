"""Two formulas of regulation: R51, ES over liquidity horizons, and R53, the worst default rate."""

from __future__ import annotations

import numpy as np
import pytest

from riskplatform.errors import UserInputError
from riskplatform.risk.liquidity_horizons import liquidity_horizon_es
from riskplatform.risk.vasicek import credit_var, worst_default_rate


def test_r51_liquidity_horizons() -> None:
    found = liquidity_horizon_es([100.0, 80.0, 60.0, 40.0, 20.0])
    assert found.terms == pytest.approx([100, 80, 84.8528, 56.5685, 48.9898], abs=5e-5)
    assert found.es == pytest.approx(170.8801, abs=5e-5)
    # All factors at the longest horizon is the root of time.
    assert liquidity_horizon_es([1.0] * 5).es == pytest.approx(np.sqrt(12.0))


def test_liquidity_horizons_refuse_what_does_not_fit() -> None:
    with pytest.raises(UserInputError, match="4 ES for 5 liquidity horizons"):
        liquidity_horizon_es([1.0] * 4)
    with pytest.raises(UserInputError, match="zero or more"):
        liquidity_horizon_es([1.0, -1.0, 0.0, 0.0, 0.0])
    with pytest.raises(UserInputError, match="horizons rise"):
        liquidity_horizon_es([1.0, 1.0], [20.0, 10.0])


def test_r53_vasicek() -> None:
    assert worst_default_rate(0.02, 0.1, 0.999) == pytest.approx(0.1282371, abs=5e-8)
    loss = credit_var(100e6, 0.02, 0.4, 0.1, 0.999)
    assert loss == pytest.approx(5.12948e6, abs=5)


def test_vasicek_at_its_ends() -> None:
    assert worst_default_rate([0.0, 0.02, 1.0], 0.0, 0.999) == pytest.approx([0.0, 0.02, 1.0])
    with pytest.raises(UserInputError, match=r"percentage: 0\.999"):
        worst_default_rate(0.02, 0.1, 99.9)
    with pytest.raises(UserInputError, match="at least 0 and below 1"):
        worst_default_rate(0.02, 1.0, 0.999)
    with pytest.raises(UserInputError, match="default probability"):
        worst_default_rate(2.0, 0.1, 0.999)
