"""Factor betas of the desk's shares: prices and factor returns from the lake, splits undone."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from riskplatform.desk.book_state import ledger_input
from riskplatform.desk.scope import scope_of
from riskplatform.domain.instruments import Equity, EquityIndex, Instrument
from riskplatform.domain.transactions import TransactionKind
from riskplatform.errors import MissingDataError, UserInputError
from riskplatform.factors.betas import FactorBetas, estimate_betas
from riskplatform.factors.selection import equity_factors
from riskplatform.store.lake import Between
from riskplatform.store.ledger.splits import exact_ratio

if TYPE_CHECKING:
    from riskplatform.desk.desk import Desk

Shares = dict[str, Equity | EquityIndex]

# Calendar days that surely hold a number of market days: 5 of 7, and holidays.
_CALENDAR_DAYS_PER_DAY = 1.6
_HOLIDAYS = timedelta(days=30)


def betas(
    desk: Desk, as_of: date | None = None, *, node: str | None = None, days: int = 504
) -> FactorBetas:
    """Betas over the last ``days`` market days of every share and index that has prices.

    With a ``node``, of those that it holds at the end of ``as_of`` or whose derivatives it holds.
    Returns are those of prices in the instrument's own currency, dividends not added back; the
    currency's beta is therefore what a share does beyond its translation.
    """
    if days < 2:
        raise UserInputError(f"Betas need at least two days, not {days}.")
    day = desk.as_of(as_of)
    snapshot = desk.lake.latest_snapshot()
    factor_returns = factor_returns_of(desk, day, days, snapshot)
    shares = _shares(desk, day, node)
    grid = pd.DatetimeIndex(factor_returns.index)
    returns = share_returns(desk, shares, grid, snapshot)
    if node is None:
        # An instrument that nobody ever had a price for is not part of the question.
        returns = returns.dropna(axis="columns", how="all")
    base = desk.settings.base_currency
    known = [str(name) for name in factor_returns.columns]
    return estimate_betas(
        returns,
        factor_returns,
        {
            name: equity_factors(share.tags, share.currency, known, base_currency=base)
            for name, share in shares.items()
        },
        base_currency=base,
        inputs={
            "node": node or "everything",
            "days": str(days),
            "ledger": ledger_input(desk),
            "lake snapshot": str(snapshot),
        },
    )


def share_returns(
    desk: Desk, shares: Shares, grid: pd.DatetimeIndex, snapshot: int
) -> pd.DataFrame:
    """Daily log returns [day, share] on ``grid``; missing unless both days have a price.

    A price is not carried forward: two days' return beside one day of a factor would lower the
    beta. The first day looks back to the last market day before it.
    """
    first, last = grid[0].date() - _HOLIDAYS, grid[-1].date()
    rows = desk.lake.read(
        "prices",
        where={"instrument_id": list(shares), "date": Between(first, last)},
        columns=("instrument_id", "date", "close", "repaired_close", "repair_rule"),
        order_by=(),
        at_snapshot=snapshot,
    )
    # As in a snapshot of one day: where a rule repaired a price, the repaired one counts.
    rows["close"] = rows["repaired_close"].where(rows["repair_rule"].notna(), rows["close"])
    closes = rows.pivot(index="date", columns="instrument_id", values="close")
    closes.index = pd.to_datetime(closes.index)
    before = closes.index[closes.index < grid[0]]
    span = grid if before.empty else grid.insert(0, before.max())
    closes = closes.reindex(index=span, columns=list(shares))
    logs = closes.where(closes > 0).map(np.log) + split_logs(desk, span, list(shares))
    return logs.diff().reindex(grid)


def split_logs(desk: Desk, grid: pd.DatetimeIndex, names: list[str]) -> pd.DataFrame:
    """Logarithm of shares per first share by day, to be added to the logarithm of the price."""
    size = np.zeros((len(grid), len(names)))
    column = {name: number for number, name in enumerate(names)}
    splits = desk.ledger.transactions(
        kinds=[TransactionKind.SPLIT], start=grid[0].date(), end=grid[-1].date()
    )
    for name, moment, ratio in zip(
        splits["instrument_id"], splits["effective_at"], splits["ratio"], strict=True
    ):
        if name in column:
            row = int(grid.searchsorted(pd.Timestamp(moment.date())))
            size[row:, column[name]] += np.log(float(exact_ratio(ratio)))
    return pd.DataFrame(size, index=grid, columns=names)


def factor_returns_of(desk: Desk, as_of: date, days: int, snapshot: int) -> pd.DataFrame:
    """Log returns [day, factor] of the last ``days`` days that have any."""
    start = as_of - timedelta(days=days * _CALENDAR_DAYS_PER_DAY) - _HOLIDAYS
    rows = desk.lake.read(
        "factor_returns",
        where={"date": Between(start, as_of), "kind": "log"},
        columns=("factor_id", "date", "value"),
        order_by=(),
        at_snapshot=snapshot,
    )
    if rows.empty:
        raise MissingDataError(
            f"The lake has no factor returns of kind 'log' from {start} to {as_of}.",
            hint="Write them to the table factor_returns.",
        )
    table = rows.pivot(index="date", columns="factor_id", values="value").sort_index()
    table.index = pd.to_datetime(table.index)
    return table.iloc[-days:]


def _shares(desk: Desk, as_of: date, node: str | None) -> Shares:
    instruments = desk.instruments()
    names = instruments.keys() if node is None else _held(desk, as_of, node, instruments)
    return {
        name: share
        for name in sorted(names)
        if isinstance(share := instruments[name], Equity | EquityIndex)
    }


def _held(desk: Desk, as_of: date, node: str, instruments: dict[str, Instrument]) -> set[str]:
    """What a node holds, and what that is a derivative of."""
    leaves = scope_of(desk.portfolios(), node).leaves
    table = desk.ledger.positions(as_of, portfolio_ids=leaves).to_frame()
    names = set(table.loc[table["quantity"] != 0, "instrument_id"])
    below = {getattr(instruments[name], "underlying_id", None) for name in names}
    return names | {name for name in below if name in instruments}
