"""The same contracts in QuantLib; one context owns its evaluation date, which is global."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from functools import lru_cache

import QuantLib as ql

from riskplatform.domain.instruments import (
    Bond,
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
from riskplatform.market.credit import CreditCurve
from riskplatform.market.curves import Curve
from riskplatform.market.interpolation import Interpolation

CALENDAR = ql.TARGET()
FIXING = 0.031
DAY_COUNTS = {
    "Act/360": ql.Actual360(),
    "Act/365F": ql.Actual365Fixed(),
    "30E/360": ql.Thirty360(ql.Thirty360.EurobondBasis),
    "Act/Act ICMA": ql.ActualActual(ql.ActualActual.ISMA),
}


@contextmanager
def evaluation_date(day: date) -> Iterator[None]:
    """QuantLib's global date, put back afterwards."""
    settings = ql.Settings.instance()
    before = settings.evaluationDate
    settings.evaluationDate = ql_date(day)
    try:
        yield
    finally:
        settings.evaluationDate = before
        ql.IndexManager.instance().clearHistories()


def ql_date(day: date) -> ql.Date:
    return ql.Date(day.day, day.month, day.year)


def yield_curve(curve: Curve) -> ql.YieldTermStructure:
    today = ql_date(curve.as_of)
    dates = [today, *(today + round(365 * float(t)) for t in curve.times)]
    count = ql.Actual365Fixed()
    if curve.interpolation is Interpolation.LINEAR_ZERO:
        rates = [float(curve.zero_rates[0]), *curve.zero_rates.tolist()]
        return ql.ZeroCurve(dates, rates, count, ql.NullCalendar(), ql.Linear())
    return ql.DiscountCurve(dates, [1.0, *curve.discount(curve.times).tolist()], count)


def hazard_curve(curve: CreditCurve) -> ql.DefaultProbabilityTermStructureHandle:
    today = ql_date(curve.as_of)
    dates = [today, *(today + round(365 * float(t)) for t in curve.times)]
    rates = [float(curve.hazard_rates[0]), *curve.hazard_rates.tolist()]
    made = ql.HazardRateCurve(dates, rates, ql.Actual365Fixed())
    made.enableExtrapolation()
    return ql.DefaultProbabilityTermStructureHandle(made)


