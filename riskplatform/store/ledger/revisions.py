"""Which revision of a name's terms is true when. Pure.

A revision replaces all that was said before it about the time from its ``effective_from`` on;
without a date it replaces everything.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from riskplatform.store.ledger.instants import END_OF_TIME


class Revision(NamedTuple):
    """Terms that hold from a moment on, as of the entry ``sequence`` that recorded them."""

    sequence: int
    effective_from: int
    terms: str


def in_force(revisions: Iterable[Revision]) -> list[Revision]:
    """What is still true of ``revisions`` (oldest first), in order of effect."""
    standing: list[Revision] = []
    reached = END_OF_TIME + 1
    for revision in sorted(revisions, key=lambda r: r.sequence, reverse=True):
        if revision.effective_from < reached:
            standing.append(revision)
            reached = revision.effective_from
    return standing[::-1]


def terms_at(revisions: Iterable[Revision], effective: int) -> str | None:
    """The terms that hold at ``effective``, or None when nothing was said of that time."""
    holding = [r.terms for r in in_force(revisions) if r.effective_from <= effective]
    return holding[-1] if holding else None


def changes_nothing(revisions: Sequence[Revision], effective_from: int, terms: str) -> bool:
    """Whether saying ``terms`` from ``effective_from`` on is already what is known."""
    later = [r.terms for r in in_force(revisions) if r.effective_from > effective_from]
    return terms_at(revisions, effective_from) == terms and all(t == terms for t in later)
