"""The day's market for the paper venue, made from the lake: who trades, when, and how."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import pandas as pd

from riskplatform.domain.instruments import (
    Coin,
    Equity,
    Etf,
    FixedBond,
    FloatingBond,
    Future,
    FxSpot,
    Instrument,
    Option,
    Perpetual,
    Reit,
    ZeroBond,
)
from riskplatform.domain.outcome import Coverage, Failure, FailureReason
from riskplatform.domain.transactions import TransactionKind
from riskplatform.errors import MissingDataError
from riskplatform.execution.paper.bars import bar_of_closes, price_step
from riskplatform.execution.paper.halts import halts_of
from riskplatform.execution.paper.market import DayMarket, Halt, Listing
from riskplatform.execution.paper.rules import VenueRules
from riskplatform.market.trading_hours import Span, session_of
from riskplatform.store.lake import Between
from riskplatform.store.ledger.splits import exact_ratio

if TYPE_CHECKING:
    from riskplatform.desk.desk import Desk

# What is dealt on a venue by price; swaps and the like are dealt between two.
TRADED = (
    Equity, Etf, Reit, FixedBond, ZeroBond, FloatingBond, Future, FxSpot, Option, Coin, Perpetual,
)  # fmt: skip
_LOOK_BACK = timedelta(days=45)
_CLOSES = 21


@dataclass(frozen=True, slots=True)
class PaperMarket:
    """A day's market, and what is missing in it that should trade on that day."""

    market: DayMarket
    coverage: Coverage


@dataclass(slots=True)
class _Making:
    """What has been found so far."""

    listings: list[Listing] = field(default_factory=list)
    halts: list[Halt] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)


def paper_market(desk: Desk, day: date, rules: VenueRules, seed: int) -> PaperMarket:
    """Everything that is traded by price and has a session on ``day`` (in UTC)."""
    prices = _prices(desk, day)
    today = pd.Timestamp(day)
    made = _Making()
    for name, instrument in sorted(desk.instruments().items()):
        expires = instrument.expires_on
        if not isinstance(instrument, TRADED) or (expires is not None and expires < day):
            continue
        rows = prices.get(name)
        if rows is None:
            # Terms of what was never priced are no gap of this day.
            continue
        spans = _spans(instrument, day)
        if not spans:
            continue
        if rows["date"].iloc[-1] != today:
            made.failures.append(
                Failure(FailureReason.MISSING_DATA, f"no price on {day}", subject=name)
            )
            continue
        listing = _listing(instrument, rows, spans, rules, seed, day)
        made.listings.append(listing)
        made.halts += halts_of(listing, rules, seed)
    if not made.listings:
        raise MissingDataError(
            f"The lake has no price on {day} of anything that trades on that day.",
            hint="Give a day with prices: `riskplatform market show` knows the last.",
        )
    market = DayMarket(day=day, listings=tuple(made.listings), halts=tuple(made.halts))
    return PaperMarket(market, Coverage(len(made.listings), tuple(made.failures)))


def _prices(desk: Desk, day: date) -> dict[str, pd.DataFrame]:
    """Closes up to ``day`` by instrument, the newest last, splits undone."""
    start = day - _LOOK_BACK
    rows = desk.lake.read(
        "prices",
        where={"date": Between(start, day)},
        columns=("instrument_id", "date", "close", "volume", "repaired_close", "repair_rule"),
    )
    rows["close"] = rows["repaired_close"].where(rows["repair_rule"].notna(), rows["close"])
    splits = desk.ledger.transactions(kinds=[TransactionKind.SPLIT], start=start, end=day)
    for name, moment, ratio in zip(
        splits["instrument_id"], splits["effective_at"], splits["ratio"], strict=True
    ):
        before = (rows["instrument_id"] == name) & (rows["date"] < pd.Timestamp(moment.date()))
        rows.loc[before, "close"] /= float(exact_ratio(ratio))
    return {str(name): part.tail(_CLOSES) for name, part in rows.groupby("instrument_id")}


def _spans(instrument: Instrument, day: date) -> list[Span]:
    """When it trades; of a session that begins or ends on another day, what lies on this one."""
    session = session_of(instrument.calendar, day)
    if session is None:
        return []
    start = datetime.combine(day, time(), UTC)
    end = start + timedelta(days=1) - timedelta(seconds=1)
    clipped = [(max(a, start), min(b, end)) for a, b in session.spans]
    return [(a, b) for a, b in clipped if a < b]


def _listing(
    instrument: Instrument,
    rows: pd.DataFrame,
    spans: list[Span],
    rules: VenueRules,
    seed: int,
    day: date,
) -> Listing:
    closes = [float(close) for close in rows["close"]]
    volume = rows["volume"].iloc[-1]
    bar = bar_of_closes(
        instrument,
        closes,
        None if pd.isna(volume) else float(volume),
        rules,
        seed=seed,
        day=day.isoformat(),
    )
    return Listing(
        instrument_id=instrument.instrument_id,
        currency=instrument.currency,
        opens_at=spans[0][0],
        closes_at=spans[-1][1],
        price_step=price_step(closes[-1]),
        lot_size=instrument.lot_size,
        multiplier=instrument.multiplier,
        pauses=tuple((before[1], after[0]) for before, after in pairwise(spans)),
        bar=bar,
    )
