"""What is listed beside shares: indices, futures roots, coins and currency pairs."""

from __future__ import annotations

from dataclasses import dataclass

from riskplatform.market.synthetic.places import ASIA_PACIFIC, COUNTRIES, EMERGING, EUROPE

FX_CURRENCIES = (
    "EUR", "GBP", "JPY", "CHF", "CAD", "AUD", "HKD", "SEK",
    "NOK", "BRL", "MXN", "INR", "KRW", "ZAR", "SGD",
)  # fmt: skip

# Currencies that the market quotes as so many dollars for one of them.
_DOLLARS_PER_UNIT = ("EUR", "GBP", "AUD")


@dataclass(frozen=True)
class EquityIndex:
    """An equity price index: ``IDX.<CODE>``. Empty region, country or sector means all."""

    instrument_id: str
    title: str
    currency: str
    region: str
    country: str
    sector: str
    first_level: float


@dataclass(frozen=True)
class FuturesRoot:
    """A family of futures. ``underlying`` is an index, ``CM.<code>`` or a government curve."""

    root: str
    title: str
    kind: str
    underlying: str
    exchange: str
    currency: str
    multiplier: float
    months: tuple[int, ...]


@dataclass(frozen=True)
class Coin:
    """A crypto-currency quoted in US dollars."""

    code: str
    title: str


@dataclass(frozen=True)
class FxPair:
    """A currency pair in market order: one ``base`` costs so many ``quote``."""

    pair_id: str
    base: str
    quote: str


_QUARTERLY = (3, 6, 9, 12)
_MONTHLY = tuple(range(1, 13))
_GRAIN = (3, 5, 7, 9, 12)

_COUNTRIES_WITH_INDEX = (
    "US", "CA", "GB", "DE", "FR", "CH", "SE", "JP", "AU", "HK", "SG", "BR", "MX", "IN", "KR", "ZA",
)  # fmt: skip

INDICES: tuple[EquityIndex, ...] = (
    EquityIndex("IDX.WORLD", "World Equity", "USD", "", "", "", 1650.0),
    EquityIndex("IDX.EU50", "Europe 50", "EUR", EUROPE, "", "", 3200.0),
    EquityIndex("IDX.APAC", "Asia-Pacific Developed", "USD", ASIA_PACIFIC, "", "", 1250.0),
    EquityIndex("IDX.EM", "Emerging Markets", "USD", EMERGING, "", "", 780.0),
    *(
        EquityIndex(
            f"IDX.{country.index_code}", country.index_title, country.currency,
            country.region, country.code, "", country.index_level,
        )
        for country in COUNTRIES
        if country.code in _COUNTRIES_WITH_INDEX
    ),
    EquityIndex(
        "IDX.USTECH", "US Technology 100", "USD", "North America", "US", "TECHNOLOGY", 4500.0
    ),
    EquityIndex("IDX.WFIN", "World Financials", "USD", "", "", "FINANCIALS", 95.0),
    EquityIndex("IDX.WENERGY", "World Energy", "USD", "", "", "ENERGY", 160.0),
    EquityIndex("IDX.WHEALTH", "World Health Care", "USD", "", "", "HEALTH", 200.0),
)  # fmt: skip

FUTURES: tuple[FuturesRoot, ...] = (
    FuturesRoot("FUS", "US Large Cap 500 future", "index", "IDX.US500", "XCME", "USD", 50.0,
                _QUARTERLY),
    FuturesRoot("FEU", "Europe 50 future", "index", "IDX.EU50", "XEUR", "EUR", 10.0, _QUARTERLY),
    FuturesRoot("FJP", "Japan 225 future", "index", "IDX.JP225", "XOSE", "JPY", 1000.0,
                _QUARTERLY),
    FuturesRoot("FTY", "US ten-year government bond future", "bond", "USD.GOVT", "XCBT", "USD",
                1000.0, _QUARTERLY),
    FuturesRoot("FGB", "German ten-year government bond future", "bond", "EUR.GOVT", "XEUR",
                "EUR", 1000.0, _QUARTERLY),
    FuturesRoot("FLG", "UK ten-year government bond future", "bond", "GBP.GOVT", "IFLL", "GBP",
                1000.0, _QUARTERLY),
    FuturesRoot("FCL", "WTI crude oil future", "commodity", "CM.WTI", "XNYM", "USD", 1000.0,
                _MONTHLY),
    FuturesRoot("FBZ", "Brent crude oil future", "commodity", "CM.BRENT", "IFEU", "USD", 1000.0,
                _MONTHLY),
    FuturesRoot("FNG", "Natural gas future", "commodity", "CM.NATGAS", "XNYM", "USD", 10000.0,
                _MONTHLY),
    FuturesRoot("FGC", "Gold future", "commodity", "CM.GOLD", "XCEC", "USD", 100.0,
                (2, 4, 6, 8, 10, 12)),
    FuturesRoot("FSI", "Silver future", "commodity", "CM.SILVER", "XCEC", "USD", 5000.0,
                _GRAIN),
    FuturesRoot("FHG", "Copper future", "commodity", "CM.COPPER", "XCEC", "USD", 25000.0,
                _GRAIN),
    FuturesRoot("FWH", "Wheat future", "commodity", "CM.WHEAT", "XCBT", "USD", 50.0, _GRAIN),
    FuturesRoot("FCN", "Corn future", "commodity", "CM.CORN", "XCBT", "USD", 50.0, _GRAIN),
)  # fmt: skip

COINS: tuple[Coin, ...] = (
    Coin("BTC", "Bitcoin"),
    Coin("ETH", "Ether"),
    Coin("SOL", "Solana"),
    Coin("XRP", "Ripple"),
    Coin("LTC", "Litecoin"),
)


def pair_against_dollar(currency: str) -> FxPair:
    """The pair of ``currency`` and the US dollar in market order."""
    if currency in _DOLLARS_PER_UNIT:
        return FxPair(f"{currency}USD", currency, "USD")
    return FxPair(f"USD{currency}", "USD", currency)


FX_PAIRS: tuple[FxPair, ...] = tuple(pair_against_dollar(code) for code in FX_CURRENCIES)