class QuantLibPricer:
    """Values of one unit."""

    def __init__(self, discount: Curve, projection: Curve, credit: CreditCurve, vol: float) -> None:
        self.credit_curve = credit
        self.discount = ql.RelinkableYieldTermStructureHandle()
        self.projection = ql.RelinkableYieldTermStructureHandle()
        self.move(discount, projection)
        self.hazards = hazard_curve(credit)
        self.vol = ql.QuoteHandle(ql.SimpleQuote(vol))
        self.bonds = ql.DiscountingBondEngine(self.discount)
        self.risky = ql.RiskyBondEngine(self.hazards, credit.recovery, self.discount)
        self.swaps = ql.DiscountingSwapEngine(self.discount)
        self.cds = lru_cache(None)(
            lambda recovery: ql.IsdaCdsEngine(self.hazards, recovery, self.discount)
        )

    def move(self, discount: Curve, projection: Curve) -> None:
        """Other curves for everything that has been made."""
        self.discount.linkTo(yield_curve(discount))
        self.projection.linkTo(yield_curve(projection))

    def value(self, instrument: Instrument) -> float:
        if isinstance(instrument, FxForward):
            day = ql_date(business_calendar("TARGET").adjust(instrument.maturity, "following"))
            bought = self.projection.discount(day) * 1.1
            return float(bought - instrument.rate * self.discount.discount(day))
        return float(self.made(instrument).NPV()) / (100 if isinstance(instrument, Bond) else 1)

    def made(self, instrument: Instrument) -> ql.Instrument:
        """The contract, to be valued again and again."""
        match instrument:
            case FixedBond() | ZeroBond() | FloatingBond():
                made = self._bond(instrument)
                made.setPricingEngine(self.risky if instrument.credit_curve_id else self.bonds)
                return made
            case InterestRateSwap():
                return self._swap(instrument)
            case OvernightSwap():
                return self._overnight(instrument)
            case CreditDefaultSwap():
                return self._cds(instrument)
            case CapFloor():
                return self._cap(instrument)
            case Swaption():
                return self._swaption(instrument)
        raise AssertionError(instrument.kind)

    def _bond(self, bond: FixedBond | ZeroBond | FloatingBond) -> ql.Bond:
        issued, due = ql_date(bond.issue_date), ql_date(bond.maturity)
        if isinstance(bond, ZeroBond):
            return ql.ZeroCouponBond(0, CALENDAR, 100.0, due, ql.Following, 100.0, issued)
        schedule = ql.Schedule(
            issued, due, ql.Period(12 // bond.frequency, ql.Months), CALENDAR,
            ql.Unadjusted, ql.Unadjusted, ql.DateGeneration.Backward,
            # QuantLib's flag also takes a month's last business day for its end.
            ql.Date.isEndOfMonth(due),
        )  # fmt: skip
        count = DAY_COUNTS[bond.day_count]
        if isinstance(bond, FixedBond):
            return ql.FixedRateBond(
                0, 100.0, schedule, [bond.coupon_rate], count, ql.Following, 100.0, issued
            )
        index = self._index(bond.frequency, bond.day_count, ql.NullCalendar())
        for day in schedule:
            if day < ql.Settings.instance().evaluationDate:
                index.addFixing(day, FIXING, True)
        return ql.FloatingRateBond(
            0, 100.0, schedule, index, count, ql.Following, 0, [1.0], [bond.spread]
        )

    def _index(self, frequency: int, day_count: str, calendar: ql.Calendar) -> ql.IborIndex:
        return ql.IborIndex(
            f"X{frequency}{calendar.name()}", ql.Period(12 // frequency, ql.Months), 0,
            ql.EURCurrency(), calendar, ql.ModifiedFollowing, False, DAY_COUNTS[day_count],
            self.projection,
        )  # fmt: skip

    def _schedule(self, start: date, end: date, frequency: int) -> ql.Schedule:
        return ql.Schedule(
            ql_date(start), ql_date(end), ql.Period(12 // frequency, ql.Months), CALENDAR,
            ql.ModifiedFollowing, ql.ModifiedFollowing, ql.DateGeneration.Backward, False,
        )  # fmt: skip

    def _fixed(self, index: ql.Index, schedule: ql.Schedule) -> None:
        for day in schedule:
            if day < ql.Settings.instance().evaluationDate:
                index.addFixing(day, FIXING, True)

    def _vanilla(
        self, swap: InterestRateSwap | Swaption, start: date, end: date, rate: float, spread: float
    ) -> ql.VanillaSwap:
        floating = self._schedule(start, end, swap.float_frequency)
        index = self._index(swap.float_frequency, swap.float_day_count, CALENDAR)
        self._fixed(index, floating)
        return ql.VanillaSwap(
            ql.Swap.Payer if swap.side is Side.PAYER else ql.Swap.Receiver, 1.0,
            self._schedule(start, end, swap.fixed_frequency), rate,
            DAY_COUNTS[swap.fixed_day_count], floating, index, spread,
            DAY_COUNTS[swap.float_day_count],
        )  # fmt: skip

    def _swap(self, swap: InterestRateSwap) -> ql.VanillaSwap:
        made = self._vanilla(swap, swap.effective, swap.maturity, swap.fixed_rate, swap.spread)
        made.setPricingEngine(self.swaps)
        return made

    def _overnight(self, swap: OvernightSwap) -> ql.OvernightIndexedSwap:
        count = DAY_COUNTS[swap.day_count]
        index = ql.OvernightIndex("ON", 0, ql.EURCurrency(), CALENDAR, count, self.discount)
        schedule = self._schedule(swap.effective, swap.maturity, swap.frequency)
        today = ql.Settings.instance().evaluationDate
        day = schedule[0]
        while day < today:
            index.addFixing(day, FIXING, True)
            day = CALENDAR.advance(day, 1, ql.Days)
        made = ql.OvernightIndexedSwap(
            ql.Swap.Payer if swap.side is Side.PAYER else ql.Swap.Receiver, 1.0, schedule,
            swap.fixed_rate, count, index, swap.spread, 0, ql.ModifiedFollowing, CALENDAR, True,
        )  # fmt: skip
        made.setPricingEngine(self.swaps)
        return made

    def _cds(self, cds: CreditDefaultSwap) -> ql.CreditDefaultSwap:
        schedule = ql.Schedule(
            ql_date(cds.effective), ql_date(cds.maturity), ql.Period(3, ql.Months),
            ql.WeekendsOnly(), ql.Following, ql.Unadjusted, ql.DateGeneration.CDS2015, False,
        )  # fmt: skip
        start = ql_date(cds.effective)
        made = ql.CreditDefaultSwap(
            ql.Protection.Buyer if cds.side is Side.PAYER else ql.Protection.Seller, 1.0,
            cds.running_spread, schedule, ql.Following, ql.Actual360(), True, True, start,
            ql.FaceValueClaim(), ql.Actual360(True), False, start, 3,
        )  # fmt: skip
        made.setPricingEngine(self.cds(cds.recovery))
        return made

    def _cap(self, cap: CapFloor) -> ql.CapFloor:
        schedule = self._schedule(cap.effective, cap.maturity, cap.frequency)
        index = self._index(cap.frequency, cap.day_count, CALENDAR)
        self._fixed(index, schedule)
        leg = ql.IborLeg(
            [1.0], schedule, index, DAY_COUNTS[cap.day_count], ql.ModifiedFollowing, [0]
        )
        kind = ql.Cap if cap.cap_or_floor is CapOrFloor.CAP else ql.Floor
        made = kind(leg, [cap.strike])
        if cap.vol_quote is VolQuote.NORMAL:
            engine = ql.BachelierCapFloorEngine(self.discount, self.vol)
        else:
            engine = ql.BlackCapFloorEngine(self.discount, self.vol, ql.Actual365Fixed(), cap.shift)
        made.setPricingEngine(engine)
        return made

    def _swaption(self, option: Swaption) -> ql.Swaption:
        calendar = business_calendar(option.calendar)
        expiry = calendar.adjust(option.expiry, "following")
        start = calendar.add_business_days(expiry, option.settlement_days)
        swap = self._vanilla(option, start, option.swap_maturity, option.strike, 0.0)
        made = ql.Swaption(swap, ql.EuropeanExercise(ql_date(expiry)))
        if option.vol_quote is VolQuote.NORMAL:
            engine = ql.BachelierSwaptionEngine(self.discount, self.vol)
        else:
            engine = ql.BlackSwaptionEngine(
                self.discount, self.vol, ql.Actual365Fixed(), option.shift
            )
        made.setPricingEngine(engine)
        return made
