"""The mean over all orders of steps, and the second order of Taylor: reference case R28."""

from __future__ import annotations

from itertools import combinations, permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskplatform.pricing.options.vanilla import vanilla_greeks, vanilla_price
from riskplatform.risk.explain.revaluation import averaged_steps
from riskplatform.risk.explain.taylor import greek_terms

STEPS = ("time", "price", "rates", "fx")
SUBSETS = [frozenset(each) for size in range(5) for each in combinations(STEPS, size)]
numbers = st.floats(-1e6, 1e6, allow_nan=False)


@given(st.lists(numbers, min_size=len(SUBSETS), max_size=len(SUBSETS)))
def test_steps_are_the_mean_over_all_orders_and_sum_to_the_whole(values: list[float]) -> None:
    worth = {each: np.array([value]) for each, value in zip(SUBSETS, values, strict=True)}
    found = averaged_steps(worth, STEPS)
    orders = list(permutations(STEPS))
    expected = dict.fromkeys(STEPS, 0.0)
    for order in orders:
        for place, step in enumerate(order):
            gain = worth[frozenset(order[: place + 1])] - worth[frozenset(order[:place])]
            expected[step] += float(gain[0]) / len(orders)
    for step in STEPS:
        assert float(found[step][0]) == pytest.approx(expected[step], abs=1e-5)
    whole = float(worth[frozenset(STEPS)][0] - worth[frozenset()][0])
    assert sum(float(x[0]) for x in found.values()) == pytest.approx(whole, abs=1e-5)


def test_r28_by_greeks() -> None:
    """S 100 to 103, volatility 20 % to 22 %, one day passes; the call of R27."""
    greeks = vanilla_greeks(100.0, 100.0, 0.5, 0.20, 0.03, 0.0, True)
    later = vanilla_price(103.0, 100.0, 0.5 - 1 / 365, 0.22, 0.03, 0.0, True)
    terms = greek_terms(greeks, 3.0, 0.02, 1 / 365)
    expected = {
        "delta": 1.710474, "gamma": 0.124975, "vega": 0.555443, "theta": -0.019380,
        "vanna": -0.004166, "volga": 0.000174,
    }  # fmt: skip
    assert set(terms) == set(expected)
    for name, value in expected.items():
        assert float(terms[name]) == pytest.approx(value, abs=5e-7), name
    total = float(later.value) - float(greeks.price)
    assert total == pytest.approx(2.352875, abs=5e-7)
    assert total - sum(float(x) for x in terms.values()) == pytest.approx(-0.014644, abs=1e-6)
