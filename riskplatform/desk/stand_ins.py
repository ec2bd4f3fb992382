"""What stands in for the prices of names that are younger than a history.

A share moves as its betas say; one too young for betas moves one for one with the market; a future
moves as the contract of its root that expired before it. Every one is told in the notes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from riskplatform.desk.betas import Shares, factor_returns_of, share_returns
from riskplatform.domain.instruments import Equity, EquityIndex, Future, Instrument
from riskplatform.domain.outcome import Failure
from riskplatform.factors.betas import estimate_betas
from riskplatform.factors.selection import MARKETS, equity_factors
from riskplatform.market.lookup import attempt
from riskplatform.simulation.stand_ins import first_known, on_days, prolonged, systematic_returns
from riskplatform.store.lake import Between

if TYPE_CHECKING:
    from riskplatform.desk.desk import Desk

# Exchanges close for holidays of up to a week; what is older is no longer a price of the day.
LONGEST_GAP_DAYS = 7
_NAMED = 10

BY_BETAS = "betas times factor returns, without moves of their own"
BY_MARKET = "the market's factor one for one, too young for betas"
BY_CONTRACTS = "contracts of the same root that expired before them"


@dataclass(frozen=True, slots=True)
class Past:
    """Where a history is read: its days, the date it is of, and the snapshot of the lake."""

    grid: pd.DatetimeIndex
    days: int
    as_of: date
    snapshot: int

    @property
    def begin(self) -> int:
        """The place on the grid of the first level that scenarios are made from."""
        return max(len(self.grid) - self.days - 1, 0)


def with_stand_ins(
    desk: Desk, closes: pd.DataFrame, past: Past
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Closes [day, name], splits undone, with the beginnings of young names filled; the notes."""
    young = {
        str(name): first
        for name in closes.columns
        if (first := first_known(closes[name].to_numpy())) is not None and first > past.begin
    }
    if not young:
        return closes, ()
    terms = desk.instruments()
    known = {name: terms[name] for name in young if name in terms}
    notes, filled = [], closes
    for words, returns in (
        *_of_shares(desk, known, past),
        (BY_CONTRACTS, _of_futures(desk, known, terms, past)),
    ):
        filled = prolonged(filled, returns)
        whole = [name for name in map(str, returns) if np.isfinite(filled[name].iloc[past.begin])]
        if whole:
            notes.append(_note(words, {name: young[name] - past.begin for name in whole}, past))
    return filled, tuple(notes)


def _of_shares(
    desk: Desk, known: Mapping[str, Instrument], past: Past
) -> list[tuple[str, pd.DataFrame]]:
    """Returns by betas where there are enough days to estimate them, else those of the market."""
    shares = {n: each for n, each in known.items() if isinstance(each, Equity | EquityIndex)}
    if not shares:
        return []
    # One day more than the grid, so that its first day has something to be compared with.
    days = len(past.grid) + 1
    factors = attempt(lambda: factor_returns_of(desk, past.as_of, days, past.snapshot))
    if isinstance(factors, Failure):
        return []
    betas = _betas(desk, shares, factors, past.snapshot)
    young = [name for name in shares if name not in betas.index]
    market = [name for name in MARKETS if name in factors][:1]
    one_for_one = pd.DataFrame(1.0, index=young if market else [], columns=market)
    return [
        (BY_BETAS, on_days(systematic_returns(factors, betas), past.grid)),
        (BY_MARKET, on_days(systematic_returns(factors, one_for_one), past.grid)),
    ]


def _betas(desk: Desk, shares: Shares, factors: pd.DataFrame, snapshot: int) -> pd.DataFrame:
    base = desk.settings.base_currency
    names = [str(name) for name in factors.columns]
    found = estimate_betas(
        share_returns(desk, shares, pd.DatetimeIndex(factors.index), snapshot),
        factors,
        {
            name: equity_factors(share.tags, share.currency, names, base_currency=base)
            for name, share in shares.items()
        },
        base_currency=base,
        inputs={},
    )
    return found.matrix()


def _of_futures(
    desk: Desk, known: Mapping[str, Instrument], terms: Mapping[str, Instrument], past: Past
) -> pd.DataFrame:
    """For each future the returns of the newest contract of its root, of those that expired first.

    A contract's days count only while it has a price; then the one that expired before it does.
    """
    mine = [each for each in known.values() if isinstance(each, Future)]
    older = {future.instrument_id: _older(future, terms.values()) for future in mine}
    names = sorted({name for each in older.values() for name in each})
    found = pd.DataFrame(index=past.grid)
    if not names:
        return found
    rows = desk.lake.read(
        "prices",
        where={
            "instrument_id": names,
            "date": Between(past.grid[0].date(), past.grid[-1].date()),
        },
        columns=("instrument_id", "date", "close", "repaired_close", "repair_rule"),
        order_by=(),
        at_snapshot=past.snapshot,
    )
    rows["close"] = rows["repaired_close"].where(rows["repair_rule"].notna(), rows["close"])
    closes = rows.pivot(index="date", columns="instrument_id", values="close")
    closes.index = pd.to_datetime(closes.index)
    closes = closes.reindex(index=past.grid, columns=names).ffill(limit=LONGEST_GAP_DAYS)
    moved = closes.where(closes > 0).map(np.log).diff()
    for name, contracts in older.items():
        chain = pd.Series(np.nan, index=past.grid)
        for contract in contracts:
            chain = chain.combine_first(moved[contract])
        found[name] = chain
    return found


def _older(future: Future, all_terms: Iterable[Instrument]) -> list[str]:
    """Contracts of the same root that expire before it, the newest first."""
    contracts = [
        each
        for each in all_terms
        if isinstance(each, Future)
        and (each.root, each.currency) == (future.root, future.currency)
        and each.expiry < future.expiry
    ]
    contracts.sort(key=lambda each: each.expiry, reverse=True)
    return [each.instrument_id for each in contracts]


def _note(words: str, missing: Mapping[str, int], past: Past) -> str:
    days = len(past.grid) - 1 - past.begin
    named = ", ".join(f"{name} ({count})" for name, count in [*missing.items()][:_NAMED])
    more = f" and {len(missing) - _NAMED} more" if len(missing) > _NAMED else ""
    return (
        f"{len(missing)} of the names are younger than the history, carried back before the first "
        f"price by {words} (days of {days}): {named}{more}."
    )
