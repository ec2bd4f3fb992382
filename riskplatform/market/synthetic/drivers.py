"""The drivers: one per independent source of movement, with its scale, pull and common shocks.

A driver's daily shock is a mix of a few latent common shocks and one of its own, of unit variance
in calm times. ``scale`` is the daily standard deviation in calm times (log, or percentage points
for rates), ``pull`` the share of the gap to its anchor path that closes in a day.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from riskplatform.market.synthetic.anchors import FLAT, AnchorPath
from riskplatform.market.synthetic.anchors_prices import (
    BANK_FUNDING_STRAIN,
    COIN,
    COMMODITY,
    CURRENCY,
    EQUITY_TILTS,
    MARKET,
)
from riskplatform.market.synthetic.anchors_rates import (
    GOVERNMENT_SPREAD,
    OVERNIGHT,
    SIX_MONTH_BASIS,
    TEN_YEAR,
)
from riskplatform.market.synthetic.places import COUNTRIES, REGION_CODES
from riskplatform.market.synthetic.sectors import SECTORS

LATENTS = (
    "RISK",
    "RATES",
    "INFLATION",
    "DOLLAR",
    "ENERGY",
    "METALS",
    "COIN",
    "CREDIT",
    "VOLATILITY",
)

# Outside the years of inflation this latent sleeps; its season wakes it (see ``crises``).
INFLATION_IN_CALM = 0.1

MARKET_DRIVER = "STY.MARKET"
VOL_INDICES = ("IDX.US500", "IDX.EU50", "IDX.UK100", "IDX.JP225", "IDX.HK50", "IDX.EM")
VOL_COINS = ("BTC", "ETH")
VOL_PAIRS = ("EURUSD", "GBPUSD", "USDJPY", "USDCHF", "AUDUSD", "USDCAD", "USDMXN", "USDBRL")

CREDIT_INDICES: Mapping[str, tuple[float, float]] = {
    # index: (usual spread in bp, daily log standard deviation)
    "NA_IG": (62.0, 0.017),
    "NA_HY": (360.0, 0.014),
    "EU_IG": (64.0, 0.018),
    "EU_HY": (330.0, 0.015),
    "AP_IG": (78.0, 0.014),
    "EM_SOV": (210.0, 0.015),
    "DM_SOV": (24.0, 0.014),
    "BANKS": (80.0, 0.019),
    "NA_BBB": (105.0, 0.016),
    "NA_CCC": (820.0, 0.013),
}


@dataclass(frozen=True)
class Driver:
    """One source of movement; ``group`` says which crisis multiple its own shock takes."""

    driver_id: str
    group: str
    scale: float
    pull: float
    anchor: AnchorPath = FLAT
    loads: Mapping[str, float] = field(default_factory=dict)


_CURRENCY_MOVES: Mapping[str, tuple[float, Mapping[str, float]]] = {
    "EUR": (0.0044, {"DOLLAR": -0.80}),
    "GBP": (0.0052, {"DOLLAR": -0.62, "RISK": 0.15}),
    "JPY": (0.0050, {"DOLLAR": -0.45, "RATES": -0.40, "RISK": -0.12}),
    "CHF": (0.0045, {"DOLLAR": -0.70, "RISK": -0.10}),
    "CAD": (0.0044, {"DOLLAR": -0.45, "RISK": 0.22, "ENERGY": 0.25}),
    "AUD": (0.0056, {"DOLLAR": -0.55, "RISK": 0.28, "METALS": 0.15}),
    "HKD": (0.0003, {"DOLLAR": -0.10}),
    "SEK": (0.0056, {"DOLLAR": -0.70, "RISK": 0.16}),
    "NOK": (0.0062, {"DOLLAR": -0.58, "RISK": 0.18, "ENERGY": 0.25}),
    "BRL": (0.0095, {"DOLLAR": -0.30, "RISK": 0.30}),
    "MXN": (0.0076, {"DOLLAR": -0.30, "RISK": 0.30}),
    "INR": (0.0030, {"DOLLAR": -0.35, "RISK": 0.20}),
    "KRW": (0.0054, {"DOLLAR": -0.45, "RISK": 0.22}),
    "ZAR": (0.0096, {"DOLLAR": -0.40, "RISK": 0.24, "METALS": 0.15}),
    "SGD": (0.0030, {"DOLLAR": -0.65, "RISK": 0.18}),
}

_COMMODITY_MOVES: Mapping[str, tuple[float, Mapping[str, float]]] = {
    "WTI": (0.0195, {"ENERGY": 0.92, "RISK": 0.20}),
    "BRENT": (0.0185, {"ENERGY": 0.94, "RISK": 0.20}),
    "NATGAS": (0.031, {"ENERGY": 0.15}),
    "GOLD": (0.0082, {"METALS": 0.80, "RATES": -0.28, "DOLLAR": -0.30}),
    "SILVER": (0.0160, {"METALS": 0.82, "DOLLAR": -0.25, "RISK": 0.08}),
    "COPPER": (0.0120, {"METALS": 0.30, "RISK": 0.28, "DOLLAR": -0.25}),
    "WHEAT": (0.0170, {"DOLLAR": -0.10, "ENERGY": 0.08}),
    "CORN": (0.0140, {"DOLLAR": -0.10, "ENERGY": 0.15}),
}

_COIN_MOVES: Mapping[str, tuple[float, float]] = {
    "BTC": (0.033, 0.92), "ETH": (0.042, 0.86), "SOL": (0.055, 0.74), "XRP": (0.050, 0.68),
    "LTC": (0.045, 0.80),
}  # fmt: skip

_SECTOR_LOADS: Mapping[str, Mapping[str, float]] = {
    "ENERGY": {"ENERGY": 0.50},
    "MATERIALS": {"METALS": 0.25},
    "FINANCIALS": {"RATES": 0.32},
    "TECHNOLOGY": {"INFLATION": -0.35},
    "UTILITIES": {"RATES": -0.30},
    "REALESTATE": {"RATES": -0.34},
    "STAPLES": {"RATES": -0.15},
}

_STYLE_MOVES: Mapping[str, tuple[float, Mapping[str, float]]] = {
    "VALUE": (0.0016, {"RATES": 0.25}),
    "MOMENTUM": (0.0020, {"RISK": -0.12}),
    "QUALITY": (0.0011, {"RISK": -0.15}),
    "LOWVOL": (0.0014, {"RISK": -0.18, "RATES": -0.20}),
    "SIZE": (0.0013, {}),
}

# Daily standard deviation of the ten-year rate in percentage points, near a level of 3 %.
_RATE_MOVES: Mapping[str, tuple[float, float]] = {
    "USD": (0.055, 0.80), "EUR": (0.050, 0.76), "GBP": (0.058, 0.72), "JPY": (0.024, 0.40),
    "CHF": (0.045, 0.62), "CAD": (0.056, 0.80), "AUD": (0.060, 0.66),
}  # fmt: skip


@lru_cache(maxsize=1)
def all_drivers() -> tuple[Driver, ...]:
    """Every driver, in the fixed order that its random stream is laid out in."""
    return (
        *_equity_drivers(), *_currency_drivers(), *_commodity_drivers(), *_coin_drivers(),
        *_rate_drivers(), *_credit_drivers(), *_volatility_drivers(), *_dividend_drivers(),
    )  # fmt: skip


def _equity_drivers() -> Iterator[Driver]:
    yield Driver(MARKET_DRIVER, "equity", 0.0084, 0.02, MARKET, {"RISK": 0.99, "INFLATION": -0.35})
    for code in REGION_CODES.values():
        path = EQUITY_TILTS[f"CTY.{code}"]
        yield Driver(f"CTY.{code}", "equity", 0.0026, 0.004, path)
    for country in COUNTRIES:
        scale = 0.0022 if country.code == "US" else 0.0038
        if country.region == "Emerging":
            scale = 0.0060
        yield Driver(f"CTY.{country.code}", "equity", scale, 0.004)
    for sector in SECTORS:
        factor_id = f"SEC.{sector.code}"
        path = EQUITY_TILTS.get(factor_id, FLAT)
        scale = 0.0085 if sector.code == "ENERGY" else 0.0044
        yield Driver(factor_id, "equity", scale, 0.004, path, _SECTOR_LOADS.get(sector.code, {}))
    for style, (scale, loads) in _STYLE_MOVES.items():
        path = EQUITY_TILTS.get(f"STY.{style}", FLAT)
        yield Driver(f"STY.{style}", "equity", scale, 0.003, path, loads)


def _currency_drivers() -> Iterator[Driver]:
    for currency, (scale, loads) in _CURRENCY_MOVES.items():
        pull = 0.06 if currency == "HKD" else 0.03
        yield Driver(f"FX.{currency}", "fx", scale, pull, CURRENCY[currency], loads)


def _commodity_drivers() -> Iterator[Driver]:
    for code, (scale, loads) in _COMMODITY_MOVES.items():
        yield Driver(f"CM.{code}", "commodity", scale, 0.018, COMMODITY[code], loads)
    for code in _COMMODITY_MOVES:
        # Carry of the commodity, a rate per year: convenience yield less storage.
        yield Driver(f"CARRY.{code}", "commodity", 0.006, 0.02, FLAT, {"ENERGY": 0.2})


def _coin_drivers() -> Iterator[Driver]:
    for code, (scale, load) in _COIN_MOVES.items():
        loads = {"COIN": load, "RISK": 0.16}
        yield Driver(f"CX.{code}", "coin", scale, 0.018, COIN[code], loads)


def _rate_drivers() -> Iterator[Driver]:
    for currency, (scale, load) in _RATE_MOVES.items():
        yield Driver(
            f"SHORT.{currency}", "rates", 0.25 * scale, 0.04, OVERNIGHT[currency], {"RATES": 0.35}
        )
        level_loads = {"RATES": load, "INFLATION": 0.40, "RISK": 0.14}
        yield Driver(f"TEN.{currency}", "rates", scale, 0.045, TEN_YEAR[currency], level_loads)
        yield Driver(f"HUMP.{currency}", "rates", 1.7 * scale, 0.025, FLAT, {"RATES": 0.30})
    for currency, path in GOVERNMENT_SPREAD.items():
        size = 0.006 if currency == "JPY" else 0.011
        yield Driver(f"GOVT.{currency}", "rates", size, 0.04, path, {"RISK": 0.15})
    for currency, path in SIX_MONTH_BASIS.items():
        yield Driver(f"BASIS.{currency}", "rates", 0.005, 0.05, path, {"RISK": -0.25})


def _credit_drivers() -> Iterator[Driver]:
    for code, (_, scale) in CREDIT_INDICES.items():
        loads = {"RISK": -0.58, "CREDIT": 0.55}
        path = BANK_FUNDING_STRAIN if code == "BANKS" else FLAT
        yield Driver(f"CR.{code}", "credit", scale, 0.03, path, loads)


def _volatility_drivers() -> Iterator[Driver]:
    for index_id in VOL_INDICES:
        loads = {"RISK": -0.76, "VOLATILITY": 0.40}
        yield Driver(f"VOL.{index_id}", "volatility", 0.042, 0.06, FLAT, loads)
    for pair_id in VOL_PAIRS:
        loads = {"RISK": -0.25, "VOLATILITY": 0.45}
        yield Driver(f"VOL.{pair_id}", "volatility", 0.025, 0.05, FLAT, loads)
    for coin in VOL_COINS:
        loads = {"COIN": -0.25, "VOLATILITY": 0.25}
        yield Driver(f"VOL.{coin}", "volatility", 0.035, 0.05, FLAT, loads)
    for code in ("GOLD", "WTI"):
        loads = {"RISK": -0.20, "VOLATILITY": 0.40}
        yield Driver(f"VOL.CM.{code}", "volatility", 0.030, 0.05, FLAT, loads)


def _dividend_drivers() -> Iterator[Driver]:
    for index_id in VOL_INDICES:
        yield Driver(f"DIV.{index_id}", "dividend", 0.006, 0.01, FLAT, {"RISK": -0.3})
