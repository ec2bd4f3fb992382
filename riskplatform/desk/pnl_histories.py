"""The P&L of a node by day: of today's book, of what it held, and by its sensitivities."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from riskplatform.desk.factor_moves import factor_moves
from riskplatform.desk.history import history
from riskplatform.desk.risk_books import HISTORICAL, risk_book
from riskplatform.domain.outcome import Coverage, Failure, FailureReason
from riskplatform.domain.provenance import Provenance
from riskplatform.errors import MissingDataError
from riskplatform.market.content import FloatArray, content_hash
from riskplatform.risk.backtests.histories import PnlHistory, PnlKind, window_sums
from riskplatform.risk.book import RiskBook
from riskplatform.risk.factor_parts import exposures_of
from riskplatform.risk.taylor import taylor_parts

if TYPE_CHECKING:
    from riskplatform.desk.desk import Desk

HYPOTHETICAL_DAYS = 1_500
_MODELS = {
    PnlKind.HYPOTHETICAL: "pnl-full-revaluation",
    PnlKind.ACTUAL: "pnl-actual",
    PnlKind.RISK_THEORETICAL: "pnl-sensitivities",
}


def history_book(
    desk: Desk, as_of: date, *, days: int | None, horizon_days: int, with_exposures: bool = False
) -> RiskBook:
    """Today's book over the moves of each of the last days, and of single days beside windows."""
    horizons = (1,) if horizon_days == 1 else (horizon_days, 1)
    return risk_book(
        desk,
        as_of,
        [{"maker": HISTORICAL, "horizon_days": each} for each in horizons],
        days=HYPOTHETICAL_DAYS if days is None else days,
        seed=0,
        at_snapshot=None,
        with_exposures=with_exposures,
        progress=None,
    )


def hypothetical(desk: Desk, book: RiskBook, node: str | None) -> PnlHistory:
    """What today's holdings of a node would have made on each day, by full revaluation."""
    view = book.view()
    gains = book.gains(node, view.name)
    scope = desk._scope(node)
    lines = desk.ledger.positions(book.as_of, portfolio_ids=scope.leaves).to_frame()
    held = set(lines["instrument_id"])
    failures = tuple(each for each in book.failures if each.subject in held)
    return PnlHistory(
        node=scope.node or book.name,
        kind=PnlKind.HYPOTHETICAL,
        dates=_ends(view.labels),
        pnl=gains,
        horizon_days=view.horizon_days,
        provenance=_provenance(
            book, PnlKind.HYPOTHETICAL, node, Coverage(len(held) - len(failures), failures)
        ),
        notes=tuple(view.cube.cube.notes["scenario_set"]["notes"]),
        daily=_single_days(book, node),
    )


def _single_days(book: RiskBook, node: str | None) -> FloatArray | None:
    """The P&L of the days that the windows are made of, if they are one row without a gap."""
    if len(book.views) == 1:
        return None
    windows, single = book.views.values()
    ends = {day: place for place, day in enumerate(_ends(single.labels))}
    places = [ends.get(day, -1) for day in _ends(windows.labels)]
    first = places[0] - windows.horizon_days + 1
    if first < 0 or places != list(range(places[0], places[0] + len(places))):
        return None
    return book.gains(node, single.name)[first : places[-1] + 1]


def risk_theoretical(
    desk: Desk, book: RiskBook, node: str | None, full: PnlHistory, last: int
) -> PnlHistory:
    """The ``last`` days of ``full``, a hypothetical P&L, by sensitivities."""
    view = book.view()
    exposures, columns = exposures_of(book, node), book.known.columns
    parts = taylor_parts(exposures, columns, factor_moves(desk, book, view.name))
    gains = sum(parts.values(), np.zeros(len(view.labels)))[-last:]
    return PnlHistory(
        node=full.node,
        kind=PnlKind.RISK_THEORETICAL,
        dates=full.dates[-last:],
        pnl=gains,
        horizon_days=full.horizon_days,
        provenance=_provenance(book, PnlKind.RISK_THEORETICAL, node, full.coverage),
        notes=(f"By {', '.join(parts) or 'no sensitivity'}.",),
    )


def actual(
    desk: Desk, node: str | None, as_of: date, *, days: int | None, horizon_days: int
) -> PnlHistory:
    """What a node made each day with what it held, flows taken out.

    Days before it held anything are left out, and so are those on which a line lost its mark or
    found it: the change of value is then no P&L.
    """
    scope = desk._scope(node)
    named = scope.node or desk.settings.name
    start = _first_day(desk, scope.leaves, as_of)
    if start is None:
        raise MissingDataError(
            f"{named} has no history: nothing has happened in it up to {as_of}.",
            hint="Name a portfolio with transactions, another day with --as-of, or ask for "
            "the hypothetical P&L.",
        )
    found = history(desk, start, as_of, scope)
    rows = found.frame[found.frame["pnl"].notna()]
    if days is not None:
        rows = rows.tail(days)
    broken = found.frame["uncovered"].diff().fillna(0.0).ne(0.0).reindex(rows.index)
    failures = tuple(
        Failure(
            FailureReason.MISSING_DATA,
            f"On {day} {count} lines have no mark, another number than the day before: the change "
            "of value is no P&L.",
            str(day),
        )
        for day, count in rows.loc[broken, ["date", "uncovered"]].itertuples(index=False)
    )
    kept = rows[~broken]
    dates, pnl = tuple(kept["date"]), kept["pnl"].to_numpy(dtype=np.float64)
    daily = None
    if horizon_days > 1 and len(pnl) >= horizon_days:
        daily = pnl
        dates, pnl = window_sums(dates, pnl, horizon_days)
    inputs = dict(found.provenance.inputs) | {"horizon days": str(horizon_days)}
    inputs["pnl"] = content_hash(pnl)
    return PnlHistory(
        node=named,
        kind=PnlKind.ACTUAL,
        dates=dates,
        pnl=pnl,
        horizon_days=horizon_days,
        provenance=Provenance(
            as_of=as_of,
            base_currency=desk.settings.base_currency,
            model_id=_MODELS[PnlKind.ACTUAL],
            inputs=inputs,
            coverage=Coverage(len(kept), failures),
        ),
        notes=_uncovered(rows, found.provenance.coverage),
        daily=daily,
    )


def _first_day(desk: Desk, leaves: tuple[str, ...], as_of: date) -> date | None:
    """The day on which a scope first held something."""
    rows = desk.ledger.transactions(end=as_of, portfolio_ids=leaves)
    return None if rows.empty else pd.Timestamp(rows["effective_at"].min()).date()


def _uncovered(rows: pd.DataFrame, coverage: Coverage) -> tuple[str, ...]:
    if not (rows["uncovered"] > 0).any():
        return ()
    lines = ", ".join(str(each.subject) for each in coverage.failures[:5])
    named = f" On the last day: {lines}." if lines else ""
    return (
        f"On {int((rows['uncovered'] > 0).sum()):,} of {len(rows):,} days some lines have no mark "
        f"and add nothing.{named}",
    )


def _ends(labels: tuple[str, ...]) -> tuple[date, ...]:
    """The day on which each window ends."""
    return tuple(date.fromisoformat(label.rpartition(" ")[2]) for label in labels)


def _provenance(book: RiskBook, kind: PnlKind, node: str | None, coverage: Coverage) -> Provenance:
    return Provenance(
        as_of=book.as_of,
        base_currency=book.base_currency,
        model_id=_MODELS[kind],
        inputs={**book.inputs, "node": node or "everything"},
        coverage=coverage,
    )
