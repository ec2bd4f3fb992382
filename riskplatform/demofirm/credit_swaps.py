"""Twenty credit default swaps on the issuers of the desk's bonds and their upfront values."""

from __future__ import annotations

from datetime import date

import numpy as np

from riskplatform.demofirm.bonds import CALENDARS
from riskplatform.demofirm.stage import Item, Stage
from riskplatform.demofirm.swaps import Payment
from riskplatform.domain.instruments import CreditDefaultSwap, Side, Tags
from riskplatform.market.calendars import business_calendar
from riskplatform.market.daycount import day_count
from riskplatform.market.schedule import Schedule, coupon_schedule
from riskplatform.market.synthetic.issuers import Issuer
from riskplatform.market.synthetic.places import COUNTRY_BY_CODE, EUROPE
from riskplatform.pricing.formulas.arrays import FloatArray
from riskplatform.pricing.formulas.cashflows import discount_factors, survival
from riskplatform.pricing.formulas.cds import protection_value

_COUNT = 20
_IMM_MONTHS = (3, 6, 9, 12)
_SOUND = ("AAA", "AA", "A", "BBB")
_PLACES = 9
_VERB = {Side.PAYER: "Buy", Side.RECEIVER: "Sell"}


def credit_swap_items(stage: Stage) -> list[Item]:
    """Five-year contracts, bought and sold, struck in the last two years."""
    issuers = [i for i in stage.history.issuers if i.country != "US" or i.kind != "state"]
    chosen = issuers[:: len(issuers) // _COUNT][:_COUNT]
    return [_contract(stage, issuer, place) for place, issuer in enumerate(chosen)]


def _contract(stage: Stage, issuer: Issuer, place: int) -> Item:
    struck = stage.end - 40 - 23 * place
    effective = _roll_date_before(stage.day(struck))
    maturity = date(effective.year + 5, effective.month, 20)
    currency = "EUR" if COUNTRY_BY_CODE[issuer.country].region == EUROPE else "USD"
    running = 0.01 if issuer.rating in _SOUND else 0.05
    side = Side.RECEIVER if place % 3 == 1 else Side.PAYER
    code = issuer.issuer_id.removeprefix("ISSUER.")
    cds = CreditDefaultSwap(
        instrument_id=f"CDS.{code}.{maturity:%Y%m%d}.{side.value[0].upper()}",
        name=f"{_VERB[side]} protection {issuer.title} {maturity:%b %Y}",
        currency=currency,
        calendar=CALENDARS[currency],
        tags=Tags(
            sector=issuer.sector, country=issuer.country, issuer_id=issuer.issuer_id,
            region=COUNTRY_BY_CODE[issuer.country].region, rating=issuer.rating,
        ),
        effective=effective, maturity=maturity, credit_curve_id=issuer.issuer_id,
        discount_curve_id=f"{currency}.OIS", running_spread=running, side=side,
        recovery=issuer.recovery,
    )  # fmt: skip
    return Item(cds, struck, stage.end)


def credit_swap_values(stage: Stage, item: Item) -> FloatArray:
    """Upfront value of one unit of notional to its holder, accrued premium included."""
    cds = item.instrument
    assert isinstance(cds, CreditDefaultSwap)
    rows = np.arange(item.first, item.last + 1)
    days = stage.history.dates[rows][:, np.newaxis]
    schedule, accruals = _premiums(cds)
    alive = schedule.payment > days
    starts = np.maximum(schedule.accrual[:-1], days)
    start_years, end_years = (
        np.maximum((dates - days).astype(np.float64) / 365.0, 0.0)
        for dates in (starts, np.maximum(schedule.accrual[1:], days))
    )
    curves, hazards = stage.history.curves, stage.history.hazard_rates
    zeros = curves.of(cds.discount_curve_id)[rows]
    chances = hazards.of(cds.credit_curve_id)[rows]
    pay_years = (schedule.payment - days).astype(np.float64) / 365.0
    run = np.maximum((days - schedule.accrual[:-1]).astype(np.float64), 0.0) / 360.0
    value = protection_value(
        cds.running_spread,
        cds.recovery,
        np.where(alive, accruals, 0.0),
        np.where(alive, np.minimum(run, accruals), 0.0),
        discount_factors(pay_years, curves.times, zeros),
        discount_factors(0.5 * (start_years + end_years), curves.times, zeros),
        survival(start_years, hazards.times, chances),
        survival(end_years, hazards.times, chances),
    )
    return np.round(value * _sign(cds), _PLACES)


def credit_swap_payments(stage: Stage, cds: CreditDefaultSwap, since: date) -> list[Payment]:
    """Premiums per unit of notional that fell due after ``since``; the seller receives them."""
    schedule, accruals = _premiums(cds)
    return [
        Payment(day, -_sign(cds) * cds.running_spread * accrual)
        for day, accrual in zip(schedule.payment.tolist(), accruals.tolist(), strict=True)
        if since < day <= stage.as_of
    ]


def _premiums(cds: CreditDefaultSwap) -> tuple[Schedule, FloatArray]:
    calendar = business_calendar(cds.calendar)
    schedule = coupon_schedule(
        cds.effective, cds.maturity, months=12 // cds.frequency, calendar=calendar
    )
    return schedule, schedule.year_fractions(day_count(cds.day_count))


def _sign(cds: CreditDefaultSwap) -> float:
    return 1.0 if cds.side is Side.PAYER else -1.0


def _roll_date_before(day: date) -> date:
    """The last 20th of March, June, September or December before ``day``."""
    rolls = [date(year, m, 20) for year in (day.year - 1, day.year) for m in _IMM_MONTHS]
    return max(roll for roll in rolls if roll < day)
