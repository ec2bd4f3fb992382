"""Portfolios and instruments by name: their terms over time, and the small integers for them."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

import sqlalchemy as sa

from riskplatform.domain.codec import from_terms, instrument_from
from riskplatform.domain.instruments import Instrument
from riskplatform.domain.portfolio import PortfolioNode, PortfolioTree
from riskplatform.store.ledger.instants import END_OF_TIME, to_micros
from riskplatform.store.ledger.revisions import Revision, terms_at
from riskplatform.store.ledger.tables import (
    audit,
    instrument_keys,
    instruments,
    limits,
    portfolio_keys,
    portfolios,
)

_AT_ONCE = 5_000  # names in one query: both databases take more than this many parameters


@dataclass(frozen=True)
class Named:
    """A kind of things that have names and terms; those that movements name have keys too."""

    what: str
    terms: sa.Table
    keys: sa.Table | None = None

    @property
    def name(self) -> str:
        return f"{self.what}_id"

    @property
    def key(self) -> str:
        return f"{self.what}_key"

    @property
    def key_table(self) -> sa.Table:
        if self.keys is None:
            raise TypeError(f"A {self.what} has no key.")
        return self.keys


PORTFOLIOS = Named("portfolio", portfolios, portfolio_keys)
INSTRUMENTS = Named("instrument", instruments, instrument_keys)
LIMITS = Named("limit", limits)


def sequence_at(connection: sa.Connection, recorded: datetime | None) -> int:
    """The last entry recorded up to ``recorded`` (or at all); 0 when there is none."""
    query = sa.select(sa.func.coalesce(sa.func.max(audit.c.sequence), 0))
    if recorded is not None:
        query = query.where(audit.c.recorded_at <= to_micros(recorded))
    return int(connection.execute(query).scalar_one())


def in_slices(names: Iterable[str]) -> Iterator[Sequence[str]]:
    """``names`` in slices that fit into one query each."""
    ordered = sorted(set(names))
    for start in range(0, len(ordered), _AT_ONCE):
        yield ordered[start : start + _AT_ONCE]


def read_revisions(
    connection: sa.Connection,
    named: Named,
    *,
    names: Collection[str] | None = None,
    sequence: int | None = None,
) -> dict[str, list[Revision]]:
    """All revisions by name, oldest first, of some names or of all."""
    table = named.terms
    query = sa.select(
        table.c[named.name], table.c.sequence, table.c.effective_from, table.c.terms
    ).order_by(table.c.sequence, table.c.position)
    if sequence is not None:
        query = query.where(table.c.sequence <= sequence)
    queries = (
        [query]
        if names is None
        else [query.where(table.c[named.name].in_(some)) for some in in_slices(names)]
    )
    found: dict[str, list[Revision]] = defaultdict(list)
    for one in queries:
        for name, *revision in connection.execute(one):
            found[name].append(Revision(*revision))
    return dict(found)


def read_instruments(
    connection: sa.Connection,
    *,
    names: Collection[str] | None = None,
    sequence: int | None = None,
    effective: int = END_OF_TIME,
) -> dict[str, Instrument]:
    """Instruments by id, with the terms that hold at ``effective``."""
    revisions = read_revisions(connection, INSTRUMENTS, names=names, sequence=sequence)
    return {
        name: _instrument(terms)
        for name, history in sorted(revisions.items())
        if (terms := terms_at(history, effective)) is not None
    }


def read_tree(
    connection: sa.Connection,
    *,
    sequence: int | None = None,
    effective: int = END_OF_TIME,
) -> PortfolioTree:
    """The portfolio tree that holds at ``effective``; nodes in the order they were first told."""
    return tree_at(read_revisions(connection, PORTFOLIOS, sequence=sequence), effective)


def tree_at(revisions: Mapping[str, Sequence[Revision]], effective: int) -> PortfolioTree:
    """The tree of all portfolios that are known at ``effective``."""
    known = (terms_at(history, effective) for history in revisions.values())
    return PortfolioTree(_node(terms) for terms in known if terms is not None)


@lru_cache(maxsize=100_000)
def _instrument(terms: str) -> Instrument:
    return instrument_from(json.loads(terms))


@lru_cache(maxsize=10_000)
def _node(terms: str) -> PortfolioNode:
    return from_terms(PortfolioNode, json.loads(terms))


def read_keys(
    connection: sa.Connection, named: Named, names: Collection[str] | None = None
) -> dict[str, int]:
    """Key by name, of some names (those that are known) or of all."""
    table = named.key_table
    query = sa.select(table.c[named.name], table.c[named.key])
    queries = (
        [query]
        if names is None
        else [query.where(table.c[named.name].in_(some)) for some in in_slices(names)]
    )
    return {name: key for one in queries for name, key in connection.execute(one).all()}


def ensure_keys(connection: sa.Connection, named: Named, names: Collection[str]) -> dict[str, int]:
    """Key by name; a name without one gets the next."""
    keys = read_keys(connection, named, names)
    fresh = sorted(set(names) - set(keys))
    if fresh:
        last = connection.execute(
            sa.select(sa.func.coalesce(sa.func.max(named.key_table.c[named.key]), 0))
        ).scalar_one()
        added = {name: last + 1 + i for i, name in enumerate(fresh)}
        connection.execute(
            sa.insert(named.key_table),
            [{named.key: key, named.name: name} for name, key in added.items()],
        )
        keys |= added
    return keys
