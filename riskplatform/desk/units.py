"""Everything the desk holds as priced units: the instrument axis that Q, E and U share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING

from riskplatform.desk.scope import scope_of
from riskplatform.desk.valuing import market_of
from riskplatform.domain.instruments import Cash, Instrument
from riskplatform.errors import UnknownNameError
from riskplatform.market.snapshot import MarketSnapshot
from riskplatform.market.surfaces import SmileRule
from riskplatform.pricing.conventions import PricingConventions
from riskplatform.pricing.units.book import UnitBook, unit_book

if TYPE_CHECKING:
    from riskplatform.desk.desk import Desk


def units_of(
    names: Iterable[str],
    terms: Mapping[str, Instrument],
    market: MarketSnapshot,
    conventions: PricingConventions,
) -> UnitBook:
    """Units of these instruments, and of the money of each of their currencies.

    Money is a unit of its own, because futures are paid for later: see the balances of lines.
    """
    held = [terms[name] for name in sorted(set(names))]
    money = [Cash.of(currency) for currency in sorted({each.currency for each in held})]
    known = {each.instrument_id for each in held}
    wanted = [*held, *(cash for cash in money if cash.instrument_id not in known)]
    return unit_book(wanted, market, conventions, terms=terms)


def conventions_of(desk: Desk) -> PricingConventions:
    """The desk's choices where the terms of instruments leave one."""
    rule = desk.settings.smile_rule
    if rule not in list(SmileRule):
        raise UnknownNameError("smile rule", rule, list(SmileRule))
    return PricingConventions(smile_rule=SmileRule(rule))


def held_units(
    desk: Desk, as_of: date, snapshot: int, *, recorded: datetime | None = None
) -> tuple[MarketSnapshot, UnitBook]:
    """Of everything that any portfolio but a benchmark holds on a day, and what is looked at."""
    leaves = scope_of(desk.portfolios(recorded=recorded), None).leaves
    table = desk.ledger.positions(as_of, recorded=recorded, portfolio_ids=leaves).to_frame()
    market = market_of(desk, as_of, snapshot)
    terms = desk.instruments(recorded=recorded)
    for name in sorted(desk.also):
        if name not in terms:
            raise UnknownNameError("instrument", name, terms)
    names = [*table["instrument_id"], *desk.also]
    return market, units_of(names, terms, market, conventions_of(desk))
