"""Coupon schedules: the dates between start and maturity at which interest accrues and is paid."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import numpy as np

from riskplatform.domain.conventions import DayCount
from riskplatform.errors import TermsError
from riskplatform.market.calendars import Adjustment, BusinessCalendar, DateArray, as_dates
from riskplatform.market.daycount import CouponPeriod, FloatArray, year_fractions
from riskplatform.market.tenors import add_months, is_month_end


class Stub(StrEnum):
    """Where the odd period stands when the term is not a whole number of periods."""

    NONE = "none"
    SHORT_FRONT = "short front"
    LONG_FRONT = "long front"
    SHORT_BACK = "short back"
    LONG_BACK = "long back"


@dataclass(frozen=True, slots=True)
class Schedule:
    """Coupon i accrues from ``accrual[i]`` to ``accrual[i+1]`` and is paid on ``payment[i]``.

    ``unadjusted`` are the same boundaries before holidays moved them; ``regular_start`` and
    ``regular_end`` bound the full-length period that an odd coupon is measured by.
    """

    unadjusted: DateArray
    accrual: DateArray
    payment: DateArray
    regular_start: DateArray
    regular_end: DateArray
    months: int

    def __post_init__(self) -> None:
        for dates in (self.unadjusted, self.accrual, self.payment):
            dates.setflags(write=False)

    def __len__(self) -> int:
        return len(self.payment)

    def year_fractions(
        self, convention: DayCount, calendar: BusinessCalendar | None = None
    ) -> FloatArray:
        """The accrual of each coupon in years."""
        starts, ends = self.accrual[:-1], self.accrual[1:]
        period = None
        if convention is DayCount.ACT_ACT_ICMA:
            # ICMA coupons are equal by design: holidays move the payment, not the accrual.
            starts, ends = self.unadjusted[:-1], self.unadjusted[1:]
            period = CouponPeriod(self.regular_start, self.regular_end, self.months)
        return year_fractions(convention, starts, ends, period=period, calendar=calendar)


def coupon_schedule(
    start: date,
    end: date,
    *,
    months: int,
    calendar: BusinessCalendar,
    adjustment: Adjustment = Adjustment.MODIFIED_FOLLOWING,
    adjust_accrual: bool = True,
    stub: Stub = Stub.SHORT_FRONT,
    end_of_month: bool = False,
    payment_lag_days: int = 0,
) -> Schedule:
    """The schedule from ``start`` to ``end`` with a coupon each ``months`` (0: one at the end).

    With ``end_of_month`` and an anchor (the end for front stubs, the start for back stubs) on the
    last day of its month, every boundary is a month's end. ``adjust_accrual=False`` is the rule of
    bonds: holidays move payments only.
    """
    if end <= start:
        raise TermsError(f"A schedule from {start} to {end} was asked: it ends before it starts.")
    if months < 0:
        raise TermsError(f"A coupon every {months} months was asked; 0 or more is accepted.")
    first, last = as_dates(start), as_dates(end)
    dates = _boundaries(first, last, months, stub, end_of_month)
    accrual = calendar.adjust_dates(dates, adjustment) if adjust_accrual else dates
    payment = calendar.adjust_dates(accrual[1:], adjustment)
    if payment_lag_days:
        payment = calendar.add_business_days_to(payment, payment_lag_days)
    regular_start, regular_end = _regular_periods(dates, months, stub, end_of_month)
    return Schedule(dates, accrual, payment, regular_start, regular_end, months)


def _boundaries(
    first: DateArray, last: DateArray, months: int, stub: Stub, end_of_month: bool
) -> DateArray:
    if months == 0:
        return np.stack([first, last])
    from_end = stub in (Stub.SHORT_FRONT, Stub.LONG_FRONT, Stub.NONE)
    anchor, sign = (last, -1) if from_end else (first, 1)
    month_ends = end_of_month and bool(is_month_end(anchor))
    span = int((last.astype("datetime64[M]") - first.astype("datetime64[M]")).astype(np.int64))
    steps = np.arange(1, span // months + 2) * (sign * months)
    inner = add_months(anchor, steps, end_of_month=month_ends)
    inner = np.sort(inner[(inner > first) & (inner < last)])
    dates = np.concatenate([first[None], inner, last[None]])
    if _is_whole(first, last, months, month_ends):
        return dates
    if stub is Stub.NONE:
        raise TermsError(
            f"{first} to {last} is not a whole number of {months}-month periods.",
            hint="Name a stub rule, such as 'short front'.",
        )
    if stub is Stub.LONG_FRONT and len(inner):
        return np.delete(dates, 1)
    if stub is Stub.LONG_BACK and len(inner):
        return np.delete(dates, -2)
    return dates


def _is_whole(first: DateArray, last: DateArray, months: int, end_of_month: bool) -> bool:
    span = int((last.astype("datetime64[M]") - first.astype("datetime64[M]")).astype(np.int64))
    if span % months or span == 0:
        return False
    forward = add_months(first, span, end_of_month=end_of_month)
    backward = add_months(last, -span, end_of_month=end_of_month)
    return bool(forward == last or backward == first)


def _regular_periods(
    dates: DateArray, months: int, stub: Stub, end_of_month: bool
) -> tuple[DateArray, DateArray]:
    """The full period that ends (front stubs) or starts (back stubs) with each coupon."""
    starts, ends = dates[:-1].copy(), dates[1:].copy()
    if months == 0:
        return starts, ends
    if stub in (Stub.SHORT_BACK, Stub.LONG_BACK):
        month_ends = end_of_month and bool(is_month_end(dates[0]))
        ends[-1] = add_months(starts[-1], months, end_of_month=month_ends)
    else:
        month_ends = end_of_month and bool(is_month_end(dates[-1]))
        starts[0] = add_months(ends[0], -months, end_of_month=month_ends)
    return starts, ends
