"""Arbitrage checks: known bad surfaces are found at their place, good ones are not."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskplatform.market.arbitrage import arbitrage_violations
from riskplatform.market.surfaces import VolSurface

DAY = date(2024, 6, 3)


def _surface(axis: str, expiries: object, points: object, vols: object) -> VolSurface:
    return VolSurface("VOL.X", DAY, axis, expiries, points, vols)  # type: ignore[arg-type] # lists


def _ssvi(k: np.ndarray, expiry: float) -> np.ndarray:
    """Gatheral and Jacquier (2014), power-law SSVI with eta (1 + |rho|) <= 2: no arbitrage."""
    theta, rho, eta = 0.04 * expiry, -0.7, 1.1
    phi = eta / np.sqrt(theta * (1 + theta))
    return theta / 2 * (1 + rho * phi * k + np.sqrt((phi * k + rho) ** 2 + 1 - rho**2))


def test_an_arbitrage_free_family_passes() -> None:
    points = np.exp(np.linspace(-0.6, 0.5, 23))
    expiries = [1 / 12, 0.25, 0.5, 1.0, 2.0]
    vols = [np.sqrt(_ssvi(np.log(points), expiry) / expiry) for expiry in expiries]
    assert arbitrage_violations(_surface("moneyness", expiries, points, vols)) == ()


def test_axel_vogts_smile_has_its_known_butterfly() -> None:
    # Gatheral and Jacquier (2014), example 3.1: the density is negative around k = 0.8 to 1.
    a, b, m, rho, sigma = -0.0410, 0.1331, 0.3586, 0.3060, 0.4153
    k = np.linspace(-1.5, 1.5, 121)
    total = a + b * (rho * (k - m) + np.sqrt((k - m) ** 2 + sigma**2))
    (found,) = arbitrage_violations(_surface("moneyness", [1.0], np.exp(k), np.sqrt(total)))
    # Durrleman's function by hand says where the density is negative.
    x = np.linspace(-1.4, 1.4, 20_001)
    root = np.sqrt((x - m) ** 2 + sigma**2)
    w = a + b * (rho * (x - m) + root)
    slope, bend = b * (rho + (x - m) / root), b * sigma**2 / root**3
    g = (1 - x * slope / (2 * w)) ** 2 - slope**2 / 4 * (1 / w + 0.25) + bend / 2
    negative = x[g < 0]
    assert found.kind == "butterfly"
    assert negative[0] < np.log(found.moneyness) < negative[-1]
    assert "butterfly arbitrage" in str(found)


@pytest.mark.parametrize(
    ("axis", "points"), [("moneyness", [0.9, 1.0, 1.1]), ("strike", [90.0, 100.0, 110.0])]
)
def test_falling_total_variance_is_found_at_its_strike(axis: str, points: list[float]) -> None:
    vols = [[0.20, 0.20, 0.30], [0.20, 0.20, 0.20]]
    found = arbitrage_violations(_surface(axis, [0.5, 1.0], points, vols))
    calendar = [each for each in found if each.kind == "calendar"]
    assert len(calendar) == 1
    assert calendar[0].expiry == 1.0
    assert calendar[0].moneyness == pytest.approx(1.1)
    assert calendar[0].size == pytest.approx(0.09 * 0.5 - 0.04)


def test_the_tolerance_is_the_callers() -> None:
    surface = _surface("moneyness", [0.5, 1.0], [0.9, 1.1], [[0.3, 0.3], [0.2, 0.2]])
    assert arbitrage_violations(surface)
    assert arbitrage_violations(surface, tolerance=0.1) == ()


@given(
    vols=st.lists(st.floats(min_value=0.05, max_value=1.0), min_size=6, max_size=6),
    axis=st.sampled_from(["moneyness", "strike"]),
)
def test_it_never_raises(vols: list[float], axis: str) -> None:
    for each in arbitrage_violations(_surface(axis, [0.5, 1.0], [0.8, 1.0, 1.2], vols)):
        assert each.size > 0
        assert 0.5 < each.moneyness < 2.0


@given(vol=st.floats(min_value=0.02, max_value=1.5))
def test_a_flat_surface_allows_none(vol: float) -> None:
    for axis, points in (("moneyness", [0.8, 1.0, 1.2]), ("delta", [0.1, 0.5, 0.9])):
        assert arbitrage_violations(_surface(axis, [0.1, 1.0], points, [vol] * 6)) == ()


def test_one_point_is_a_term_structure() -> None:
    assert arbitrage_violations(_surface("delta", [0.5, 1.0], [0.5], [0.2, 0.2])) == ()
    assert len(arbitrage_violations(_surface("delta", [0.5, 1.0], [0.5], [0.3, 0.2]))) == 1
