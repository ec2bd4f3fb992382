"""Limits prepared for a book, so that any state of it is judged in a fraction of a millisecond."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from riskplatform.domain.limits import Limit, LimitTermError
from riskplatform.domain.outcome import Coverage, Failure, FailureReason
from riskplatform.domain.provenance import Provenance
from riskplatform.errors import MissingDataError, UnknownNameError, UserInputError
from riskplatform.market.content import FloatArray, content_hash
from riskplatform.risk.book import RiskBook
from riskplatform.risk.limits.changes import Changes
from riskplatform.risk.limits.definition import completed, limit_terms
from riskplatform.risk.limits.gauges import Gauge, Linear, OfTail, Read, Reading, as_failure
from riskplatform.risk.limits.measures import limit_measure
from riskplatform.risk.limits.report import (
    Light,
    LimitCheck,
    LimitReport,
    light_of,
    utilisation_of,
)
from riskplatform.risk.state import BookState

MODEL_ID = "limits"
_NOTHING = Coverage(0)


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """A limit with what reads it, or why nothing does; and how the book itself stands."""

    limit: Limit
    gauge: Gauge | None
    check: LimitCheck


@dataclass(frozen=True, eq=False)
class LimitBook:
    """``limits`` of a book that are in force on its day, each with its gauge and base number."""

    book: RiskBook
    limits: tuple[Prepared, ...]
    by_node: Mapping[str, tuple[int, ...]]
    held: Mapping[str, FloatArray]
    confidences: Mapping[str, tuple[float, ...]]
    base: LimitReport

    @classmethod
    def of(cls, limits: Iterable[Limit], book: RiskBook) -> Self:
        """What cannot be measured on this book says why; nothing is left out."""
        reading = Reading(book)
        in_force = [limit for limit in limits if limit.in_force(book.as_of)]
        prepared = tuple(_prepared(limit, book, reading) for limit in in_force)
        by_node: dict[str, list[int]] = {}
        for i, each in enumerate(prepared):
            by_node.setdefault(each.limit.node, []).append(i)
        return cls(
            book=book,
            limits=prepared,
            by_node={node: tuple(places) for node, places in by_node.items()},
            held={node: _held(reading, book, node) for node in by_node if node in book.tree},
            confidences=_confidences(prepared),
            base=LimitReport(tuple(each.check for each in prepared), _provenance(prepared, book)),
        )

    def judge(
        self,
        state: BookState | None = None,
        changed: Changes | None = None,
        *,
        nodes: Collection[str] | None = None,
    ) -> LimitReport:
        """How the limits stand in a state of this book; as it is without one.

        ``changed`` says what is different, by every node that is touched (``spread_up`` makes it
        of trades): only their limits are measured, from the change, and all others are the base's
        to the last bit. Without it all limits are measured, or those of ``nodes``.
        """
        if state is None and not changed:
            return self.base
        if state is None:
            raise UserInputError(
                "Changes were given without the state that they lead to.",
                hint="Give the state too: gains are read from it.",
            )
        self._check_book(state)
        touched = self._touched(changed, nodes)
        reading = Reading(state, self._held_after(changed or {}), self.confidences)
        checks = list(self.base.checks)
        for i in touched:
            each = self.limits[i]
            delta = None if changed is None else changed[each.limit.node]
            checks[i] = self._again(each, reading, delta)
        provenance = self.base.provenance
        if state is not self.book:
            inputs = {**provenance.inputs, "state": _name_of(changed)}
            provenance = replace(provenance, inputs=inputs)
        return LimitReport(tuple(checks), provenance)

    def _check_book(self, state: BookState) -> None:
        if state.book.instrument_ids != self.book.instrument_ids:
            raise UserInputError(
                "The state is of another book than the one that the limits were prepared for.",
                hint="Prepare them again: LimitBook.of(limits, state.book).",
            )

    def _touched(self, changed: Changes | None, nodes: Collection[str] | None) -> list[int]:
        wanted = self.by_node if nodes is None else nodes
        if changed is not None:
            wanted = [node for node in wanted if changed.get(node)]
        return [i for node in wanted for i in self.by_node.get(node, ())]

    def _held_after(self, changed: Changes) -> dict[str, FloatArray]:
        out = {}
        for node, added in changed.items():
            if node in self.held and added:
                out[node] = self.held[node].copy()
                for place, quantity in added.items():
                    out[node][place] += quantity
        return out

    def _again(
        self, each: Prepared, reading: Reading, delta: Mapping[int, float] | None
    ) -> LimitCheck:
        """One limit in another state; a linear one from what is added alone."""
        if each.gauge is None:
            return each.check
        base = each.check.value
        if delta is not None and isinstance(each.gauge, Linear) and base is not None:
            per_unit = each.gauge.per_unit
            added = sum(float(per_unit[place]) * much for place, much in delta.items())
            read: Read | Failure = Read(base + added)
        else:
            read = each.gauge.read(reading, each.limit.node)
        coverage = _coverage_after(each, reading, self.book, delta)
        return _check(each.limit, read, coverage)


def judge(
    limits: Iterable[Limit], state: BookState, *, nodes: Collection[str] | None = None
) -> LimitReport:
    """How limits stand in a state, measured outright; only those of ``nodes`` if they are given."""
    if nodes is not None:
        limits = [limit for limit in limits if limit.node in nodes]
    prepared = LimitBook.of(limits, state.book)
    return prepared.judge(state) if state is not state.book else prepared.base


def _prepared(limit: Limit, book: RiskBook, reading: Reading) -> Prepared:
    try:
        limit = completed(limit, book.base_currency)
        gauge = _gauge(limit, book)
    except (MissingDataError, UnknownNameError) as error:
        return Prepared(limit, None, _not_measured(limit, as_failure(error, limit.node)))
    except (LimitTermError, UserInputError) as error:
        failure = Failure(FailureReason.INVALID_TERMS, str(error), limit.node)
        return Prepared(limit, None, _not_measured(limit, failure))
    read = gauge.read(reading, limit.node)
    coverage = _coverage(gauge, limit.node, reading, book)
    return Prepared(limit, gauge, _check(limit, read, coverage))


def _gauge(limit: Limit, book: RiskBook) -> Gauge:
    measure = limit_measure(limit.measure)
    if measure.unit == "money" and limit.unit != book.base_currency:
        raise UserInputError(
            f"The limit is in {limit.unit} and the book in {book.base_currency}.",
            hint=f"Ask for the book in {limit.unit}, or write the limit in {book.base_currency}.",
        )
    if limit.node not in book.tree:
        known = [node.portfolio_id for node in book.tree.nodes]
        raise UnknownNameError("portfolio", limit.node, known)
    return measure.gauge(limit, book)


def _held(reading: Reading, book: RiskBook, node: str) -> FloatArray:
    """Of a node that holds nothing yet: nothing of each."""
    held = reading.held(node)
    return np.zeros(len(book.instrument_ids)) if isinstance(held, Failure) else held


def _check(limit: Limit, read: Read | Failure, coverage: Coverage) -> LimitCheck:
    if isinstance(read, Failure):
        return replace(_not_measured(limit, read), coverage=coverage)
    value = read.value
    if value != value:
        message = f"The {limit.measure} is no number."
        failure = Failure(FailureReason.CALCULATION_FAILED, message, limit.node)
        return replace(_not_measured(limit, failure), coverage=coverage)
    return LimitCheck(
        limit=limit,
        light=light_of(limit, value),
        value=value,
        utilisation=utilisation_of(limit, value),
        headroom=-limit.excess(value, limit.hard),
        subject=read.subject,
        failure=None,
        coverage=coverage,
    )


def _not_measured(limit: Limit, failure: Failure) -> LimitCheck:
    return LimitCheck(limit, Light.NOT_MEASURED, None, None, None, None, failure, _NOTHING)


def _coverage(gauge: Gauge, node: str, reading: Reading, book: RiskBook) -> Coverage:
    """What is held and in the number, and what is held and cannot be."""
    held = reading.held(node)
    if isinstance(held, Failure):
        return _NOTHING
    names = [book.instrument_ids[i] for i in np.flatnonzero((held != 0.0) & gauge.lacks)]
    failures = [Failure(FailureReason.MISSING_DATA, f"{name} {gauge.why}.", name) for name in names]
    return Coverage(reading.count(node) - len(names), tuple(failures))


def _coverage_after(
    each: Prepared, reading: Reading, book: RiskBook, delta: Mapping[int, float] | None
) -> Coverage:
    """The list is made again only where what changed may be on it."""
    before, gauge = each.check.coverage, each.gauge
    if gauge is None:
        return before
    if delta is None or not before.total or any(gauge.lacks[place] for place in delta):
        return _coverage(gauge, each.limit.node, reading, book)
    done = reading.count(each.limit.node) - len(before.failures)
    return before if done == before.done else Coverage(done, before.failures)


def _confidences(prepared: Iterable[Prepared]) -> dict[str, tuple[float, ...]]:
    """By view, all that limits ask for."""
    found: dict[str, set[float]] = {}
    for each in prepared:
        if isinstance(each.gauge, OfTail):
            found.setdefault(each.gauge.view, set()).add(each.gauge.confidence)
    return {view: tuple(sorted(some)) for view, some in found.items()}


def _provenance(prepared: tuple[Prepared, ...], book: RiskBook) -> Provenance:
    written = content_hash([sorted(limit_terms(each.limit).items()) for each in prepared])
    return Provenance(
        as_of=book.as_of,
        base_currency=book.base_currency,
        model_id=MODEL_ID,
        inputs={**book.inputs, "limits": written[:16]},
        coverage=book.coverage,
    )


def _name_of(changed: Changes | None) -> str:
    """The same changes have the same name; changes that were not told have none."""
    if changed is None:
        return "as it would be"
    listed = [
        (node, sorted((int(place), float(much)) for place, much in added.items()))
        for node, added in sorted(changed.items())
        if added
    ]
    # Every judgement has one, so it is the quickest: floats are written to the last bit.
    digest = hashlib.sha256(repr(listed).encode()).hexdigest()
    return f"changed {digest[:16]}" if listed else "as held"
