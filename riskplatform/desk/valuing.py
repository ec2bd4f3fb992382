"""Values the book: positions from the ledger, marks and rates from the lake, joined purely."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

import pandas as pd

from riskplatform.desk.book_state import ledger_input
from riskplatform.desk.scope import Scope
from riskplatform.domain.instruments import Instrument
from riskplatform.market.snapshot import MarketSnapshot
from riskplatform.pricing.valuation import Valuation, value_lines
from riskplatform.store.lake import Between

if TYPE_CHECKING:
    from riskplatform.desk.desk import Desk

_RECENT_DAYS = 45
# The fixing of a running coupon is at most a year old, and some days for holidays.
_LONGEST_COUPON = timedelta(days=400)


def market_of(desk: Desk, as_of: date, at_snapshot: int | None) -> MarketSnapshot:
    """The market snapshot of ``as_of``, every table read at one lake snapshot."""
    lake = desk.lake
    snapshot = lake.latest_snapshot() if at_snapshot is None else at_snapshot
    frames = {
        "prices": lake.last_prices(as_of, at_snapshot=snapshot),
        "fx": lake.fx(as_of, at_snapshot=snapshot),
        "curves": lake.curves(as_of, at_snapshot=snapshot),
        "credit_curves": lake.credit_curves(as_of, at_snapshot=snapshot),
        "vol_surfaces": lake.vol_surfaces(as_of, at_snapshot=snapshot),
        "carry": lake.carry(as_of, at_snapshot=snapshot),
        "fixings": lake.fixings(as_of, at_snapshot=snapshot),
    }
    return MarketSnapshot.from_frames(as_of, frames, max_age_days=desk.settings.stale_after_days)


def marks_of(
    desk: Desk, as_of: date, instrument_ids: list[str], at_snapshot: int
) -> MarketSnapshot:
    """As much of the market as a valuation by marks reads."""
    lake = desk.lake
    fixed = Between(as_of - _LONGEST_COUPON, as_of)
    frames = {
        "prices": last_prices(desk, as_of, instrument_ids, at_snapshot),
        "fx": lake.fx(as_of, at_snapshot=at_snapshot),
        "fixings": lake.read("fixings", where={"date": fixed}, at_snapshot=at_snapshot),
    }
    return MarketSnapshot.from_frames(as_of, frames, max_age_days=desk.settings.stale_after_days)


def last_prices(
    desk: Desk, as_of: date, instrument_ids: list[str], at_snapshot: int
) -> pd.DataFrame:
    """The last price of each instrument: most are recent, so the years are read for the rest."""
    recent = desk.lake.last_prices(
        as_of, instrument_ids, max_age_days=_RECENT_DAYS, at_snapshot=at_snapshot
    )
    rest = sorted(set(instrument_ids) - set(recent["instrument_id"]))
    if not rest:
        return recent
    older = desk.lake.last_prices(as_of, rest, at_snapshot=at_snapshot)
    return pd.concat([recent, older], ignore_index=True) if len(older) else recent


def value(
    desk: Desk,
    as_of: date,
    scope: Scope,
    *,
    recorded: datetime | None,
    at_snapshot: int | None,
) -> Valuation:
    """The valuation of a scope, with what it was computed from."""
    snapshot = desk.lake.latest_snapshot() if at_snapshot is None else at_snapshot
    positions = _positions(desk, as_of, scope, recorded)
    market = marks_of(desk, as_of, sorted(set(positions["instrument_id"])), snapshot)
    terms = desk.instruments(recorded=recorded)
    return _valued(desk, scope, positions, terms, market, recorded, snapshot)


def value_in(
    desk: Desk,
    scope: Scope,
    market: MarketSnapshot,
    terms: Mapping[str, Instrument],
    *,
    recorded: datetime | None,
    at_snapshot: int,
) -> Valuation:
    """The same in a market that has been read already, of lake snapshot ``at_snapshot``."""
    positions = _positions(desk, market.as_of, scope, recorded)
    return _valued(desk, scope, positions, terms, market, recorded, at_snapshot)


def _positions(desk: Desk, as_of: date, scope: Scope, recorded: datetime | None) -> pd.DataFrame:
    table = desk.ledger.positions(as_of, recorded=recorded, portfolio_ids=scope.leaves)
    return table.to_frame()


def _valued(
    desk: Desk,
    scope: Scope,
    positions: pd.DataFrame,
    terms: Mapping[str, Instrument],
    market: MarketSnapshot,
    recorded: datetime | None,
    snapshot: int,
) -> Valuation:
    valuation = value_lines(
        positions,
        terms,
        market,
        base_currency=desk.settings.base_currency,
        inputs={
            "node": scope.node or "everything",
            "ledger": ledger_input(desk, recorded),
            "lake snapshot": str(snapshot),
        },
    )
    valuation.lines["portfolio"] = valuation.lines["portfolio_id"].map(scope.child_of_leaf)
    return valuation
