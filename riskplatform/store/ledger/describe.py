"""Recording the terms of instruments and the shape of the portfolio tree."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

import sqlalchemy as sa

from riskplatform.domain.codec import instrument_terms, to_terms
from riskplatform.domain.instruments import Instrument
from riskplatform.domain.portfolio import PortfolioNode, PortfolioTree
from riskplatform.domain.transactions import start_of
from riskplatform.errors import ConflictError, UserInputError
from riskplatform.store.ledger.audit import Clock, next_stamp, seal
from riskplatform.store.ledger.canonical import canonical_json, digest, storable
from riskplatform.store.ledger.instants import BEGINNING, END_OF_TIME, from_micros, to_micros
from riskplatform.store.ledger.names import (
    INSTRUMENTS,
    LIMITS,
    PORTFOLIOS,
    Named,
    ensure_keys,
    read_instruments,
    read_revisions,
    tree_at,
)
from riskplatform.store.ledger.revisions import changes_nothing, in_force
from riskplatform.store.ledger.tables import audit, movements, transactions

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class AppendReport:
    """What a write did. ``recorded_at`` is the last moment recorded, new or not."""

    recorded_at: datetime | None
    added: int
    unchanged: int


@dataclass(frozen=True, slots=True)
class Statement:
    """Who says it, why, and from when on it holds."""

    actor: str
    reason: str = ""
    effective_from: date | datetime | None = None

    @property
    def effective_micros(self) -> int:
        if self.effective_from is None:
            return BEGINNING
        if isinstance(self.effective_from, datetime):
            return to_micros(self.effective_from)
        return to_micros(start_of(self.effective_from))


def put_instruments(
    connection: sa.Connection, clock: Clock, items: Iterable[Instrument], statement: Statement
) -> AppendReport:
    """Record terms; those that are known already add nothing."""
    told = by_name(((item.instrument_id, item) for item in items), "Instrument")
    known = read_instruments(connection, names=told)
    for name, item in told.items():
        before = known.get(name, item)
        if before.quote is not item.quote:
            raise ConflictError(
                f"Instrument {name} is recorded as {before.kind} and cannot become {item.kind}: "
                "its past transactions would mean something else.",
                hint="Record it under another instrument_id.",
            )
    terms = {name: canonical_json(instrument_terms(item)) for name, item in told.items()}
    return put_terms(connection, clock, INSTRUMENTS, terms, statement)


def put_portfolios(
    connection: sa.Connection, clock: Clock, nodes: Iterable[PortfolioNode], statement: Statement
) -> AppendReport:
    """Record nodes; the tree must hold together afterwards and holdings stay in leaves."""
    told = by_name(((node.portfolio_id, node) for node in nodes), "Portfolio")
    terms = {name: canonical_json(to_terms(node)) for name, node in told.items()}
    report = put_terms(connection, clock, PORTFOLIOS, terms, statement)
    tree = _checked_tree(connection)
    keys = ensure_keys(connection, PORTFOLIOS, [node.portfolio_id for node in tree.nodes])
    parents = {node.parent_id for node in told.values() if node.parent_id is not None}
    for parent in sorted(parents):
        holds = sa.select(movements.c.row_key).where(movements.c.portfolio_key == keys[parent])
        if connection.execute(holds.limit(1)).first() is not None:
            below = ", ".join(tree.children(parent)[:3])
            raise ConflictError(
                f"Portfolio {parent} has transactions of its own and cannot get {below} below it.",
                hint="Give the new portfolios another parent.",
            )
    return report


def _checked_tree(connection: sa.Connection) -> PortfolioTree:
    """The latest tree, refused unless it held together at every moment at which it changed."""
    revisions = read_revisions(connection, PORTFOLIOS)
    standing = [revision for history in revisions.values() for revision in in_force(history)]
    for moment in sorted({revision.effective_from for revision in standing}):
        tree_at(revisions, moment)
    return tree_at(revisions, END_OF_TIME)


def by_name(pairs: Iterable[tuple[str, T]], what: str) -> dict[str, T]:
    """Items by name; one that is told twice must be told the same."""
    found: dict[str, T] = {}
    for name, item in pairs:
        if found.setdefault(name, item) != item:
            raise UserInputError(f"{what} {name!r} appears twice with different terms.")
    return found


def put_terms(
    connection: sa.Connection,
    clock: Clock,
    named: Named,
    terms: Mapping[str, str],
    statement: Statement,
) -> AppendReport:
    """Record revisions of terms by name, under one entry; what is known adds nothing."""
    known = read_revisions(connection, named, names=terms)
    since = statement.effective_micros
    fresh = {
        name: text
        for name, text in terms.items()
        if not changes_nothing(known.get(name, []), since, text)
    }
    if not fresh:
        return AppendReport(last_recorded_at(connection), 0, len(terms))
    stamp = next_stamp(connection, clock)
    rows = [
        {
            "sequence": stamp.sequence,
            "position": position,
            named.name: storable(name, f"The {named.what}'s name"),
            "effective_from": since,
            "terms": storable(text, f"The {named.what}'s terms"),
        }
        for position, (name, text) in enumerate(fresh.items(), start=1)
    ]
    for row in rows:
        row["digest"] = terms_digest(named, row)
    seal(
        connection,
        stamp,
        actor=statement.actor,
        action=f"put {named.what}s",
        subject=next(iter(fresh)) if len(fresh) == 1 else f"{len(fresh)} {named.what}s",
        payload={"reason": statement.reason},
        row_digests=[str(row["digest"]) for row in rows],
    )
    connection.execute(sa.insert(named.terms), rows)
    if named.keys is not None:
        ensure_keys(connection, named, fresh)
    return AppendReport(from_micros(stamp.recorded_at), len(fresh), len(terms) - len(fresh))


def terms_digest(named: Named, row: Mapping[str, object]) -> str:
    """The digest of a stored revision of terms."""
    return digest(
        [row["sequence"], row["position"], row[named.name], row["effective_from"], row["terms"]]
    )


def book_recorded_at(
    connection: sa.Connection, *, with_limits: bool = False, sequence: int | None = None
) -> datetime | None:
    """When the last entry (up to ``sequence``) wrote something of what is (or may be) held."""
    named = (INSTRUMENTS, PORTFOLIOS, LIMITS) if with_limits else (INSTRUMENTS, PORTFOLIOS)
    # The newest row of each table is at the end of its key: nothing is scanned that is newer.
    last_transaction = (
        sa.select(transactions.c.sequence).order_by(transactions.c.row_key.desc()).limit(1)
    )
    last_terms = [sa.select(sa.func.max(each.terms.c.sequence)) for each in named]
    if sequence is not None:
        last_transaction = last_transaction.where(transactions.c.sequence <= sequence)
        last_terms = [
            query.where(each.terms.c.sequence <= sequence)
            for query, each in zip(last_terms, named, strict=True)
        ]
    found = [connection.execute(query).scalar() for query in (last_transaction, *last_terms)]
    return last_recorded_at(connection, max(last or 0 for last in found))


def last_recorded_at(connection: sa.Connection, sequence: int | None = None) -> datetime | None:
    """When the last entry (up to ``sequence``) was recorded; what was known then stays known."""
    query = sa.select(sa.func.max(audit.c.recorded_at))
    if sequence is not None:
        query = query.where(audit.c.sequence <= sequence)
    micros = connection.execute(query).scalar_one()
    return None if micros is None else from_micros(micros)
