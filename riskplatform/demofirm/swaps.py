"""Interest-rate and overnight swaps struck at the market of their first day, and their values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from riskplatform.demofirm.bond_marks import fixing
from riskplatform.demofirm.stage import Item, RowArray, Stage
from riskplatform.domain.instruments import InterestRateSwap, OvernightSwap, Side, Tags
from riskplatform.market.calendars import Adjustment, as_dates, business_calendar
from riskplatform.market.daycount import day_count
from riskplatform.market.schedule import Schedule, coupon_schedule
from riskplatform.market.synthetic.rates import OVERNIGHT_INDEX, TERM_INDEX
from riskplatform.market.synthetic.streams import stream
from riskplatform.pricing.formulas.arrays import FloatArray
from riskplatform.pricing.formulas.cashflows import discount_factors
from riskplatform.pricing.formulas.swap import (
    compounded_leg,
    fixed_leg,
    payer_value,
    projected_leg,
)

SWAP_CALENDARS = {
    "USD": "USGS", "EUR": "TARGET", "GBP": "GBLO", "JPY": "JPTO", "CHF": "CHZU", "CAD": "CATO",
    "AUD": "AUSY",
}  # fmt: skip
_OVERNIGHT_COUNTS = {"USD": 14, "EUR": 6, "GBP": 6, "JPY": 4, "CHF": 3, "CAD": 4, "AUD": 3}
_TERM_COUNTS = {"EUR": 14, "JPY": 6}
_DAY_COUNTS = {"USD": "Act/360", "EUR": "Act/360", "CHF": "Act/360"}
_TERMS = (3, 5, 7, 10, 15, 20, 30)
_AGES_DAYS = (25, 90, 210, 330, 460, 600, 720)
_PLACES = 9

Swap = InterestRateSwap | OvernightSwap


@dataclass(frozen=True)
class Payment:
    """Cash to the holder of one unit of notional."""

    day: date
    amount: float


def swap_items(stage: Stage) -> list[Item]:
    """Sixty swaps of both kinds, payer and receiver, of different ages."""
    rng = stream(stage.seed, "demo.swaps")
    items: dict[str, Item] = {}
    counts = [("ois", c, n) for c, n in _OVERNIGHT_COUNTS.items()]
    counts += [("irs", c, n) for c, n in _TERM_COUNTS.items()]
    for kind, currency, count in counts:
        for place in range(count):
            term = _TERMS[(place * 2 + (kind == "irs")) % len(_TERMS)]
            age = _AGES_DAYS[place % len(_AGES_DAYS)] + int(rng.integers(0, 12))
            side = Side.PAYER if place % 2 else Side.RECEIVER
            item = _swap(stage, kind, currency, term, stage.end - min(age, 760), side)
            items[item.id] = item
    return list(items.values())


def _swap(stage: Stage, kind: str, currency: str, term: int, row: int, side: Side) -> Item:
    calendar = business_calendar(SWAP_CALENDARS[currency])
    effective = calendar.adjust(stage.day(row), Adjustment.FOLLOWING)
    maturity = calendar.adjust(
        effective + timedelta(days=round(365.25 * term)), Adjustment.FOLLOWING
    )
    row = stage.row(effective)
    drafted = _draft(kind, currency, effective, maturity, side, 0.0)
    floating, annuity = _legs(stage, drafted, np.array([row]))
    rate = round(float(floating[0] / annuity[0]) + 0.00002, 5)
    swap = _draft(kind, currency, effective, maturity, side, rate)
    return Item(swap, row, stage.end)


def _draft(
    kind: str, currency: str, effective: date, maturity: date, side: Side, rate: float
) -> Swap:
    years = round((maturity - effective).days / 365.25)
    prefix = "OIS" if kind == "ois" else "IRS"
    direction = "pay" if side is Side.PAYER else "receive"
    instrument_id = f"{prefix}.{currency}.{years}Y.{effective:%Y%m%d}.{side.value[0].upper()}"
    name = f"{direction.capitalize()} {100 * rate:.3f}% {currency} {years}Y {prefix}"
    day_count_name = _DAY_COUNTS.get(currency, "Act/365F")
    tags = Tags(sector="Rates", country={"EUR": None}.get(currency, currency[:2]))
    calendar = SWAP_CALENDARS[currency]
    if kind == "ois":
        return OvernightSwap(
            instrument_id=instrument_id, name=name, currency=currency, calendar=calendar,
            tags=tags, effective=effective, maturity=maturity, fixed_rate=rate, side=side,
            index_id=OVERNIGHT_INDEX[currency], discount_curve_id=f"{currency}.OIS",
            frequency=1, day_count=day_count_name,
        )  # fmt: skip
    return InterestRateSwap(
        instrument_id=instrument_id, name=name, currency=currency, calendar=calendar,
        tags=tags, effective=effective, maturity=maturity, fixed_rate=rate, side=side,
        index_id=TERM_INDEX[currency], discount_curve_id=f"{currency}.OIS",
        projection_curve_id=f"{currency}.6M",
        fixed_day_count="30/360 US" if currency == "EUR" else "Act/365F",
    )  # fmt: skip


def swap_values(stage: Stage, item: Item) -> FloatArray:
    """Value of one unit of notional to its holder on the rows of a swap."""
    swap = item.instrument
    assert isinstance(swap, InterestRateSwap | OvernightSwap)
    floating, annuity = _legs(stage, swap, np.arange(item.first, item.last + 1))
    value = payer_value(floating, swap.fixed_rate * annuity)
    return np.round(value * _sign(swap), _PLACES)


def swap_payments(stage: Stage, swap: Swap) -> list[Payment]:
    """What a unit of notional has paid its holder by the as-of day, both legs."""
    paid: dict[date, float] = {}

    def pay(schedule: Schedule, amounts: FloatArray) -> None:
        for day, amount in zip(schedule.payment.tolist(), amounts.tolist(), strict=True):
            if day <= stage.as_of:
                paid[day] = paid.get(day, 0.0) + amount * _sign(swap)

    fixed = fixed_schedule(swap)
    fractions = fixed.year_fractions(day_count(_fixed_day_count(swap)))
    pay(fixed, -swap.fixed_rate * fractions)
    if isinstance(swap, OvernightSwap):
        starts, ends = fixed.accrual[:-1], fixed.accrual[1:]
        pay(fixed, _grown(stage, swap, starts, np.minimum(ends, as_dates(stage.as_of))) - 1.0)
    else:
        floating = _floating_schedule(swap)
        rates = [fixing(stage, swap.index_id, day) for day in floating.accrual[:-1].tolist()]
        fractions = floating.year_fractions(day_count(swap.float_day_count))
        pay(floating, np.array(rates) * fractions)
    return [Payment(day, amount) for day, amount in sorted(paid.items())]


def fixed_schedule(swap: Swap) -> Schedule:
    months = 12 // (swap.frequency if isinstance(swap, OvernightSwap) else swap.fixed_frequency)
    calendar = business_calendar(swap.calendar)
    return coupon_schedule(swap.effective, swap.maturity, months=months, calendar=calendar)


def _floating_schedule(swap: InterestRateSwap) -> Schedule:
    months, calendar = 12 // swap.float_frequency, business_calendar(swap.calendar)
    return coupon_schedule(swap.effective, swap.maturity, months=months, calendar=calendar)


def _fixed_day_count(swap: Swap) -> str:
    return swap.day_count if isinstance(swap, OvernightSwap) else swap.fixed_day_count


def _sign(swap: Swap) -> float:
    return 1.0 if swap.side is Side.PAYER else -1.0


def _legs(stage: Stage, swap: Swap, rows: RowArray) -> tuple[FloatArray, FloatArray]:
    """Floating leg and annuity per unit of notional on ``rows``."""
    curves = stage.history.curves
    days = stage.history.dates[rows][:, np.newaxis]
    discount_nodes = curves.of(swap.discount_curve_id)[rows]

    def discounts(dates: object, nodes: FloatArray) -> FloatArray:
        years = (as_dates(dates) - days).astype(np.float64) / 365.0
        return discount_factors(years, curves.times, nodes)

    schedule = fixed_schedule(swap)
    fractions = schedule.year_fractions(day_count(_fixed_day_count(swap)))
    alive = schedule.payment > days
    annuity = fixed_leg(
        1.0, np.where(alive, fractions, 0.0), discounts(schedule.payment, discount_nodes)
    )
    if isinstance(swap, OvernightSwap):
        current = np.argmax(alive, axis=1)
        grown = _grown(stage, swap, schedule.accrual[current], days[:, 0])
        end = discounts(schedule.payment[-1:], discount_nodes)[:, 0]
        start = discounts(schedule.accrual[:1], discount_nodes)[:, 0]
        return np.where(alive[:, -1], compounded_leg(grown, start, end), 0.0), annuity
    floating = _floating_schedule(swap)
    alive = floating.payment > days
    projection_nodes = curves.of(swap.projection_curve_id)[rows]
    starts = floating.accrual[:-1]
    known = np.array([fixing(stage, swap.index_id, day) for day in starts.tolist()])
    leg = projected_leg(
        np.where(alive, floating.year_fractions(day_count(swap.float_day_count)), 0.0),
        discounts(starts, projection_nodes),
        discounts(floating.accrual[1:], projection_nodes),
        discounts(floating.payment, discount_nodes),
        np.where(starts <= days, known, np.nan),
    )
    return leg, annuity


def _grown(stage: Stage, swap: OvernightSwap, starts: object, ends: object) -> FloatArray:
    """What one unit has grown to from each start to each end at the overnight fixings."""
    dates = stage.history.dates
    basis = 360.0 if swap.day_count == "Act/360" else 365.0
    lengths = np.diff(dates).astype(np.float64) / basis
    steps = np.log1p(stage.history.fixings.of(swap.index_id)[:-1] * lengths)
    grown = np.concatenate([[0.0], np.cumsum(steps)])
    first = np.minimum(np.searchsorted(dates, as_dates(starts)), grown.size - 1)
    last = np.minimum(np.searchsorted(dates, as_dates(ends)), grown.size - 1)
    return np.asarray(np.exp(grown[np.maximum(last, first)] - grown[first]))
