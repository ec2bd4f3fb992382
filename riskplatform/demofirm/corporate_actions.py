"""What companies do to their shares: dividends, splits, one merger and one spin-off.

An event of the history on a holiday of the exchange happens at its next session, with which the
price moves too.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

import numpy as np

from riskplatform.demofirm.cast import Cast
from riskplatform.demofirm.identifiers import identifiers_of
from riskplatform.demofirm.marks import MarkBook, Series, exact
from riskplatform.demofirm.stage import Item, Stage
from riskplatform.domain.instruments import Equity
from riskplatform.market.synthetic.quotes import blemished_quotes
from riskplatform.market.synthetic.surfaces import optionable

SPLIT, DIVIDEND, SPIN_OFF, MERGER = 0, 1, 2, 3
_SPIN_SHARE = 0.18  # of the parent's value
_CHILDREN_PER_SHARE = Decimal("0.25")
_SPIN_ROWS_BACK = 330
_MERGER_ROWS_BACK = 410


@dataclass(frozen=True)
class Event:
    """What happens to one name (its column among the shares) at the start, or end, of a row.

    ``value`` is new shares for one old, cash per share, or shares received for each one held.
    """

    row: int
    order: int
    column: int
    value: Decimal
    other: int = -1


@dataclass(frozen=True)
class CorporateActions:
    """All events since the opening in order, and what the two large ones were."""

    events: tuple[Event, ...]
    merger: Event
    spin_off: Event


def with_corporate_actions(stage: Stage, cast: Cast) -> tuple[Cast, CorporateActions]:
    """The cast after the merger and the spin-off, and all events."""
    target, acquirer = _merging(stage, cast)
    parent = _parent(stage, cast, {target, acquirer})
    spin_row = stage.end - _SPIN_ROWS_BACK
    merger_row = stage.end - _MERGER_ROWS_BACK
    calendar = cast.shares[target].instrument.calendar
    merger_row = stage.next_open(calendar, merger_row)
    spin_row = stage.next_open(cast.shares[parent].instrument.calendar, spin_row)
    child = _spin_off(stage, cast.marks, cast.shares[parent], spin_row)
    shares = [*cast.shares, child]
    ended = cast.shares[target]
    shares[target] = Item(ended.instrument, ended.first, merger_row)
    _end_series(cast.marks, ended.id, merger_row)
    prices = [cast.marks.at(cast.shares[c].id, merger_row) for c in (target, acquirer)]
    ratio = exact(round(prices[0] / prices[1], 4))
    merger = Event(merger_row, MERGER, target, ratio, acquirer)
    spin_off = Event(spin_row, SPIN_OFF, parent, _CHILDREN_PER_SHARE, len(shares) - 1)
    usual = [
        event for event in _usual_events(stage, cast, spin_off)
        if not (event.column == target and event.row > merger_row)
    ]  # fmt: skip
    events = sorted((*usual, merger, spin_off), key=lambda e: (e.row, e.order, e.column))
    return replace(cast, shares=tuple(shares)), CorporateActions(tuple(events), merger, spin_off)


def _usual_events(stage: Stage, cast: Cast, spin_off: Event) -> list[Event]:
    equities = stage.history.equities
    events = []
    window = slice(stage.opening + 1, stage.end + 1)
    happens = (equities.split_ratios[window] != 1.0) | (equities.dividends[window] > 0.0)
    for offset, column in np.argwhere(happens).tolist():
        row = stage.opening + 1 + offset
        ratio, cash = equities.split_ratios[row, column], equities.dividends[row, column]
        moved = stage.next_open(cast.shares[column].instrument.calendar, row)
        if moved > stage.end:
            continue
        if ratio != 1.0:
            events.append(Event(moved, SPLIT, column, exact(float(ratio))))
        else:
            if column == spin_off.column and row >= spin_off.row:
                cash *= 1.0 - _SPIN_SHARE
            events.append(Event(moved, DIVIDEND, column, exact(round(float(cash), 4))))
    return events


def _quiet(stage: Stage, cast: Cast) -> list[int]:
    """Ordinary shares without options, splits or faults of their quotes since the opening."""
    history = stage.history
    with_options = {name.instrument_id for name in optionable(history.universe)}
    faulty = {blemish.instrument_id for blemish in blemished_quotes(history).blemishes}
    splits = (history.equities.split_ratios[stage.opening :] != 1.0).any(axis=0)
    return [
        column
        for column, name in enumerate(history.universe.names)
        if name.kind == "equity"
        and not splits[column]
        and name.instrument_id not in with_options | faulty
    ]


def _merging(stage: Stage, cast: Cast) -> tuple[int, int]:
    """A small American company and a larger one of its sector, neither of which borrows."""
    names = stage.history.universe.names
    borrowers = {issuer.listed_id for issuer in stage.history.issuers}
    american = [
        c for c in _quiet(stage, cast)
        if names[c].country == "US" and names[c].industry != "Banks"
        and names[c].instrument_id not in borrowers
    ]  # fmt: skip
    american.sort(key=lambda c: names[c].market_cap_usd)
    target = american[2]
    same = [c for c in american if names[c].sector == names[target].sector and c != target]
    return target, (same or american)[-1]


def _parent(stage: Stage, cast: Cast, taken: set[int]) -> int:
    names = stage.history.universe.names
    american = [c for c in _quiet(stage, cast) if names[c].country == "US" and c not in taken]
    return sorted(american, key=lambda c: names[c].market_cap_usd)[len(american) // 2]


def _spin_off(stage: Stage, marks: MarkBook, parent: Item, row: int) -> Item:
    """The child's instrument; the parent's marks lose from ``row`` on what the child is worth."""
    share = parent.instrument
    assert isinstance(share, Equity)
    ticker, _, exchange = parent.id.partition(".")
    child_id = f"{ticker[:3]}N.{exchange}"
    tags = replace(share.tags, issuer_id=f"ISSUER.{ticker[:3]}N", rating=None)
    child = replace(
        share,
        instrument_id=child_id,
        name=f"New {share.name}",
        identifiers=identifiers_of(child_id, share.tags.country or "US"),
        tags=tags,
    )
    series = marks.of(parent.id)
    values = series.values.copy()
    after = values[row:]
    per_child = after * _SPIN_SHARE / float(_CHILDREN_PER_SHARE)
    # The child goes its own way: it moves more than its parent did, from the same start.
    ahead = np.maximum(np.log(after / after[0]) * 1.35, -2.0)
    item = Item(child, row, stage.end)
    marks.add(
        item,
        np.maximum(np.round(per_child[0] * np.exp(ahead), 2), 0.01),
        stage.is_open(child.calendar),
    )
    values[row:] = np.maximum(np.round(after * (1.0 - _SPIN_SHARE), 2), 0.01)
    marks.replace(parent.id, Series(series.first, values, series.is_quoted))
    return item


def _end_series(marks: MarkBook, instrument_id: str, row: int) -> None:
    series = marks.of(instrument_id)
    count = row - series.first + 1
    marks.replace(
        instrument_id, Series(series.first, series.values[:count], series.is_quoted[:count])
    )
