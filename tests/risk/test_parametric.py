"""Textbook numbers of normal and t risk: cases R13 to R15, R17 and R24, and their parts."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate, stats

from riskplatform.errors import UserInputError
from riskplatform.factors.covariance.catalogue import estimator
from riskplatform.factors.covariance.matrices import LowRank
from riskplatform.risk.cash_flow_mapping import share_of_left_node
from riskplatform.risk.closed_forms import normal_tail, student_scale, student_tail
from riskplatform.risk.figures import RiskFigures
from riskplatform.risk.parametric import exposure_volatility, normal_parts, parametric_figures

# Hull: Microsoft and AT&T, daily.
VOLS, RHO = np.array([0.02, 0.01]), 0.3
SIGMA = np.outer(VOLS, VOLS) * np.array([[1.0, RHO], [RHO, 1.0]])


def test_r13_two_shares() -> None:
    held = np.diag([10e6, 5e6])
    rows = np.vstack([held, held.sum(axis=0)])
    assert exposure_volatility(rows, SIGMA) == pytest.approx(
        [200_000, 50_000, 220_227.16], abs=0.01
    )
    one_day = [parametric_figures(row, SIGMA, 0.99) for row in rows]
    assert [each.var for each in one_day] == pytest.approx(
        [465_269.6, 116_317.4, 512_325.0], abs=0.1
    )
    ten = [parametric_figures(row, SIGMA, 0.99, horizon_days=10).var for row in rows]
    assert ten == pytest.approx([1_471_311.6, 367_827.9, 1_620_113.8], abs=0.1)
    assert ten[0] + ten[1] - ten[2] == pytest.approx(219_025.7, abs=0.1)


def test_r14_delta_of_options() -> None:
    exposures = np.array([1_000 * 120.0, 20_000 * 30.0])
    found = parametric_figures(exposures, SIGMA, 0.95, horizon_days=5)
    assert exposure_volatility(exposures, SIGMA) == pytest.approx(7_099.30, abs=0.005)
    assert found.var == pytest.approx(26_111.2, abs=0.05)
    assert parametric_figures(
        exposures, SIGMA, float(stats.norm.cdf(1.645)), horizon_days=5
    ).var == pytest.approx(26_113.6, abs=0.05)
    assert found.scaling is not None
    assert "square root of time from 1 to 5 days" in found.scaling


def test_r15_two_currencies_taken_apart() -> None:
    held, sigma = np.array([2e6, 1e6]), np.diag([0.05**2, 0.12**2])
    confidence = float(stats.norm.cdf(1.65))
    parts = normal_parts(held, sigma, confidence)
    assert parts.volatility == pytest.approx(156_205.0, abs=0.05)
    assert parts.var == pytest.approx(257_738.2, abs=0.05)
    assert parts.individual == pytest.approx([165_000, 198_000], abs=0.05)
    assert parts.undiversified == pytest.approx(363_000, abs=0.05)
    assert parts.beta == pytest.approx([0.61475, 1.77049], abs=5e-6)
    assert parts.marginal == pytest.approx([0.0528152, 0.1521078], abs=5e-8)
    assert parts.component == pytest.approx([105_630.4, 152_107.8], abs=0.05)
    assert parts.share == pytest.approx([0.4098, 0.5902], abs=5e-5)
    assert 10_000 * parts.marginal[0] == pytest.approx(528.15, abs=0.005)
    more = normal_parts(held + np.array([1e4, 0.0]), sigma, confidence).var
    assert more - parts.var == pytest.approx(528.93, abs=0.005)
    assert parts.to_frame(("CAD", "EUR"))["component"].sum() == pytest.approx(parts.var)


def test_r17_a_cash_flow_between_two_nodes() -> None:
    share = share_of_left_node(0.0010, 0.0020, 0.7, 0.0016)
    assert share == pytest.approx(0.320338, abs=5e-7)
    mixed = (share * 0.001) ** 2 + ((1 - share) * 0.002) ** 2
    mixed += 2 * share * (1 - share) * 0.7 * 0.001 * 0.002
    assert mixed == pytest.approx(0.0016**2, rel=1e-12)
    assert share_of_left_node(0.1, 0.2, 0.5, 0.1) == pytest.approx(1.0)
    assert share_of_left_node(0.2, 0.1, 0.5, 0.1) == pytest.approx(0.0)
    with pytest.raises(UserInputError, match="between those of the nodes"):
        share_of_left_node(0.1, 0.2, 0.5, 0.3)


R24_T = {
    5: (2.570582, 3.521577, 3.364930, 4.452429),
    4: (2.776445, 3.993557, 3.746947, 5.220584),
    3: (3.182446, 5.039583, 4.540703, 7.003082),
    10: (2.228139, 2.818998, 2.763769, 3.363251),
}


def test_r24_the_normal() -> None:
    expected = {0.95: (1.644854, 2.062713), 0.975: (1.959964, 2.337803), 0.99: (2.326348, 2.665214)}
    for confidence, numbers in expected.items():
        assert tuple(map(float, normal_tail(1.0, confidence))) == pytest.approx(numbers, abs=5e-7)


@pytest.mark.parametrize("degrees", R24_T)
def test_r24_the_t(degrees: int) -> None:
    found = [float(each) for c in (0.975, 0.99) for each in student_tail(1.0, degrees, c)]
    assert found == pytest.approx(R24_T[degrees], abs=5e-7)
    # ES a second way: the integral of x f(x) beyond the quantile.
    tail = integrate.quad(lambda x: x * stats.t.pdf(x, degrees), found[2], np.inf)[0]
    assert tail / 0.01 == pytest.approx(found[3], rel=1e-7)


def test_a_t_has_what_its_degrees_allow() -> None:
    assert student_scale(1.0, 4.0) == pytest.approx(np.sqrt(0.5))
    with pytest.raises(UserInputError, match="more than 2 degrees"):
        student_scale(1.0, 2.0)
    with pytest.raises(UserInputError, match="more than 1 degree"):
        student_tail(1.0, 1.0, 0.99)


def test_interval_comes_from_the_observations_behind_the_covariance() -> None:
    rng = np.random.default_rng(5)
    returns = rng.standard_normal((500, 2)) * 0.01
    estimated = estimator("sample").fit(returns, ("A", "B"))
    found = parametric_figures([1e6, -5e5], estimated, 0.99)
    assert isinstance(found, RiskFigures)
    assert found.var_interval is not None
    # 500 normal days know a volatility to about 6% either way.
    assert found.var_interval.low == pytest.approx(0.942 * found.var, rel=0.01)
    assert found.var_interval.high == pytest.approx(1.067 * found.var, rel=0.01)
    assert found.scenarios == 500
    given = parametric_figures([1e6, -5e5], estimated.covariance, 0.99)
    assert given.var == pytest.approx(found.var)
    assert given.var_interval is None
    assert "sampling error" in given.notes[0]


def test_low_rank_covariances_are_not_made_dense() -> None:
    rng = np.random.default_rng(6)
    low = LowRank(rng.standard_normal((40, 3)) * 0.01, np.full(40, 1e-4))
    held = rng.standard_normal((5, 40))
    assert exposure_volatility(held, low) == pytest.approx(exposure_volatility(held, low.dense()))
    with pytest.raises(UserInputError, match="do not fit a covariance of 40"):
        exposure_volatility(held[:, :7], low)
