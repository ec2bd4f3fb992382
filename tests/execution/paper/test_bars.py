"""Bars from closes: what is known is kept, the extremes follow the law of a Brownian bridge."""

from __future__ import annotations

import math
from decimal import Decimal

import pytest

from riskplatform.domain.instruments import Equity
from riskplatform.execution.paper.bars import bar_of_closes, price_step
from riskplatform.execution.paper.market import Bar
from riskplatform.execution.paper.rules import VenueRules

SHARE = Equity(instrument_id="ALFA", name="Alfa", currency="USD")
# Moves of +1 and -1 have a standard deviation of exactly 1.
CLOSES = [100.0, 101.0, 100.0, 101.0, 100.0, 100.5]


def made(seed: int, closes: list[float] = CLOSES) -> Bar:
    return bar_of_closes(SHARE, closes, 5_000.0, VenueRules(), seed=seed, day="2026-03-06")


def test_open_and_close_are_kept() -> None:
    bar = made(1)
    assert (bar.open, bar.close) == (Decimal(100), Decimal("100.5"))
    assert bar.volume == 5_000


def test_high_has_the_law_of_the_bridge() -> None:
    """P(max > m) = exp(-2 m (m - c) / v) for a bridge from 0 to c of variance v."""
    highs = [float(made(seed).high) - 100.0 for seed in range(3_000)]
    for level in (0.8, 1.0, 1.5, 2.0):
        expected = math.exp(-2.0 * level * (level - 0.5))
        share = sum(high > level for high in highs) / len(highs)
        error = math.sqrt(expected * (1 - expected) / len(highs))
        assert share == pytest.approx(expected, abs=4 * error)


def test_low_has_it_too() -> None:
    """The same, upside down: the bridge falls by -0.5, that is, it ends 0.5 higher."""
    lows = [100.0 - float(made(seed).low) for seed in range(3_000)]
    for level in (0.3, 0.6, 1.0):
        expected = math.exp(-2.0 * level * (level + 0.5))
        share = sum(low > level for low in lows) / len(lows)
        error = math.sqrt(expected * (1 - expected) / len(lows))
        # The low is rounded to a hundredth, which moves the level by half of one.
        assert share == pytest.approx(expected, abs=4 * error + 0.01)


@pytest.mark.parametrize("closes", [[50.0], [50.0, 51.0], [50.0, 51.0, 52.0]])
def test_without_a_past_there_is_no_range(closes: list[float]) -> None:
    bar = made(1, closes)
    assert {bar.low, bar.high} <= {bar.open, bar.close}


def test_a_wild_past_does_not_make_a_negative_price() -> None:
    closes = [100.0, 1.0, 100.0, 1.0, 1.0]
    assert all(made(seed, closes).low >= Decimal("0.5") for seed in range(50))


@pytest.mark.parametrize(
    ("price", "step"),
    [(5030.0, "0.01"), (100.0, "0.01"), (52.0, "0.001"), (1.1, "0.0001"), (0.05, "0.000001"),
     (0.0, "0.0001"), (-3.0, "0.0001")],
)  # fmt: skip
def test_price_steps(price: float, step: str) -> None:
    assert price_step(price) == Decimal(step)
