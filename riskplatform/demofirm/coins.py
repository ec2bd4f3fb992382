"""Coins and the perpetuals on them. The feed of the demo quotes them from Monday to Friday."""

from __future__ import annotations

from riskplatform.demofirm.stage import Item, Stage
from riskplatform.domain.instruments import Coin, Perpetual, Tags
from riskplatform.pricing.formulas.arrays import FloatArray

_DECIMALS = {"BTC": 2, "ETH": 2, "SOL": 3, "XRP": 5, "LTC": 3}
_PERPETUALS = ("BTC", "ETH", "SOL")
_CALENDAR = "WEEKENDS"


def coin_items(stage: Stage) -> list[Item]:
    tags = Tags(sector="Digital assets", region="Global")
    return [
        Item(
            Coin(
                instrument_id=coin.code,
                name=coin.title,
                currency="USD",
                calendar=_CALENDAR,
                tags=tags,
            ),
            0,
            stage.end,
        )
        for coin in stage.history.universe.coins
    ]


def perpetual_items(stage: Stage) -> list[Item]:
    titles = {coin.code: coin.title for coin in stage.history.universe.coins}
    return [
        Item(
            Perpetual(
                instrument_id=f"{code}.PERP",
                name=f"{titles[code]} perpetual",
                currency="USD",
                calendar=_CALENDAR,
                tags=Tags(sector="Digital assets", region="Global"),
                underlying_id=code,
                funding_index_id=funding_index(code),
            ),
            0,
            stage.end,
        )
        for code in _PERPETUALS
    ]


def funding_index(code: str) -> str:
    """The fixing series of what a long perpetual pays per day."""
    return f"FUNDING.{code}"


def coin_prices(stage: Stage, code: str) -> FloatArray:
    prices: FloatArray = stage.history.coins.of(code).round(_DECIMALS[code])
    return prices


def perpetual_prices(stage: Stage, code: str) -> FloatArray:
    """Spot with the premium that the day's funding pays for."""
    premium = 1.0 + stage.history.perpetual_funding.of(code)
    prices: FloatArray = (stage.history.coins.of(code) * premium).round(_DECIMALS[code])
    return prices
