"""Limits of the desk: set, kept in the ledger, checked against the book, and what they leave."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from riskplatform.desk.limit_files import Written, read_limits
from riskplatform.desk.risk_books import HISTORICAL, MONTE_CARLO
from riskplatform.domain.limits import Limit, LimitTermError
from riskplatform.errors import MissingDataError, UnknownNameError, nearest
from riskplatform.risk.limits import (
    HeadroomReport,
    LimitBook,
    LimitReport,
    Side,
    completed,
    headroom_table,
)
from riskplatform.risk.limits import gauge_makers as words

if TYPE_CHECKING:
    from riskplatform.desk.desk import Desk
    from riskplatform.desk.risking import BookQuestion
    from riskplatform.store.ledger import AppendReport

_SETS = {words.HISTORICAL: HISTORICAL, words.MONTE_CARLO: MONTE_CARLO, words.STRESS: "stress"}
"""What a limit calls scenarios, and the set that is meant; other names are those of makers."""
MADE = (
    "historical", "age_weighted", "volatility_scaled", "filtered_historical", "factor_model",
    "gaussian", "student_t", "stress",
)  # fmt: skip
"""The makers that need nothing but the desk's own history; their module is slow to import."""
_OF_GAINS = ("var", "es", "stress_loss")
BOTH_SIDES = (Side.BUY, Side.SELL)


def set_limits(
    desk: Desk,
    limits: str | Path | Iterable[Limit],
    *,
    reason: str,
    effective_from: date | None,
) -> AppendReport:
    """All of a file or list, or nothing: every limit is checked before one is recorded."""
    if isinstance(limits, str | Path):
        found = [_checked_line(desk, written) for written in read_limits(limits)]
    else:
        found = [checked(desk, limit) for limit in limits]
    return desk.ledger.put_limits(
        found, actor=desk.settings.actor, reason=reason, effective_from=effective_from
    )


def checked(desk: Desk, limit: Limit) -> Limit:
    """Completed by its measure; its node is in the tree and its scenarios can be made."""
    tree = desk.portfolios()
    if limit.node not in tree:
        error = UnknownNameError("portfolio", limit.node, [n.portfolio_id for n in tree.nodes])
        raise LimitTermError(limit.limit_id, "node", error.message, hint=error.hint)
    found = completed(limit, desk.settings.base_currency)
    known = tuple(dict.fromkeys((*_SETS, *MADE)))
    if found.scenarios is not None and found.scenarios not in known:
        near = nearest(found.scenarios, known, limit=1)
        hint = f"Did you mean {near[0]}?" if near else f"There are {', '.join(known)}."
        message = f"there are no scenarios named {found.scenarios!r}."
        raise LimitTermError(found.limit_id, "scenarios", message, hint=hint)
    return found


def _checked_line(desk: Desk, written: Written) -> Limit:
    try:
        return checked(desk, written.limit)
    except LimitTermError as error:
        message = f"limit {error.limit_id}: {error.what}"
        raise written.error(error.term, message, error.hint) from None


def limits(desk: Desk, as_of: date | None, node: str | None) -> tuple[Limit, ...]:
    """Those in force on a day, or all that are known; of a node and all below it."""
    if as_of is None:
        found = desk.ledger.limits()
    else:
        held = desk.ledger.limits(effective=as_of)
        found = tuple(limit for limit in held if limit.in_force(as_of))
    if node is None:
        return found
    inside = set(desk.portfolios().walk(desk.portfolios().node(node).portfolio_id))
    return tuple(limit for limit in found if limit.node in inside)


@dataclass(frozen=True)
class LimitQuestion:
    """Which limits are meant, and on which book: ``node`` and below, or all."""

    as_of: date
    where: BookQuestion
    node: str | None = None
    with_exposures: bool = False


def limit_book(desk: Desk, asked: LimitQuestion) -> LimitBook:
    """The limits of a day, prepared for its book: for many states judged one after the other."""
    chosen = limits(desk, asked.as_of, asked.node)
    if not chosen:
        where = f" for {asked.node}" if asked.node else ""
        raise MissingDataError(
            f"No limits are in force on {asked.as_of}{where}.",
            hint="Write some in a file and set them with `riskplatform limits set FILE`.",
        )
    needs_facts = any(limit.measure not in _OF_GAINS for limit in chosen)
    question = replace_sets(asked.where, sets_of(chosen))
    book = question.book(desk, asked.as_of, with_exposures=needs_facts or asked.with_exposures)
    return LimitBook.of(chosen, book)


def check_limits(desk: Desk, asked: LimitQuestion) -> LimitReport:
    return limit_book(desk, asked).base


def headroom(
    desk: Desk,
    instruments: str | Sequence[str] | None,
    node: str,
    asked: LimitQuestion,
    *,
    sides: Sequence[Side | str],
    lot: float,
    paid: bool,
    soft: bool,
) -> HeadroomReport:
    """What may still be traded in a node; limits of all nodes above it count."""
    tree = desk.portfolios()
    above = set(tree.path(tree.node(node).portfolio_id))
    chosen = tuple(limit for limit in limits(desk, asked.as_of, None) if limit.node in above)
    where = replace_sets(asked.where, sets_of(chosen))
    book = where.book(desk, asked.as_of, with_exposures=True)
    names = [instruments] if isinstance(instruments, str) else instruments
    return headroom_table(
        LimitBook.of(chosen, book), book, node, names, sides=sides, lot=lot, paid=paid, soft=soft
    )


def sets_of(chosen: Iterable[Limit]) -> tuple[str, ...]:
    """The scenario sets that limits need; history where they need none, for the axis."""
    found = []
    for limit in chosen:
        if limit.measure in _OF_GAINS:
            usual = words.STRESS if limit.measure == "stress_loss" else words.HISTORICAL
            name = limit.scenarios or usual
            found.append(_SETS.get(name, name))
    named = [name for name in dict.fromkeys(found) if name in MADE]
    return tuple(sorted(named, key=lambda name: name != HISTORICAL)) or (HISTORICAL,)


def replace_sets(where: BookQuestion, sets: Sequence[str]) -> BookQuestion:
    """The same book over the sets asked for, and those that limits need."""
    asked = [each for each in where.scenarios if each not in sets]
    return replace(where, scenarios=(*sets, *asked))
