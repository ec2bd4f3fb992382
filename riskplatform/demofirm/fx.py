"""Currency pairs and forwards: three-month hedges that were rolled, and what runs today."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np

from riskplatform.demofirm.stage import Item, RowArray, Stage
from riskplatform.domain.instruments import FxForward, FxSpot
from riskplatform.market.synthetic.listings import FX_PAIRS
from riskplatform.pricing.formulas.arrays import FloatArray

FORWARD_PAIRS = (
    ("EUR", "USD"), ("GBP", "USD"), ("USD", "JPY"), ("USD", "CHF"), ("AUD", "USD"),
    ("USD", "CAD"), ("EUR", "GBP"), ("EUR", "CHF"),
)  # fmt: skip
_LIVE_MONTHS = (3, 6, 9)
_DECIMALS = {"JPY": 2}


def pair_items(stage: Stage) -> list[Item]:
    """The pairs against the dollar, in market order."""
    return [
        Item(
            FxSpot(
                instrument_id=pair.pair_id,
                name=f"{pair.base}/{pair.quote} spot",
                currency=pair.quote,
                bought_currency=pair.base,
            ),
            0,
            stage.end,
        )
        for pair in FX_PAIRS
    ]


def spot(stage: Stage, bought: str, sold: str) -> FloatArray:
    """Units of ``sold`` for one of ``bought``, by row, by way of the dollar."""
    return np.asarray(stage.usd(bought) / stage.usd(sold))


def forward_items(stage: Stage) -> list[Item]:
    """Forwards struck at the market: a chain of quarterly rolls, then the live ones."""
    items = []
    for place, (bought, sold) in enumerate(FORWARD_PAIRS):
        row = stage.opening + 5 + place
        while row <= stage.end:
            maturity = _weekday(stage.day(row) + timedelta(days=91))
            items.append(_forward(stage, bought, sold, row, maturity))
            row = stage.row(maturity)
        for months in _LIVE_MONTHS[1:]:
            struck = stage.end - 9 * months - 2 * place
            maturity = _weekday(stage.day(struck) + timedelta(days=30 * months + 30))
            items.append(_forward(stage, bought, sold, struck, maturity))
    return items


def _forward(stage: Stage, bought: str, sold: str, row: int, maturity: date) -> Item:
    level = float(_outright(stage, bought, sold, maturity, np.array([row]))[0])
    # A fair forward is worth nothing, and what costs nothing is no trade: dealers take a pip.
    rate = round(level, _DECIMALS.get(sold, 4)) * 1.0
    rate = round(rate + 10.0 ** -_DECIMALS.get(sold, 4), 6)
    instrument = FxForward(
        instrument_id=f"FWD.{bought}{sold}.{maturity:%Y%m%d}.{stage.day(row):%Y%m%d}",
        name=f"{bought}/{sold} forward {maturity} at {rate}",
        currency=sold,
        bought_currency=bought,
        sold_currency=sold,
        rate=rate,
        maturity=maturity,
    )
    return Item(instrument, row, min(stage.row(maturity), stage.end))


def forward_values(stage: Stage, item: Item) -> FloatArray:
    """Value of one unit in the sold currency on the rows of a forward."""
    forward = item.instrument
    assert isinstance(forward, FxForward)
    rows = np.arange(item.first, item.last + 1)
    years = np.maximum(stage.years_to(forward.maturity, rows), 0.0)
    sold = np.exp(-stage.zero_rates(f"{forward.sold_currency}.OIS", rows, years) * years)
    outright = _outright(
        stage, forward.bought_currency, forward.sold_currency, forward.maturity, rows
    )
    return np.round((outright - forward.rate) * sold, 8)


def _outright(stage: Stage, bought: str, sold: str, maturity: date, rows: RowArray) -> FloatArray:
    years = np.maximum(stage.years_to(maturity, rows), 0.0)
    rate_bought = stage.zero_rates(f"{bought}.OIS", rows, years)
    rate_sold = stage.zero_rates(f"{sold}.OIS", rows, years)
    return np.asarray(spot(stage, bought, sold)[rows] * np.exp((rate_sold - rate_bought) * years))


def _weekday(day: date) -> date:
    """The day, or the Monday after a weekend."""
    return day + timedelta(days=max(0, 7 - day.weekday()) if day.weekday() >= 5 else 0)
