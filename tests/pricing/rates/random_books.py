"""Random contracts of every kind, from a seed, on the curves of one market."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import numpy as np

from riskplatform.domain.instruments import (
    CapFloor,
    CapOrFloor,
    CreditDefaultSwap,
    FixedBond,
    FloatingBond,
    FxForward,
    Instrument,
    InterestRateSwap,
    OvernightSwap,
    Side,
    Swaption,
    VolQuote,
    ZeroBond,
)
from riskplatform.market.calendars import business_calendar
from riskplatform.market.cds import cds_maturity
from riskplatform.market.credit import CreditCurve
from riskplatform.market.curves import Curve
from riskplatform.market.fixings import FixingSeries
from riskplatform.market.interpolation import Interpolation
from riskplatform.market.snapshot import MarketSnapshot
from riskplatform.pricing.conventions import PricingConventions
from tests.pricing.rates.golden_market import market

AS_OF = date(2026, 6, 30)
FIXING = 0.031
CONVENTIONS = PricingConventions(discount_curves={"GBP": "P", "EUR": "C"})
_DAYS = np.array([30, 91, 182, 365, 730, 1095, 1826, 2557, 3652, 5479, 10958, 21915])
_LEVELS = np.array([2.1, 2.0, 2.2, 2.3, 2.1, 2.4, 2.6, 2.7, 2.9, 3.1, 3.0, 2.8]) / 100


def curve(name: str, over: float, rule: Interpolation) -> Curve:
    return Curve(name, AS_OF, _DAYS / 365, _LEVELS + over, rule)


def credit() -> CreditCurve:
    times = np.array([182, 365, 1096, 1826, 2557, 3652]) / 365
    hazards = np.array([0.012, 0.015, 0.02, 0.03, 0.028, 0.035])
    return CreditCurve("X", AS_OF, times, hazards, 0.4)


def sample_market(rule: Interpolation, vol: float = 0.2) -> MarketSnapshot:
    """Discount, projection, credit, one volatility, and a constant fixing on every day it has."""
    open_days = business_calendar("TARGET").business_days(date(2018, 1, 1), AS_OF - timedelta(1))
    series = FixingSeries("INDEX", open_days, np.full(len(open_days), FIXING))
    return market(
        AS_OF,
        curve("C", 0.0, rule),
        curve("P", 0.004, rule),
        credit=credit(),
        vol=vol,
        fixings={"INDEX": series},
        fx={"EUR": 1.0, "USD": 1.0, "GBP": 1.1},
    )


class Draw:
    """Random terms; the name of a kind is the name of a method."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.count = 0

    def day(self, first: int, last: int) -> date:
        return AS_OF + timedelta(int(self.rng.integers(first, last)))

    def one_of(self, *choices: object) -> object:
        return choices[int(self.rng.integers(len(choices)))]

    def common(self, kind: str) -> dict[str, object]:
        self.count += 1
        name = f"{kind}{self.count}"
        return {"instrument_id": name, "name": name, "currency": "EUR", "calendar": "TARGET"}

    def dates(self, longest: int) -> tuple[date, date]:
        """A start in the last two years or the next months, and an end."""
        start = self.day(-700, 120)
        return start, max(start, AS_OF) + timedelta(int(self.rng.integers(40, longest)))

    def bond(self) -> dict[str, object]:
        issued, due = self.dates(365 * 15)
        risky = bool(self.rng.random() < 0.4)
        return self.common("bond") | {
            "issue_date": min(issued, AS_OF),
            "maturity": due,
            "discount_curve_id": "C",
            "credit_curve_id": "X" if risky else None,
        }

    def fixed_bond(self) -> Instrument:
        terms = self.bond() | {
            "coupon_rate": float(self.rng.uniform(0, 0.08)),
            "frequency": self.one_of(1, 2, 4),
            "day_count": self.one_of("Act/Act ICMA", "30E/360", "Act/360", "Act/365F"),
        }
        return FixedBond(**terms)  # type: ignore[arg-type]  # terms by name

    def zero_bond(self) -> Instrument:
        # QuantLib's engine of risky bonds recovers nothing where there is no coupon.
        terms = self.bond() | {"credit_curve_id": None}
        return ZeroBond(**terms)  # type: ignore[arg-type]  # terms by name

    def floating_bond(self) -> Instrument:
        terms = self.bond() | {
            "index_id": "INDEX",
            "projection_curve_id": "P",
            "spread": float(self.rng.uniform(-0.005, 0.02)),
            "frequency": self.one_of(2, 4),
            "day_count": self.one_of("Act/360", "Act/365F"),
        }
        return FloatingBond(**terms)  # type: ignore[arg-type]  # terms by name

    def floating(self, longest: int) -> dict[str, object]:
        start, end = self.dates(longest)
        return {
            "effective": start,
            "maturity": end,
            "index_id": "INDEX",
            "discount_curve_id": "C",
        }

    def swap(self) -> Instrument:
        terms = (
            self.common("swap")
            | self.floating(365 * 20)
            | {
                "projection_curve_id": "P",
                "fixed_rate": float(self.rng.uniform(-0.01, 0.06)),
                "side": self.one_of(*Side),
                "fixed_frequency": self.one_of(1, 2),
                "fixed_day_count": self.one_of("30E/360", "Act/360", "Act/365F"),
                "float_frequency": self.one_of(2, 4),
                "spread": float(self.rng.uniform(-0.002, 0.002)),
            }
        )
        return InterestRateSwap(**terms)  # type: ignore[arg-type]  # terms by name

    def ois(self) -> Instrument:
        terms = (
            self.common("ois")
            | self.floating(365 * 20)
            | {
                "fixed_rate": float(self.rng.uniform(-0.01, 0.06)),
                "side": self.one_of(*Side),
                "spread": float(self.rng.uniform(0, 0.002)),
            }
        )
        return OvernightSwap(**terms)  # type: ignore[arg-type]  # terms by name

    def cds(self) -> Instrument:
        traded = self.day(-700, 0)
        tenor = str(self.one_of("3Y", "5Y", "7Y", "10Y"))
        terms = self.common("cds") | {
            "calendar": "WEEKENDS",
            "effective": traded,
            "maturity": cds_maturity(traded, tenor),
            "credit_curve_id": "X",
            "discount_curve_id": "C",
            "running_spread": float(self.one_of(0.01, 0.05, float(self.rng.uniform(0, 0.1)))),
            "side": self.one_of(*Side),
            "recovery": self.one_of(0.25, 0.4),
        }
        return CreditDefaultSwap(**terms)  # type: ignore[arg-type]  # terms by name

    def option(self, quote: VolQuote) -> dict[str, object]:
        return {
            "strike": float(self.rng.uniform(0.005, 0.06)),
            "index_id": "INDEX",
            "discount_curve_id": "C",
            "projection_curve_id": "P",
            "surface_id": "V",
            "vol_quote": quote,
            "shift": 0.02 if quote is VolQuote.SHIFTED_LOGNORMAL else 0.0,
        }

    def cap_floor(self, quote: VolQuote) -> Instrument:
        start, end = self.dates(365 * 12)
        terms = (
            self.common("cap")
            | self.option(quote)
            | {
                "effective": start,
                "maturity": end,
                "cap_or_floor": self.one_of(*CapOrFloor),
                "frequency": self.one_of(2, 4),
            }
        )
        return CapFloor(**terms)  # type: ignore[arg-type]  # terms by name

    def swaption(self, quote: VolQuote) -> Instrument:
        expiry = self.day(1, 365 * 8)
        terms = (
            self.common("swaption")
            | self.option(quote)
            | {
                "expiry": expiry,
                "swap_maturity": expiry + timedelta(int(self.rng.integers(300, 365 * 10))),
                "side": self.one_of(*Side),
                "fixed_day_count": "30E/360",
            }
        )
        return Swaption(**terms)  # type: ignore[arg-type]  # terms by name

    def fx_forward(self) -> Instrument:
        terms = self.common("fx") | {
            "bought_currency": "GBP",
            "sold_currency": "EUR",
            "rate": float(self.rng.uniform(0.9, 1.3)),
            "maturity": self.day(1, 365 * 5),
        }
        return FxForward(**terms)  # type: ignore[arg-type]  # terms by name


def book(make: Callable[[], Instrument], count: int) -> list[Instrument]:
    return [make() for _ in range(count)]
