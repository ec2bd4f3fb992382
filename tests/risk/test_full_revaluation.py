"""R27: a short call by full revaluation, by delta, and by delta and gamma, has exact answers."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from riskplatform.pricing.options.vanilla import vanilla_greeks, vanilla_price
from riskplatform.risk.delta_gamma import delta_gamma_figures, taylor_pnl
from riskplatform.risk.figures import RiskFigures
from riskplatform.risk.intervals import sampling_intervals
from riskplatform.risk.methods import measure
from riskplatform.risk.parametric import parametric_figures
from riskplatform.risk.quantiles import var_and_es
from riskplatform.risk.sample import Question

WIDTH = 0.2 * np.sqrt(10.0 / 252.0)
TERMS = (100.0, 0.2, 0.03, 0.0, True)


def call(spot: np.ndarray, time: float = 0.5) -> np.ndarray:
    strike, *rest = TERMS
    return vanilla_price(spot, strike, time, *rest).value


def pnl(z: np.ndarray, time: float = 0.5) -> np.ndarray:
    """Of 100 short calls after a move of z deviations."""
    return -100.0 * (call(100.0 * np.exp(WIDTH * z), time) - call(np.array([100.0])))


@pytest.fixture(scope="module")
def even() -> np.ndarray:
    """A million normals, one in the middle of each even step of probability."""
    count = 1_000_000
    return norm.ppf((np.arange(count) + 0.5) / count)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("confidence", "var", "es", "decayed"),
    [(0.95, 445.734, 584.917, 417.788), (0.99, 671.715, 794.803, 645.222)],
)
def test_full_revaluation(
    even: np.ndarray, confidence: float, var: float, es: float, decayed: float
) -> None:
    found = var_and_es(pnl(even), confidence)
    assert float(found.var) == pytest.approx(var, abs=0.01)
    assert float(found.es) == pytest.approx(es, abs=0.005)
    later = var_and_es(pnl(even, 0.5 - 10.0 / 252.0), confidence)
    assert float(later.var) == pytest.approx(decayed, abs=0.01)


def test_delta_normal_and_taylor_at_the_same_shock() -> None:
    greeks = vanilla_greeks(100.0, *TERMS[:1], 0.5, *TERMS[1:])
    price, delta, gamma = (float(each) for each in greeks[:3])
    assert (price, delta, gamma) == pytest.approx((6.371028, 0.570158, 0.0277721), abs=5e-7)
    exposure = [-100.0 * delta * 100.0]
    for confidence, normal, taylor in ((0.95, 373.639, 433.273), (0.99, 528.445, 647.730)):
        daily = parametric_figures(exposure, [[0.2**2 / 252.0]], confidence, horizon_days=10)
        assert daily.var == pytest.approx(normal, abs=5e-4)
        move = 100.0 * WIDTH * norm.ppf(confidence)
        quadratic = taylor_pnl([[move]], [-100.0 * delta], [-100.0 * gamma])
        assert -float(quadratic[0]) == pytest.approx(taylor, abs=5e-4)
        # It is also the exact quantile: the loss rises with the price but in the far left tail.
        exact = delta_gamma_figures(
            exposure, [-100.0 * gamma * 1e4], [[0.2**2 / 252.0]], confidence, horizon_days=10
        )
        assert isinstance(exact, RiskFigures)
        assert exact.var == pytest.approx(taylor, abs=5e-3)


def test_drawn_scenarios_cover_the_exact_answer() -> None:
    draws = pnl(np.random.default_rng(27).standard_normal(10_000))
    asked = Question(confidence=0.99, horizon_days=10)
    found = measure("monte_carlo", draws, asked, horizon_days=10)
    assert found.var_interval.low < 671.715 < found.var_interval.high  # type: ignore[union-attr]
    assert found.es_interval.low < 794.803 < found.es_interval.high  # type: ignore[union-attr]
    assert found.scaling is None  # type: ignore[union-attr]
    assert sampling_intervals(draws, 0.99).var.low == found.var_interval.low  # type: ignore[union-attr]
