"""Recording limits, and reading those that held."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import lru_cache

import sqlalchemy as sa

from riskplatform.domain.codec import from_terms, to_terms
from riskplatform.domain.limits import Limit
from riskplatform.store.ledger.audit import Clock
from riskplatform.store.ledger.canonical import canonical_json
from riskplatform.store.ledger.describe import AppendReport, Statement, by_name, put_terms
from riskplatform.store.ledger.instants import END_OF_TIME
from riskplatform.store.ledger.names import LIMITS, read_revisions
from riskplatform.store.ledger.revisions import terms_at


def put_limits(
    connection: sa.Connection, clock: Clock, limits: Iterable[Limit], statement: Statement
) -> AppendReport:
    """Record limits; those that are known already add nothing."""
    told = by_name(((limit.limit_id, limit) for limit in limits), "Limit")
    terms = {name: canonical_json(to_terms(limit)) for name, limit in told.items()}
    return put_terms(connection, clock, LIMITS, terms, statement)


def read_limits(
    connection: sa.Connection, *, sequence: int | None = None, effective: int = END_OF_TIME
) -> tuple[Limit, ...]:
    """Limits with the terms that hold at ``effective``, in order of their ids."""
    revisions = read_revisions(connection, LIMITS, sequence=sequence)
    return tuple(
        _limit(terms)
        for _, history in sorted(revisions.items())
        if (terms := terms_at(history, effective)) is not None
    )


@lru_cache(maxsize=10_000)
def _limit(terms: str) -> Limit:
    return from_terms(Limit, json.loads(terms))
