"""A desk that holds a put spread on one share, with a flat smile: a skew by hand."""

from __future__ import annotations

import math
from datetime import date
from decimal import Decimal
from pathlib import Path

import pandas as pd

from riskplatform.desk import Desk
from riskplatform.domain.instruments import Cash, Equity, Option, Right, Tags, Underlying
from tests.desk.conftest import move, node, now

LAST, EXPIRY = date(2026, 3, 6), date(2026, 9, 4)
DAYS = [day.date() for day in pd.bdate_range(end=LAST, periods=31)]
# What has been on the way to today's level, as a share of it: nothing of rates and of currencies.
PAST = [1.0 + 0.01 * math.sin(place) for place in range(30, 0, -1)] + [1.0]
SPOT, RATE, VOL, SPREADS, MULTIPLIER = 100.0, 0.03, 0.25, 50, 100
YEARS = (EXPIRY - LAST).days / 365
FORWARD = SPOT * math.exp(RATE * YEARS)
# At the money and 90 % of the forward.
HIGH, LOW = FORWARD, 0.9 * FORWARD
STEEPER = """\
title: The smile steepens
kind: hypothetical
parameters: {rise: +2 points}
shocks:
  - volatility: {asset_class: equity}
    skew: ${rise}
"""


def put_value(strike: float, vol: float, spot: float = SPOT) -> float:
    """Black and Scholes without dividends, from the textbook."""
    deviation = vol * math.sqrt(YEARS)
    one = (math.log(spot / strike) + RATE * YEARS) / deviation + deviation / 2.0
    below, before = (0.5 * math.erfc(x / math.sqrt(2.0)) for x in (one, one - deviation))
    return strike * math.exp(-RATE * YEARS) * before - spot * below


def spread_value(high_vol: float, low_vol: float, spot: float = SPOT) -> float:
    """All that is held: puts at the money bought, as many 10 % below sold."""
    one = put_value(HIGH, high_vol, spot) - put_value(LOW, low_vol, spot)
    return SPREADS * MULTIPLIER * one


def _put(name: str, strike: float) -> Option:
    return Option(
        instrument_id=name, name=name, currency="USD", multiplier=Decimal(MULTIPLIER),
        underlying_id="ALFA", underlying_type=Underlying.EQUITY, right=Right.PUT, strike=strike,
        expiry=EXPIRY, discount_curve_id="USD.OIS", surface_id="VOL.ALFA", calendar="WEEKENDS",
    )  # fmt: skip


def make(folder: Path) -> Desk:
    """Filled, and open."""
    desk = Desk.create(folder, name="Spread desk", clock=now)
    desk.put_portfolios([node("firm", None, "firm"), node("growth", "firm", "book")])
    share = Equity(
        instrument_id="ALFA", name="Alfa", currency="USD", calendar="WEEKENDS",
        tags=Tags(sector="Energy", country="US"),
    )  # fmt: skip
    desk.put_instruments([share, _put("HIGH", HIGH), _put("LOW", LOW), Cash.of("USD")])
    desk.add_transactions(
        [
            move("o1", "opening", 2, instrument_id="HIGH", quantity=SPREADS),
            move("o2", "opening", 2, instrument_id="LOW", quantity=-SPREADS),
        ],
        reason="the spread",
    )
    with desk.lake.batch() as batch:
        for table, rows in _market().items():
            batch.write(table, rows)
    desk.new_scenario("steeper", STEEPER)
    return desk


def _market() -> dict[str, pd.DataFrame]:
    whole = list(zip(DAYS, PAST, strict=True))
    return {
        "prices": pd.DataFrame(
            [("ALFA", day, SPOT * share, None, "test") for day, share in whole],
            columns=["instrument_id", "date", "close", "volume", "source"],
        ),
        "fx": pd.DataFrame(
            [("EUR", day, 1.1, "test") for day in DAYS],
            columns=["currency", "date", "usd_per_unit", "source"],
        ),
        "curves": pd.DataFrame(
            [("USD.OIS", day, [0.25, 1.0, 5.0], [RATE] * 3, "linear_zero", "test") for day in DAYS],
            columns=["curve_id", "date", "times", "zero_rates", "interpolation", "source"],
        ),
        "vol_surfaces": pd.DataFrame(
            [("VOL.ALFA", day, "moneyness", [0.25, 1.0], [0.8, 1.0, 1.2], [VOL / share] * 6, "test")
             for day, share in whole],
            columns=["surface_id", "date", "axis", "expiries", "points", "vols", "source"],
        ),
        "carry": pd.DataFrame(
            [("DIV.ALFA", day, [1.0], [0.0], "test") for day in DAYS],
            columns=["underlying_id", "date", "times", "yields", "source"],
        ),
    }  # fmt: skip
