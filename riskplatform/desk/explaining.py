"""P&L explain: two days of the book and the market from the store, joined purely."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pandas as pd

from riskplatform.desk.book_state import ledger_input
from riskplatform.desk.history import MarkedDays, marked_days
from riskplatform.desk.scope import Scope
from riskplatform.desk.snapshots import market_snapshot
from riskplatform.desk.units import conventions_of, units_of
from riskplatform.desk.valuing import market_of
from riskplatform.domain.instruments import Instrument, cash_id
from riskplatform.domain.transactions import Transaction, TransactionKind
from riskplatform.errors import MissingDataError, UserInputError
from riskplatform.risk.explain.accounting import Marks, line_actuals, split_ratios
from riskplatform.risk.explain.chain import chained
from riskplatform.risk.explain.join import explain_lines
from riskplatform.risk.explain.moves import market_move
from riskplatform.risk.explain.result import ExplainResult
from riskplatform.risk.explain.revaluation import revaluation_terms
from riskplatform.risk.explain.taylor import taylor_terms
from riskplatform.risk.explain.terms import Way
from riskplatform.risk.explain.units import UnitTerms

if TYPE_CHECKING:
    from riskplatform.desk.desk import Desk

MODEL_IDS = {Way.REVALUATION: "explain-revaluation", Way.TAYLOR: "explain-taylor"}


def explain(desk: Desk, scope: Scope, since: date | None, as_of: date, way: Way) -> ExplainResult:
    """The P&L of a scope from the evening of ``since`` (the market day before, if not given)."""
    snapshot = market_snapshot(desk.lake)
    before, notes = first_day(desk, since, as_of)
    marked = marked_days(desk, before, as_of, scope)
    check_days(desk, marked, before, as_of)
    instruments = marked.instruments
    told = transactions_between(desk, scope, before, as_of)
    held, after = (
        desk.ledger.positions(day, portfolio_ids=scope.leaves).to_frame() for day in (before, as_of)
    )
    actuals = line_actuals(held, after, told, instruments, marks_in(desk, marked))
    actuals["portfolio"] = actuals["portfolio_id"].map(scope.child_of_leaf)
    units = _unit_terms(desk, held, instruments, (before, as_of), split_ratios(told), way, snapshot)
    return explain_lines(
        actuals,
        units,
        instruments,
        way=way,
        node=scope.node,
        since=before,
        as_of=as_of,
        model_id=MODEL_IDS[way],
        inputs={
            "node": scope.node or "everything",
            "since": before.isoformat(),
            "ledger": ledger_input(desk),
            "lake snapshot": str(snapshot),
            "smile rule": desk.settings.smile_rule,
        },
        notes=notes,
    )


def explain_daily(
    desk: Desk, scope: Scope, since: date | None, as_of: date, way: Way
) -> ExplainResult:
    """The same as the sum of the market days in between, each explained by itself."""
    first, notes = first_day(desk, since, as_of)
    days = marked_days(desk, first, as_of, scope).days
    found = [explain(desk, scope, one, other, way) for one, other in pairwise(days)]
    whole = chained(found)
    return replace(whole, notes=(*notes, *whole.notes))


def first_day(desk: Desk, since: date | None, as_of: date) -> tuple[date, tuple[str, ...]]:
    """The market day at whose end the period begins; another than was asked for is said."""
    wanted = as_of - timedelta(days=1) if since is None else since
    if wanted >= as_of:
        raise UserInputError(
            f"P&L from {since} to {as_of} was asked; the first day must be before the last.",
            hint="Name an earlier day with --since, or a later one with --as-of.",
        )
    found = desk.lake.last_date("fx", on_or_before=wanted)
    found = found or desk.lake.last_date("prices", on_or_before=wanted)
    if found is None:
        raise MissingDataError(
            f"There is no market on or before {wanted} to begin with.",
            hint="Name a later day with --since.",
        )
    if since is None or found == since:
        return found, ()
    return found, (f"{since} is no market day; the period begins with the evening of {found}.",)


def check_days(desk: Desk, marked: MarkedDays, first: date, last: date) -> None:
    """Refuse a last day without a market of its own: its P&L would be that of another."""
    if marked.days[-1] == last and marked.days[0] == first:
        return
    near = desk.lake.last_date("fx", on_or_before=last)
    raise MissingDataError(
        f"There is no market on {last}; the last market day before is {near}.",
        hint=f"Ask with --as-of {near}.",
    )


def transactions_between(desk: Desk, scope: Scope, first: date, last: date) -> list[Transaction]:
    """What happened to a scope after ``first`` up to the end of ``last``, in order."""
    span: dict[str, Any] = {"start": first + timedelta(days=1), "end": last}
    own = desk.ledger.transactions(**span, portfolio_ids=scope.leaves)
    splits = desk.ledger.transactions(**span, kinds=[TransactionKind.SPLIT])
    splits = splits[splits["portfolio_id"].isna()]
    rows = pd.concat([splits, own]) if len(splits) else own
    told = [_transaction(row) for row in rows.to_dict("records")]
    order = {kind: place for place, kind in enumerate(TransactionKind)}
    return sorted(told, key=lambda each: (each.effective_at, order[each.kind]))


_FIELDS = ("transaction_id", "portfolio_id", "instrument_id", "quantity", "price", "currency",
           "amount", "fees", "accrued", "ratio", "group_id")  # fmt: skip


def _transaction(row: dict[Hashable, Any]) -> Transaction:
    values = {name: row[name] for name in _FIELDS if not _is_missing(row[name])}
    moment = pd.Timestamp(row["effective_at"]).to_pydatetime()
    return Transaction(kind=TransactionKind(row["kind"]), effective_at=moment, **values)


def _is_missing(value: object) -> bool:
    return value is None or value != value


def marks_in(desk: Desk, marked: MarkedDays) -> Marks:
    """The values of units and of money in the base currency, by day."""
    base = desk.settings.base_currency
    money = {
        name.removeprefix("CASH."): marked.unit_values[name]
        for name in marked.unit_values.columns
        if name.startswith("CASH.")
    }
    for name in marked.balance_rates.columns:
        currency = marked.instruments[name].currency
        rates = marked.balance_rates[name]
        if currency not in money and rates.any():
            money[currency] = rates
    if base not in money:
        money[base] = pd.Series(1.0, index=marked.unit_values.index)
    return Marks(marked.days, marked.unit_values, pd.DataFrame(money))


def _unit_terms(
    desk: Desk,
    held: pd.DataFrame,
    instruments: dict[str, Instrument],
    days: tuple[date, date],
    splits: dict[str, float],
    way: Way,
    snapshot: int,
) -> UnitTerms:
    conventions = conventions_of(desk)
    base = desk.settings.base_currency
    names = sorted({*held["instrument_id"], cash_id(base)} & instruments.keys())
    markets = [market_of(desk, day, snapshot) for day in days]
    book = units_of(names, instruments, markets[0], conventions)
    alive = [name for name in names if not _has_ended(instruments[name], days[1])]
    later = units_of(alive, instruments, markets[1], conventions)
    move = market_move(book, later, (days[1] - days[0]).days, splits)
    if way is Way.TAYLOR:
        return taylor_terms(move, base)
    return revaluation_terms(move, later, base, splits)


def _has_ended(instrument: Instrument, day: date) -> bool:
    return instrument.expires_on is not None and instrument.expires_on <= day
