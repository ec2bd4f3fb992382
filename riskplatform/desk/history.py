"""The book day by day: holdings from the ledger, marks and rates from the lake."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from riskplatform.desk.book_state import ledger_input
from riskplatform.desk.scope import Scope, scope_of
from riskplatform.domain.instruments import Instrument, Quote
from riskplatform.domain.outcome import Coverage, Failure, FailureReason
from riskplatform.domain.provenance import Provenance
from riskplatform.errors import MissingDataError
from riskplatform.market.snapshot import MarketSnapshot
from riskplatform.pricing.marks import MODEL_ID
from riskplatform.pricing.value_path import (
    History,
    MarketPath,
    rate_path,
    unit_value_path,
    value_path,
)
from riskplatform.store.lake import Between

if TYPE_CHECKING:
    from riskplatform.desk.desk import Desk

# Marks older than this at the first day are not looked for.
_LOOK_BACK = timedelta(days=30)


@dataclass(frozen=True)
class MarkedDays:
    """Market days with the value of one unit of every instrument that a scope held on them."""

    days: tuple[date, ...]
    snapshot: int
    instruments: dict[str, Instrument]
    unit_values: pd.DataFrame
    balance_rates: pd.DataFrame


def history(desk: Desk, start: date | None, end: date, scope: Scope) -> History:
    """Value, flows and P&L of each market day from ``start`` to ``end``."""
    return history_of(
        desk, marked_days(desk, start or end - timedelta(days=365), end, scope), scope
    )


def marked_days(desk: Desk, first: date, end: date, scope: Scope) -> MarkedDays:
    """Read the market once, for any number of scopes inside ``scope``."""
    snapshot = desk.lake.latest_snapshot()
    rates = _rates(desk, first, end, snapshot)
    days = [day.date() for day in rates.index if day.date() >= first]
    if not days:
        raise MissingDataError(f"There are no market days from {first} to {end}.")
    names = desk.ledger.path(days, portfolio_ids=scope.leaves).instrument_ids
    instruments = desk.instruments()
    held = [instruments[name] for name in names]
    market = _market_path(desk, days, names, rates, snapshot)
    base = desk.settings.base_currency
    balance_rates = np.zeros((len(days), len(held)))
    for column, instrument in enumerate(held):
        # Only lines that are settled daily carry a balance; others must not ask for a rate twice.
        if instrument.quote is Quote.SETTLED:
            balance_rates[:, column] = rate_path(market, instrument.currency, base)
    return MarkedDays(
        tuple(days),
        snapshot,
        instruments,
        pd.DataFrame(unit_value_path(held, market, base), columns=list(names)),
        pd.DataFrame(balance_rates, columns=list(names)),
    )


def history_of(desk: Desk, marked: MarkedDays, scope: Scope) -> History:
    """The history of a scope on days that are marked already."""
    path = desk.ledger.path(marked.days, portfolio_ids=scope.leaves)
    names = list(path.instrument_ids)
    units = marked.unit_values[names].to_numpy()
    rates = marked.balance_rates[names].to_numpy()
    values, uncovered = value_path(path.quantity, path.balance, units, rates)
    flows, _ = value_path(path.external_quantity, path.external_balance, units, rates)
    frame = pd.DataFrame(
        {
            "date": marked.days,
            "value": values,
            "flows": flows,
            "pnl": np.diff(values, prepend=np.nan) - flows,
            "uncovered": uncovered,
        }
    )
    held = path.quantity[-1] != 0
    missing = [n for n, h, u in zip(names, held, units[-1], strict=True) if h and np.isnan(u)]
    return History(frame, _provenance(desk, scope, marked, int(held.sum()), missing))


def previous_day(desk: Desk, as_of: date) -> date:
    """The market day before ``as_of``, or that day itself at the beginning of time."""
    return desk.lake.last_date("fx", on_or_before=as_of - timedelta(days=1)) or as_of


def below(desk: Desk, as_of: date, node: str | None) -> pd.DataFrame:
    """The day of each portfolio just below ``node``: value at its end, flows and P&L in it."""
    tree = desk.portfolios()
    scope = scope_of(tree, node)
    marked = marked_days(desk, previous_day(desk, as_of), as_of, scope)
    rows = []
    for child in dict.fromkeys(scope.child_of_leaf.values()):
        last = history_of(desk, marked, scope_of(tree, child)).frame.iloc[-1]
        name = tree.node(child).name
        rows.append((child, name, *(float(last[part]) for part in ("value", "flows", "pnl"))))
    return pd.DataFrame(rows, columns=["portfolio", "name", "value", "flows", "pnl"])


def _rates(desk: Desk, first: date, end: date, snapshot: int) -> pd.DataFrame:
    """Dollars per unit by day and currency, the last known rate carried forward."""
    rows = desk.lake.read(
        "fx",
        where={"date": Between(first - _LOOK_BACK, end)},
        columns=("currency", "date", "usd_per_unit"),
        at_snapshot=snapshot,
    )
    table = rows.pivot(index="date", columns="currency", values="usd_per_unit").sort_index()
    table.index = pd.to_datetime(table.index)
    table["USD"] = 1.0
    return table.ffill()


def _market_path(
    desk: Desk, days: list[date], names: tuple[str, ...], rates: pd.DataFrame, snapshot: int
) -> MarketPath:
    rows = desk.lake.read(
        "prices",
        where={
            "instrument_id": list(names),
            "date": Between(days[0] - _LOOK_BACK, days[-1]),
        },
        columns=("instrument_id", "date", "close", "repaired_close", "repair_rule"),
        order_by=(),
        at_snapshot=snapshot,
    )
    # As in a snapshot of one day: where a rule repaired a price, the repaired one is the mark.
    rows["close"] = rows["repaired_close"].where(rows["repair_rule"].notna(), rows["close"])
    closes = rows.pivot(index="date", columns="instrument_id", values="close").sort_index()
    closes.index = pd.to_datetime(closes.index)
    grid = pd.DatetimeIndex(days)
    frames = {"fixings": desk.lake.fixings(days[-1], at_snapshot=snapshot)}
    return MarketPath(
        grid.to_numpy().astype("datetime64[D]"),
        closes.ffill().reindex(grid, method="ffill"),
        rates.reindex(grid, method="ffill"),
        MarketSnapshot.from_frames(days[-1], frames).fixings,
    )


def _provenance(
    desk: Desk, scope: Scope, marked: MarkedDays, held: int, missing: list[str]
) -> Provenance:
    failures = tuple(
        Failure(FailureReason.MISSING_DATA, f"{name} has no mark on the last day", name)
        for name in missing
    )
    return Provenance(
        as_of=marked.days[-1],
        base_currency=desk.settings.base_currency,
        model_id=MODEL_ID,
        inputs={
            "node": scope.node or "everything",
            "ledger": ledger_input(desk),
            "lake snapshot": str(marked.snapshot),
        },
        coverage=Coverage(held - len(failures), failures),
    )
