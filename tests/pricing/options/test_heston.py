"""Heston: printed cases, QuantLib, the twin, and edges."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import QuantLib as ql

from riskplatform.pricing.options import twins
from riskplatform.pricing.options.heston import heston_price
from riskplatform.pricing.options.status import Status
from riskplatform.pricing.options.vanilla import vanilla_price
from tests.pricing.options.quantlib_book import TODAY

FANG = {"v0": 0.0175, "kappa": 1.5768, "theta": 0.0398, "sigma": 0.5751, "rho": -0.5711}


def test_published_prices() -> None:
    """R64: Fang and Oosterlee (2008), where 5.785155434 is printed as 5.785155450; Broadie and
    Kaya (2006)."""
    long = heston_price(100, 100, [1, 10], 0, 0, **FANG, is_call=True).value
    assert long == pytest.approx([5.785155434, 22.318945791], abs=6e-10)
    first = heston_price(
        100, 100, 1, 0.0319, 0, v0=0.010201, kappa=6.21, theta=0.019, sigma=0.61, rho=-0.7,
        is_call=True,
    )  # fmt: skip
    assert first.value == pytest.approx(6.806113, abs=5e-7)
    second = heston_price(
        100, 100, 5, 0.05, 0, v0=0.09, kappa=2, theta=0.09, sigma=1, rho=-0.3, is_call=True
    )
    assert second.value == pytest.approx(34.999758, abs=5e-7)


def random_models(count: int, seed: int) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    bounds = {
        "v0": (0.01, 0.25), "kappa": (0.3, 6.0), "theta": (0.01, 0.25), "sigma": (0.1, 1.0),
        "rho": (-0.9, 0.5), "spot": (70.0, 140.0), "days": (30, 3650), "rate": (-0.01, 0.1),
        "carry_yield": (-0.01, 0.08),
    }  # fmt: skip
    drawn = {name: rng.uniform(*pair, count) for name, pair in bounds.items()}
    drawn["days"] = drawn["days"].astype(int)
    return drawn


def quantlib_call(row: dict[str, Any]) -> float:
    ql.Settings.instance().evaluationDate = TODAY
    count = ql.Actual365Fixed()
    rate, carried = (
        ql.YieldTermStructureHandle(ql.FlatForward(TODAY, float(row[name]), count))
        for name in ("rate", "carry_yield")
    )
    spot = ql.QuoteHandle(ql.SimpleQuote(float(row["spot"])))
    model = [float(row[name]) for name in ("v0", "kappa", "theta", "sigma", "rho")]
    process = ql.HestonProcess(rate, carried, spot, *model)
    option = ql.VanillaOption(
        ql.PlainVanillaPayoff(ql.Option.Call, 100.0),
        ql.EuropeanExercise(TODAY + int(row["days"])),
    )
    option.setPricingEngine(ql.AnalyticHestonEngine(ql.HestonModel(process), 192))
    return float(option.NPV())


@pytest.mark.slow
def test_2000_contracts_against_quantlib() -> None:
    """Absolutely: the 192 Laguerre points of QuantLib are good to about 1e-8 of spot."""
    drawn = random_models(2000, 61)
    rows = [dict(zip(drawn, row, strict=True)) for row in zip(*drawn.values(), strict=True)]
    oracle = np.array([quantlib_call(row) for row in rows])
    days, spot = drawn.pop("days"), drawn.pop("spot")
    found = heston_price(spot, 100.0, days / 365, **drawn, is_call=True)
    assert not found.status.any()
    error = np.abs(found.value - oracle) / spot
    assert np.quantile(error, 0.99) < 1e-8
    assert error.max() < 1e-6


def test_the_twin_agrees() -> None:
    """Heston's two probabilities instead of one integral, by adaptive quadrature."""
    drawn = random_models(40, 62)
    days, spot = drawn.pop("days"), drawn.pop("spot")
    found = heston_price(spot, 100.0, days / 365, **drawn, is_call=True).value
    for i in range(40):
        row = {name: float(column[i]) for name, column in drawn.items()}
        twin = twins.heston_call(float(spot[i]), 100.0, days[i] / 365, **row)
        assert found[i] == pytest.approx(twin, abs=2e-8)


def test_parity_and_the_limit_of_constant_variance() -> None:
    both = heston_price(100, [80, 120], 2, 0.03, 0.01, **FANG, is_call=[[True], [False]]).value
    paid = 100 * np.exp(-0.02) - np.array([80, 120]) * np.exp(-0.06)
    assert both[0] - both[1] == pytest.approx(paid, abs=1e-10)
    still = heston_price(
        100, [80, 100, 120], 1, 0.03, 0.01, v0=0.04, kappa=1, theta=0.04, sigma=1e-5, rho=0,
        is_call=True,
    )  # fmt: skip
    plain = vanilla_price(100, [80, 100, 120], 1, 0.2, 0.03, 0.01, True).value
    assert still.value == pytest.approx(plain, abs=1e-6)


def test_edges_and_broken_rows() -> None:
    expired = heston_price(105, 100, [0, 1 / 365], 0, 0, **FANG, is_call=True)
    assert expired.value == pytest.approx([5.0, 5.0], abs=1e-3)
    assert not expired.status.any()
    wrong = dict(FANG, rho=[-0.5, -1.5, np.nan])
    broken = heston_price(100, 100, 1, 0, 0, **wrong, is_call=True)
    assert broken.status.tolist() == [0, Status.BAD_PARAMETER, Status.NOT_FINITE]
    assert (broken.value[1:] == 0.0).all()
