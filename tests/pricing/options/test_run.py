"""Blocks, threads and shapes give the same numbers."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from riskplatform.pricing.options.run import BLOCK
from riskplatform.pricing.options.status import REASONS, Status, reason
from riskplatform.pricing.options.vanilla import vanilla_greeks, vanilla_price
from riskplatform.pricing.warm import warm_up


@pytest.mark.parametrize(
    "shape", [(), (0,), (1,), (BLOCK,), (3 * BLOCK + 1,), (7, 5000), (5000, 7), (3, 4, 5), (1, 0)]
)
def test_every_shape_gives_the_numbers_of_its_rows(shape: tuple[int, ...]) -> None:
    spot = np.random.default_rng(1).uniform(80, 120, shape)
    found = vanilla_price(spot, 100.0, 1.0, 0.2, 0.03, 0.0, True)
    assert found.value.shape == found.status.shape == shape
    for place in [tuple(n // 2 for n in shape), tuple(n - 1 for n in shape)]:
        if spot.size:
            one = vanilla_price(spot[place], 100.0, 1.0, 0.2, 0.03, 0.0, True)
            assert found.value[place] == one.value


def test_instruments_against_states() -> None:
    strike, spot = np.linspace(50, 150, 400)[:, None], np.linspace(80, 120, 300)[None, :]
    one, two = (vanilla_greeks(spot, strike, 1.0, 0.2, 0.03, 0.0, True, threads=n) for n in (1, 2))
    assert one.price.shape == (400, 300)
    np.testing.assert_array_equal(one.vanna, two.vanna)


def test_threads_of_the_caller_may_enter_together() -> None:
    spot = np.linspace(80, 120, 4 * BLOCK)
    expected = vanilla_price(spot, 100.0, 1.0, 0.2, 0.03, 0.0, True).value
    found: list[np.ndarray] = []

    def work() -> None:
        found.append(vanilla_price(spot, 100.0, 1.0, 0.2, 0.03, 0.0, True).value)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    for value in found:
        np.testing.assert_array_equal(value, expected)


def test_every_status_has_a_reason() -> None:
    assert set(REASONS) == set(Status)
    assert reason(2) == REASONS[Status.BAD_SPOT]


def test_warming_up_compiles_what_it_prices() -> None:
    warm_up()
