"""The quick functions against SciPy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import log_ndtr, ndtr, ndtri

from riskplatform.pricing.options import special


def test_quick_functions_are_good_to_twelve_digits() -> None:
    for x in np.linspace(-690.0, 690.0, 2001).tolist():
        assert special.quick_exp(x) == pytest.approx(np.exp(x), rel=1e-12)
    for x in np.linspace(-40.0, 40.0, 2001).tolist():
        assert special.quick_cdf(x) == pytest.approx(ndtr(x), abs=1e-13)
    assert special.quick_exp(-1e9) < 1e-300


def test_the_normal_distribution_in_its_tails() -> None:
    for x in np.linspace(-37.0, 9.0, 500).tolist():
        assert special.cdf(x) == pytest.approx(ndtr(x), rel=1e-12)
        assert special.log_cdf(x) == pytest.approx(log_ndtr(x), rel=1e-12)
    assert special.log_cdf(-1000.0) == pytest.approx(log_ndtr(-1000.0), rel=1e-13)
    assert special.scaled_cdf(5000.0, -100.0) == pytest.approx(
        np.exp(5000.0 + log_ndtr(-100.0)), rel=1e-9
    )
    for p in (1e-300, 1e-20, 1e-3, 0.02425, 0.3, 0.5, 0.8, 1 - 1e-9):
        assert special.inverse_cdf(p) == pytest.approx(ndtri(p), rel=1e-12, abs=1e-15)
    assert special.inverse_cdf(0.0) == -np.inf
