"""Every kind of instrument that a desk can hold, and nothing about their prices."""

from __future__ import annotations

from riskplatform.domain.instruments.base import AssetClass, Instrument, Quote, Tags
from riskplatform.domain.instruments.bond import Bond, FixedBond, FloatingBond, ZeroBond
from riskplatform.domain.instruments.cash import Cash, cash_currency, cash_id
from riskplatform.domain.instruments.crypto import Coin, Perpetual
from riskplatform.domain.instruments.equity import Equity, EquityIndex, Etf, Reit
from riskplatform.domain.instruments.exotic_option import (
    AsianOption,
    Average,
    DigitalOption,
    DigitalPayoff,
)
from riskplatform.domain.instruments.future import Future, FutureFamily
from riskplatform.domain.instruments.fx import FxForward, FxSpot
from riskplatform.domain.instruments.option import (
    Barrier,
    BarrierOption,
    Exercise,
    Option,
    Right,
    Underlying,
)
from riskplatform.domain.instruments.rate_option import CapFloor, CapOrFloor, Swaption, VolQuote
from riskplatform.domain.instruments.swap import (
    CreditDefaultSwap,
    InterestRateSwap,
    OvernightSwap,
    Side,
)

KINDS: dict[str, type[Instrument]] = {
    kind.kind: kind
    for kind in (
        Equity,
        Etf,
        Reit,
        EquityIndex,
        Future,
        FixedBond,
        ZeroBond,
        FloatingBond,
        InterestRateSwap,
        OvernightSwap,
        CreditDefaultSwap,
        FxSpot,
        FxForward,
        Option,
        BarrierOption,
        DigitalOption,
        AsianOption,
        Swaption,
        CapFloor,
        Coin,
        Perpetual,
        Cash,
    )
}
"""Kind as it is written in files and in the ledger, to its class."""

__all__ = [
    "KINDS",
    "AsianOption",
    "AssetClass",
    "Average",
    "Barrier",
    "BarrierOption",
    "Bond",
    "CapFloor",
    "CapOrFloor",
    "Cash",
    "Coin",
    "CreditDefaultSwap",
    "DigitalOption",
    "DigitalPayoff",
    "Equity",
    "EquityIndex",
    "Etf",
    "Exercise",
    "FixedBond",
    "FloatingBond",
    "Future",
    "FutureFamily",
    "FxForward",
    "FxSpot",
    "Instrument",
    "InterestRateSwap",
    "Option",
    "OvernightSwap",
    "Perpetual",
    "Quote",
    "Reit",
    "Right",
    "Side",
    "Swaption",
    "Tags",
    "Underlying",
    "VolQuote",
    "ZeroBond",
    "cash_currency",
    "cash_id",
]
