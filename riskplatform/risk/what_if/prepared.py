"""A book prepared for questions: what all answers share is made once, so that each is quick."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from riskplatform.domain.limits import Limit
from riskplatform.domain.outcome import Coverage, Failure, FailureReason
from riskplatform.domain.provenance import Provenance
from riskplatform.market.content import FloatArray, content_hash
from riskplatform.risk.book import RiskBook
from riskplatform.risk.limits import LimitBook
from riskplatform.risk.state import BookState
from riskplatform.risk.what_if.base import Base
from riskplatform.risk.what_if.by_method import by_method
from riskplatform.risk.what_if.changed_book import ChangedBook
from riskplatform.risk.what_if.changes import Change
from riskplatform.risk.what_if.measuring import Gauges, Row, read_view, view_rows
from riskplatform.risk.what_if.netting import netted
from riskplatform.risk.what_if.result import MODEL_ID, WhatIfResult


@dataclass(eq=False)
class WhatIf:
    """``book`` has facts of units; ``limits`` are prepared for it, none where there are none."""

    book: RiskBook
    limits: LimitBook | None = None
    confidence: float = 0.99
    base: Base = field(init=False)
    _gauges: Gauges = field(init=False, repr=False)
    _known: dict[str, FloatArray] = field(default_factory=dict, repr=False)
    _moves: dict[int, tuple[str, ...]] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        self.base = Base(self.book)
        self._gauges = Gauges.of(self.book)

    @classmethod
    def of(
        cls, book: RiskBook, limits: Iterable[Limit] | None = None, confidence: float = 0.99
    ) -> WhatIf:
        """With limits, where some are given."""
        prepared = None if limits is None else LimitBook.of(limits, book)
        return cls(book, prepared, confidence)

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """What is compared, in order."""
        rows = list(self._gauges.rows)
        for view in self.book.views.values():
            rows += view_rows(view, self.confidence, self.book.base_currency)
        return tuple(rows)

    def ask(
        self,
        changes: Sequence[Change],
        node: str | None = None,
        *,
        self_financed: bool = True,
        name: str = "",
        methods: Collection[str] = (),
    ) -> WhatIfResult:
        """The numbers of a node with the changes, beside those without.

        ``methods`` of risk add their VaR and ES (``all`` that suit), which takes a second or more.
        """
        here = self.book.nodes[self.book.row(node)]
        net = netted(self.book, changes, self_financed=self_financed)
        state = ChangedBook(self.base, net.whole)
        before = self._base_of(here)
        after = self._read(state, here) if state.is_touched(here) else before
        limits, rows = self.limits, self.rows
        words = tuple(str(change) for change in changes)
        problems = (*net.unpriced, *self._still(net.traded))
        if methods:
            more = by_method(self.base, state, here or None, methods, self.confidence)
            rows = (*rows, *more.rows)
            before = np.concatenate([before, more.before])
            after = np.concatenate([after, more.after])
            problems = (*problems, *more.failures)
        return WhatIfResult(
            node=here,
            changes=words,
            rows=rows,
            base=before,
            scenario=after,
            traded=float(sum(abs(amount) for amount in net.traded.values())),
            limits_before=None if limits is None else limits.base,
            limits_after=None if limits is None else limits.judge(state, state.changes),
            provenance=self._provenance(here, words, problems, self_financed),
            name=name,
            notes=_notes(self_financed, problems),
        )

    def state_of(self, changes: Sequence[Change], *, self_financed: bool = True) -> ChangedBook:
        """The book as it would be, for any other measure of a state."""
        return ChangedBook(self.base, netted(self.book, changes, self_financed=self_financed).whole)

    def _still(self, traded: Iterable[int]) -> tuple[Failure, ...]:
        """What is traded and moves in no scenario of a set: its risk is not in the numbers."""
        found = []
        for place in traded:
            if place not in self._moves:
                self._moves[place] = tuple(
                    view.name
                    for view in self.book.views.values()
                    if not view.is_stress and not self.base.unit_row(place, view.name).any()
                )
            if self._moves[place]:
                name = self.book.instrument_ids[place]
                words = " and ".join(each.replace("_", " ") for each in self._moves[place])
                message = (
                    f"{name} does not move in the {words} scenarios: it has no value there, or "
                    "nothing that it depends on has a recent history. Its risk is in no number."
                )
                found.append(Failure(FailureReason.MISSING_DATA, message, name))
        return tuple(found)

    def _base_of(self, node: str) -> FloatArray:
        if node not in self._known:
            self._known[node] = self._read(self.base, node)
            self._known[node].flags.writeable = False
        return self._known[node]

    def _read(self, state: BookState, node: str) -> FloatArray:
        parts = [self._gauges.read(state.held_by(node or None))]
        for view in self.book.views.values():
            parts.append(read_view(state, node or None, view, self.confidence))
        return np.concatenate(parts)

    def _provenance(
        self,
        node: str,
        words: tuple[str, ...],
        unpriced: tuple[Failure, ...],
        self_financed: bool,
    ) -> Provenance:
        coverage = self.book.coverage
        return Provenance(
            as_of=self.book.as_of,
            base_currency=self.book.base_currency,
            model_id=MODEL_ID,
            inputs={
                **self.book.inputs,
                "node": node or "everything",
                "changes": content_hash(list(words), self_financed)[:16],
                "confidence": f"{self.confidence:g}",
            },
            coverage=replace(coverage, failures=(*coverage.failures, *unpriced))
            if unpriced
            else Coverage(coverage.done, coverage.failures),
        )


def _notes(self_financed: bool, unpriced: tuple[Failure, ...]) -> tuple[str, ...]:
    money = (
        "Trades are paid from the cash of their portfolio, at marks and without costs; a book "
        "that is scaled or removed brings or takes its own."
        if self_financed
        else "The money for trades is not taken from anywhere."
    )
    return (money, *(failure.message for failure in unpriced))
