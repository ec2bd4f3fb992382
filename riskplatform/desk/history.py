"""The book day by day: holdings from the ledger, marks and rates from the lake."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from riskplatform.desk.scope import Scope
from riskplatform.domain.instruments import Quote
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


def history(desk: Desk, start: date | None, end: date, scope: Scope) -> History:
    """Value, flows and P&L of each market day from ``start`` to ``end``."""
    first = start or end - timedelta(days=365)
    snapshot = desk.lake.latest_snapshot()
    rates = _rates(desk, first, end, snapshot)
    days = [day.date() for day in rates.index if day.date() >= first]
    if not days:
        raise MissingDataError(f"There are no market days from {first} to {end}.")
    path = desk.ledger.path(days, portfolio_ids=scope.leaves)
    instruments = desk.instruments()
    held = [instruments[name] for name in path.instrument_ids]
    market = _market_path(desk, days, path.instrument_ids, rates, snapshot)
    base = desk.settings.base_currency
    units = unit_value_path(held, market, base)
    rates_of = np.zeros_like(units)
    for column, instrument in enumerate(held):
        # Only lines that are settled daily carry a balance; others must not ask for a rate twice.
        if instrument.quote is Quote.SETTLED:
            rates_of[:, column] = rate_path(market, instrument.currency, base)
    values, uncovered = value_path(path.quantity, path.balance, units, rates_of)
    flows, _ = value_path(path.external_quantity, path.external_balance, units, rates_of)
    frame = pd.DataFrame(
        {
            "date": days,
            "value": values,
            "flows": flows,
            "pnl": np.diff(values, prepend=np.nan) - flows,
            "uncovered": uncovered,
        }
    )
    return History(frame, _provenance(desk, scope, end, snapshot, int(uncovered[-1]), len(held)))


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
        columns=("instrument_id", "date", "close"),
        order_by=(),
        at_snapshot=snapshot,
    )
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
    desk: Desk, scope: Scope, end: date, snapshot: int, uncovered: int, held: int
) -> Provenance:
    known_at = desk.ledger.last_recorded_at()
    missing = tuple(
        Failure(FailureReason.MISSING_DATA, "an instrument held on the last day has no mark")
        for _ in range(uncovered)
    )
    return Provenance(
        as_of=end,
        base_currency=desk.settings.base_currency,
        model_id=MODEL_ID,
        inputs={
            "node": scope.node or "everything",
            "ledger": known_at.isoformat() if known_at else "empty",
            "lake snapshot": str(snapshot),
        },
        coverage=Coverage(held - uncovered, missing),
    )
