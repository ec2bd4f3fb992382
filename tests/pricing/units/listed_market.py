"""A market of shares, pairs, futures and coins, and random options on them, from a seed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

import numpy as np

from riskplatform.domain.instruments import (
    AssetClass,
    Barrier,
    BarrierOption,
    Cash,
    Coin,
    Equity,
    EquityIndex,
    Exercise,
    Future,
    FutureFamily,
    FxForward,
    FxSpot,
    Instrument,
    Option,
    Perpetual,
    Right,
    Underlying,
)
from riskplatform.market.carry import CarryCurve
from riskplatform.market.curves import Curve
from riskplatform.market.fx import FxMatrix
from riskplatform.market.interpolation import Interpolation
from riskplatform.market.prices import PriceTable
from riskplatform.market.snapshot import MarketSnapshot
from riskplatform.market.surfaces import SurfaceAxis, VolSurface

AS_OF = date(2026, 6, 30)
_EXPIRIES = np.array([0.08, 0.25, 0.5, 1.0, 2.0])
FUTURE_EXPIRY = date(2028, 12, 15)
PRICES = {
    "SHARE": 100.0,
    "INDEX": 5000.0,
    "EURUSD": 1.08,
    "BTC": 60_000.0,
    "BTC.PERP": 60_090.0,
    "GOLD.F": 2400.0,
    "GOLD.G": 2440.0,
    "INDEX.F": 5230.0,
    "EUR.F": 1.11,
    "BOND.F": 131.5,
    "ODD.F": 77.0,
    "MINUS.F": -37.6,
}


def curve(name: str, level: float) -> Curve:
    times = np.array([0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0])
    rates = level + 0.004 * np.log1p(times)
    return Curve(name, AS_OF, times, rates, Interpolation.LINEAR_ZERO)


def surface(name: str, axis: SurfaceAxis, level: float, middle: float = 1.0) -> VolSurface:
    points = {
        SurfaceAxis.DELTA: np.array([0.1, 0.25, 0.5, 0.75, 0.9]),
        SurfaceAxis.MONEYNESS: np.array([0.7, 0.85, 1.0, 1.15, 1.3]),
        SurfaceAxis.STRIKE: middle * np.array([0.7, 0.85, 1.0, 1.15, 1.3]),
    }[axis]
    slope = np.array([0.04, 0.015, 0.0, -0.005, 0.0])
    if axis is SurfaceAxis.DELTA:
        slope = slope[::-1]
    vols = level + slope[None, :] + 0.02 * np.exp(-_EXPIRIES)[:, None]
    return VolSurface(name, AS_OF, axis, _EXPIRIES, points, vols)


def listed_market() -> MarketSnapshot:
    due, paid = np.array([0.2, 0.7, 1.2]), np.array([30.0, 31.0, 32.0])
    years, yields = np.array([0.5, 1.0, 3.0]), np.array([0.01, 0.015, 0.02])
    return MarketSnapshot(
        as_of=AS_OF,
        fx=FxMatrix(AS_OF, {"USD": 1.0, "EUR": 1.08, "GBP": 1.27}),
        curves={
            name: curve(name, level)
            for name, level in (("USD.OIS", 0.04), ("EUR.OIS", 0.02), ("USD.GOVT", 0.038))
        },
        surfaces={
            "VOL.SHARE": surface("VOL.SHARE", SurfaceAxis.MONEYNESS, 0.25),
            "VOL.INDEX": surface("VOL.INDEX", SurfaceAxis.STRIKE, 0.18, 5000.0),
            "VOL.EURUSD": surface("VOL.EURUSD", SurfaceAxis.DELTA, 0.09),
            "VOL.BTC": surface("VOL.BTC", SurfaceAxis.DELTA, 0.6),
            "VOL.GOLD": surface("VOL.GOLD", SurfaceAxis.MONEYNESS, 0.16),
        },
        carries={
            "DIV.SHARE": CarryCurve("DIV.SHARE", AS_OF, years, yields),
            "DIV.INDEX": CarryCurve("DIV.INDEX", AS_OF, years, 0.1 * yields, due, paid),
            "DIV.GOLD": CarryCurve("DIV.GOLD", AS_OF, years, -0.2 * yields),
        },
        prices=PriceTable.of(PRICES, AS_OF),
    )


def future(name: str, family: FutureFamily, underlying: str, **terms: object) -> Future:
    chosen: dict[str, object] = {
        "instrument_id": name,
        "name": name,
        "currency": "USD",
        "multiplier": Decimal(50),
        "family": family,
        "underlying_id": underlying,
        "root": name,
        "expiry": FUTURE_EXPIRY,
    }
    return Future(**(chosen | terms))  # type: ignore[arg-type]  # terms by name


def basics() -> list[Instrument]:
    """One of everything that is not an option."""

    def named(kind: type[Instrument], name: str, **terms: object) -> Instrument:
        chosen: dict[str, object] = {"instrument_id": name, "name": name, "currency": "USD"}
        return kind(**(chosen | terms))  # type: ignore[arg-type]  # terms by name

    nearer = date(2026, 12, 15)
    return [
        named(Equity, "SHARE", currency="EUR"),
        named(EquityIndex, "INDEX"),
        named(FxSpot, "EURUSD", bought_currency="EUR"),
        named(Coin, "BTC"),
        named(Perpetual, "BTC.PERP", underlying_id="BTC", funding_index_id="F"),
        Cash.of("EUR"),
        Cash.of("USD"),
        Cash.of("GBP"),
        named(FxForward, "FWD", bought_currency="EUR", sold_currency="USD", rate=1.07,
              maturity=date(2027, 3, 1)),
        future("INDEX.F", FutureFamily.EQUITY_INDEX, "INDEX"),
        future("GOLD.F", FutureFamily.COMMODITY, "GOLD", expiry=nearer),
        future("GOLD.G", FutureFamily.COMMODITY, "GOLD"),
        future("EUR.F", FutureFamily.FX, "EURUSD"),
        future("BOND.F", FutureFamily.BOND, "USD.GOVT", expiry=nearer, notional_years=10),
        future("ODD.F", FutureFamily.COMMODITY, "NOWHERE"),
        future("MINUS.F", FutureFamily.COMMODITY, "NOWHERE"),
    ]  # fmt: skip


GROUNDS = {
    "SHARE": (Underlying.EQUITY, "VOL.SHARE", "EUR", None),
    "INDEX": (Underlying.INDEX, "VOL.INDEX", "USD", None),
    "EURUSD": (Underlying.FX, "VOL.EURUSD", "USD", None),
    "BTC": (Underlying.CRYPTO, "VOL.BTC", "USD", None),
    "GOLD.G": (Underlying.FUTURE, "VOL.GOLD", "USD", AssetClass.COMMODITY),
}


@dataclass
class OptionDraw:
    """Random options; every call is a new one."""

    seed: int
    count: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self.rng = np.random.default_rng(self.seed)

    def terms(self, underlying_id: str | None = None) -> dict[str, object]:
        self.count += 1
        chosen = underlying_id or str(self.rng.choice(list(GROUNDS)))
        kind, surface_id, currency, underlying_class = GROUNDS[chosen]
        deviation = 0.9 if chosen == "BTC" else 0.35
        moneyness = float(np.exp(self.rng.normal(0, deviation / 2)))
        return {
            "instrument_id": f"O{self.count}",
            "name": f"option {self.count}",
            "currency": currency,
            "multiplier": Decimal(int(self.rng.integers(1, 200))),
            "underlying_id": chosen,
            "underlying_type": kind,
            "right": Right.CALL if self.rng.random() < 0.5 else Right.PUT,
            "strike": PRICES[chosen] * moneyness,
            "expiry": AS_OF + timedelta(int(self.rng.integers(1, 900))),
            "discount_curve_id": f"{currency}.OIS",
            "surface_id": surface_id,
            "underlying_class": underlying_class,
        }

    def european(self, underlying_id: str | None = None) -> Option:
        return Option(**self.terms(underlying_id))  # type: ignore[arg-type]  # terms by name

    def american(self, underlying_id: str | None = None) -> Option:
        terms = self.terms(underlying_id) | {"exercise": Exercise.AMERICAN}
        return Option(**terms)  # type: ignore[arg-type]  # terms by name

    def barrier(self, underlying_id: str | None = None) -> BarrierOption:
        terms = self.terms(underlying_id)
        kind = list(Barrier)[int(self.rng.integers(4))]
        up = kind in (Barrier.UP_IN, Barrier.UP_OUT)
        away = float(self.rng.uniform(0.02, 0.4)) * (1 if up else -1)
        level = PRICES[str(terms["underlying_id"])] * (1 + away)
        return BarrierOption(  # type: ignore[call-arg]  # terms by name
            **terms,  # type: ignore[arg-type]
            barrier_type=kind,
            barrier=level,
            rebate=float(self.rng.choice([0.0, 0.02])) * level,
        )
