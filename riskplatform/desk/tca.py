"""What trading cost, from the journal of the ledger and the prices of the lake."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from riskplatform.desk.book_state import ledger_input
from riskplatform.desk.snapshots import market_snapshot
from riskplatform.domain.outcome import Coverage
from riskplatform.domain.provenance import Provenance
from riskplatform.errors import MissingDataError, UserInputError
from riskplatform.execution.order_journal import TRADING
from riskplatform.execution.tca import Source, TcaReport, pieces_of
from riskplatform.execution.tca.from_journal import JournalOfTrading, MarketAverage, Prices
from riskplatform.execution.tca.report import MODEL_ID
from riskplatform.market.content import content_hash
from riskplatform.store.lake import Between

if TYPE_CHECKING:
    from riskplatform.desk.desk import Desk

BAR_COLUMNS = ("instrument_id", "at", "price", "volume")


def tca_report(
    desk: Desk,
    since: date | None,
    until: date | None,
    node: str | None,
    bars: pd.DataFrame | str | Path | None,
) -> TcaReport:
    """Shortfall of what was decided or traded in a node within some days."""
    as_of = until or desk.today()
    told = JournalOfTrading(desk.ledger.journal)
    names = told.instruments()
    instruments = {name: each for name, each in desk.instruments().items() if name in set(names)}
    market = _read_bars(bars)
    prices = Prices(
        rates=_rates(desk, as_of),
        closes=_closes(desk, names, as_of),
        average=_average_of(market),
    )
    leaves = None if node is None else set(desk.portfolios().leaves(node))
    worked, failures = told.worked(instruments, prices, since=since, until=until, portfolios=leaves)
    pieces, sources = [], []
    for each in worked:
        some, unknown = pieces_of(each)
        pieces += [piece for piece in some if since is None or piece.day >= since]
        failures += unknown
        sources.append(Source.of(each))
    return TcaReport.of(pieces, _provenance(desk, as_of, since, node, market), failures, sources)


def _rates(desk: Desk, as_of: date) -> dict[str, Decimal]:
    """Base currency per unit of every currency; the base alone where no rates are known."""
    base = desk.settings.base_currency
    found = {base: Decimal(1)}
    day = desk.lake.last_date("fx", on_or_before=as_of)
    if day is None:
        return found
    fx = desk.market(day).fx
    for currency in fx.currencies:
        try:
            found[currency] = Decimal(repr(fx.rate(currency, base)))
        except MissingDataError:
            continue
    return found


def _closes(desk: Desk, names: tuple[str, ...], as_of: date) -> dict[str, dict[date, Decimal]]:
    if not names:
        return {}
    rows = desk.lake.read(
        "prices",
        where={"instrument_id": list(names), "date": Between(None, as_of)},
        columns=("instrument_id", "date", "close", "repaired_close", "repair_rule"),
        order_by=(),
    )
    rows["close"] = rows["repaired_close"].where(rows["repair_rule"].notna(), rows["close"])
    rows = rows.dropna(subset=["close"])
    days = pd.to_datetime(rows["date"]).dt.date
    found: dict[str, dict[date, Decimal]] = {}
    for name, day, close in zip(rows["instrument_id"], days, rows["close"], strict=True):
        found.setdefault(str(name), {})[day] = Decimal(repr(float(close)))
    return found


def _read_bars(bars: pd.DataFrame | str | Path | None) -> pd.DataFrame | None:
    """Trades or bars of the market: what its own average price is made from."""
    if bars is None:
        return None
    if isinstance(bars, str | Path):
        file = Path(bars)
        if not file.is_file():
            raise UserInputError(f"There is no file {file}.", hint="Give bars as CSV or Parquet.")
        table = pd.read_parquet(file) if file.suffix == ".parquet" else pd.read_csv(file)
    else:
        table = bars.copy()
    missing = [name for name in BAR_COLUMNS if name not in table.columns]
    if missing:
        raise UserInputError(
            f"Bars without {', '.join(missing)}.",
            hint=f"They have the columns {', '.join(BAR_COLUMNS)}.",
        )
    try:
        table["at"] = pd.to_datetime(table["at"], utc=True)
        table[["price", "volume"]] = table[["price", "volume"]].astype(float)
    except (ValueError, TypeError) as error:
        raise UserInputError(f"The bars cannot be read: {error}.") from error
    return table[table["volume"] > 0.0]


def _average_of(market: pd.DataFrame | None) -> MarketAverage:
    def average(instrument_id: str, start: datetime, end: datetime) -> Decimal | None:
        if market is None:
            return None
        inside = (market["instrument_id"] == instrument_id) & market["at"].between(
            start.astimezone(UTC), end.astimezone(UTC)
        )
        some = market[inside]
        volume = float(some["volume"].sum())
        if not volume:
            return None
        return Decimal(repr(float((some["price"] * some["volume"]).sum()) / volume))

    return average


def _provenance(
    desk: Desk, as_of: date, since: date | None, node: str | None, market: pd.DataFrame | None
) -> Provenance:
    return Provenance(
        as_of=as_of,
        base_currency=desk.settings.base_currency,
        model_id=MODEL_ID,
        inputs={
            "ledger": ledger_input(desk),
            "journal": str(desk.ledger.journal.position(*TRADING)),
            "lake snapshot": str(market_snapshot(desk.lake)),
            "since": since.isoformat() if since else "the beginning",
            "node": node or "everything",
            "bars": "none" if market is None else content_hash(market.to_csv(index=False))[:16],
        },
        coverage=Coverage(0),
    )
