"""The bonds of the demo: states, companies and banks, plain, zero, floating and stepping up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np

from riskplatform.demofirm.identifiers import identifiers_of
from riskplatform.demofirm.stage import Item, Stage
from riskplatform.domain.instruments import Bond, FixedBond, FloatingBond, Tags, ZeroBond
from riskplatform.market.calendars import Adjustment, business_calendar
from riskplatform.market.synthetic.issuers import Issuer
from riskplatform.market.synthetic.places import COUNTRY_BY_CODE
from riskplatform.market.synthetic.streams import stream

CALENDARS = {"USD": "USGS", "EUR": "TARGET", "GBP": "GBLO", "JPY": "JPTO"}

# Years to run by state; negative ones have been redeemed since the firm opened.
_STATE_BONDS = {
    "US": (0.4, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9.8, 12, 15, 20, 25, 29, -0.3, -1.2, -2.1),
    "DE": (1, 2, 4, 6, 9, 14, 28, -0.8), "FR": (2, 5, 8, 12, 25), "IT": (1.5, 4, 7, 9.7, 18),
    "GB": (1, 3, 5, 7, 9.5, 15, 22, 29.5, -1.6), "JP": (2, 5, 8, 9.6, 15, 19, 29),
    "BR": (3, 7, 12), "ZA": (4, 8, 14),
}  # fmt: skip
_BILLS = {"US": (0.3, 0.7, 12.3), "DE": (2.6,)}
_COMPANY_YEARS = (2.2, 3.6, 4.8, 6.1, 7.4, 8.8, 11.0)
_SECOND_BONDS = 8
_REDEEMED = (-0.5, -0.9, -1.4, -1.9, -2.3, -2.6)
_FLOATERS = 8
_STEP_UPS = 3
_TERMS = (1, 2, 3, 5, 7, 10, 15, 20, 30)
# Borrowers from elsewhere issue in the currency that their lenders count in.
_ISSUED_IN = {"EUR": "EUR", "SEK": "EUR", "CHF": "EUR", "NOK": "EUR", "GBP": "GBP", "JPY": "JPY"}
_SAFE = ("US", "DE", "GB", "JP")
_EIGHTH = 0.00125


@dataclass(frozen=True)
class _Plan:
    """A bond to be issued: ``shape`` is fixed, zero, floating or step."""

    issuer: Issuer
    currency: str
    years: float
    shape: str


def bond_items(stage: Stage) -> list[Item]:
    """About 120 live bonds and some that were redeemed since the opening."""
    rng = stream(stage.seed, "demo.bonds")
    items: dict[str, Item] = {}
    for plan in (*_states(stage), *_companies(stage)):
        bond = _bond(stage, plan, float(rng.random()))
        while bond.instrument_id in items:
            bond = _bond(stage, plan, float(rng.random()))
        first = max(stage.row(bond.issue_date), 0)
        items[bond.instrument_id] = Item(bond, first, min(stage.row(bond.maturity), stage.end))
    return list(items.values())


def _states(stage: Stage) -> Iterator[_Plan]:
    by_country = {i.country: i for i in stage.history.issuers if i.kind == "state"}
    for code, terms in _STATE_BONDS.items():
        issuer = by_country[code]
        currency = issuer.currency if issuer.currency in CALENDARS else "USD"
        yield from (_Plan(issuer, currency, years, "fixed") for years in terms)
    for code, terms in _BILLS.items():
        yield from (_Plan(by_country[code], by_country[code].currency, y, "zero") for y in terms)


def _companies(stage: Stage) -> Iterator[_Plan]:
    borrowers = [i for i in stage.history.issuers if i.kind != "state"]
    banks = [i for i in borrowers if i.kind == "bank"]
    floating = {i.issuer_id for i in banks[:: len(banks) // _FLOATERS][:_FLOATERS]}
    weak = [i for i in borrowers if i.rating in ("BB", "B")]
    stepping = {i.issuer_id for i in weak[:_STEP_UPS]}
    for place, issuer in enumerate(borrowers):
        shape = "floating" if issuer.issuer_id in floating else "fixed"
        shape = "step" if issuer.issuer_id in stepping else shape
        years = _COMPANY_YEARS[place % len(_COMPANY_YEARS)]
        yield _Plan(issuer, _issued_in(issuer), years, shape)
    for place, issuer in enumerate(borrowers[:: len(borrowers) // _SECOND_BONDS][:_SECOND_BONDS]):
        shape = "zero" if place == 0 else "fixed"
        yield _Plan(issuer, _issued_in(issuer), 9.2 - place, shape)
    for years, issuer in zip(_REDEEMED, borrowers[3::7], strict=False):
        yield _Plan(issuer, _issued_in(issuer), years, "fixed")


def _issued_in(issuer: Issuer) -> str:
    return _ISSUED_IN.get(issuer.currency, "USD")


def _bond(stage: Stage, plan: _Plan, chance: float) -> Bond:
    calendar = business_calendar(CALENDARS[plan.currency])
    remaining = timedelta(days=round(plan.years * 365.25 + 60 * (chance - 0.5)))
    maturity = calendar.adjust(stage.as_of + remaining, Adjustment.FOLLOWING)
    term = next((t for t in _TERMS if t > plan.years + 0.25 and t > 1 - plan.years), _TERMS[-1])
    issue = max(_years_before(maturity, term), date(1997, 1, 15))
    issuer, is_state = plan.issuer, plan.issuer.kind == "state"
    code = issuer.issuer_id.removeprefix("ISSUER.")
    common: dict[str, Any] = {
        "instrument_id": f"B.{code}.{maturity:%Y%m%d}{'Z' if plan.shape == 'zero' else ''}",
        "currency": plan.currency,
        "calendar": CALENDARS[plan.currency],
        "settlement_days": 1 if is_state else 2,
        "lot_size": Decimal(1000),
        "issue_date": issue,
        "maturity": maturity,
        "discount_curve_id": f"{plan.currency}.{'GOVT' if is_state else 'OIS'}",
        "credit_curve_id": None if is_state and issuer.country in _SAFE else issuer.issuer_id,
        "is_government": is_state,
        "tags": _tags(issuer),
    }
    common["identifiers"] = identifiers_of(common["instrument_id"], issuer.country)
    return _shaped(stage, plan, common, term)


def _shaped(stage: Stage, plan: _Plan, common: dict[str, Any], term: int) -> Bond:
    maturity: date = common["maturity"]
    issue: date = common["issue_date"]
    title = plan.issuer.title
    if plan.shape == "zero":
        return ZeroBond(name=f"{title} zero {maturity:%d %b %Y}", **common)
    frequency = 2 if plan.currency in ("USD", "GBP", "JPY") else 1
    spread = _spread_at_issue(stage, plan, issue)
    if plan.shape == "floating":
        index, projection = _FLOATING[plan.currency]
        return FloatingBond(
            name=f"{title} floating {maturity:%d %b %Y}",
            index_id=index,
            projection_curve_id=projection,
            spread=round(spread, 4),
            frequency=2 if index.endswith("6M") else 4,
            **common,
        )
    base = stage.zero_rates(
        common["discount_curve_id"], np.array([stage.row(issue)]), np.array([float(term)])
    )
    coupon = max(round((float(base[0]) + spread) / _EIGHTH) * _EIGHTH, 0.0)
    steps: tuple[tuple[date, float], ...] = ()
    if plan.shape == "step":
        middle = _years_before(maturity, max(term // 2, 1))
        steps = ((issue, round(coupon - 0.0075, 5)), (middle, round(coupon + 0.0125, 5)))
    label = "step-up" if steps else f"{100 * coupon:.3f}%"
    return FixedBond(
        name=f"{title} {label} {maturity:%d %b %Y}",
        coupon_rate=round(coupon, 5),
        frequency=frequency,
        steps=steps,
        **common,
    )


_FLOATING = {
    "USD": ("SOFR", "USD.OIS"), "GBP": ("SONIA", "GBP.OIS"),
    "EUR": ("EURIBOR6M", "EUR.6M"), "JPY": ("TIBOR6M", "JPY.6M"),
}  # fmt: skip


def _spread_at_issue(stage: Stage, plan: _Plan, issue: date) -> float:
    if plan.issuer.kind == "state" and plan.issuer.country in _SAFE:
        return 0.0
    return float(stage.history.issuer_spreads.of(plan.issuer.issuer_id)[stage.row(issue)])


def _tags(issuer: Issuer) -> Tags:
    return Tags(
        sector=issuer.sector,
        country=issuer.country,
        region=COUNTRY_BY_CODE[issuer.country].region,
        issuer_id=issuer.issuer_id,
        rating=issuer.rating,
        industry={"bank": "Banks", "state": "Sovereign"}.get(issuer.kind),
    )


def _years_before(day: date, years: int) -> date:
    """The same day years earlier; 29 February becomes the 28th."""
    return date(day.year - years, day.month, min(day.day, 28))
