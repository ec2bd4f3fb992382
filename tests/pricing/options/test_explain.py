"""Reference case R28: a call's P&L taken apart by its sensitivities."""

from __future__ import annotations

import pytest

from riskplatform.pricing.options.vanilla import vanilla_greeks, vanilla_price


def test_r28_profit_of_a_call_by_delta_gamma_vega_theta_and_cross_terms() -> None:
    """S 100 to 103, volatility 20 % to 22 %, one day passes; the call of R27."""
    now = vanilla_greeks(100.0, 100.0, 0.5, 0.20, 0.03, 0.0, True)
    later = vanilla_price(103.0, 100.0, 0.5 - 1 / 365, 0.22, 0.03, 0.0, True)
    move, vol, days = 3.0, 0.02, 1 / 365
    parts = {
        "delta": float(now.delta) * move,
        "gamma": 0.5 * float(now.gamma) * move**2,
        "vega": float(now.vega) * vol,
        "theta": float(now.theta) * days,
        "vanna": float(now.vanna) * move * vol,
        "volga": 0.5 * float(now.volga) * vol**2,
    }
    total = float(later.value) - float(now.price)
    expected = {
        "delta": 1.710474, "gamma": 0.124975, "vega": 0.555443, "theta": -0.019380,
        "vanna": -0.004166, "volga": 0.000174,
    }  # fmt: skip
    assert total == pytest.approx(2.352875, abs=5e-7)
    for name, value in expected.items():
        assert parts[name] == pytest.approx(value, abs=5e-7), name
    assert total - sum(parts.values()) == pytest.approx(-0.014644, abs=1e-6)
