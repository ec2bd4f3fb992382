"""A book held ready for what-if questions, so that each takes milliseconds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from riskplatform.desk.risk_books import USUAL_SETS
from riskplatform.desk.snapshots import market_snapshot
from riskplatform.errors import UnknownNameError
from riskplatform.risk.limits import LimitBook
from riskplatform.risk.what_if import (
    Change,
    HedgeReport,
    Trade,
    WhatIf,
    WhatIfResult,
    changes_from,
    find_hedges,
)

if TYPE_CHECKING:
    from riskplatform.desk.desk import Desk
    from riskplatform.desk.risk_books import Asked
    from riskplatform.risk.book import RiskBook

STRESS = "stress"
"""The set of all stress scenarios of the library."""

Written = str | Mapping[str, Any] | Change
Progress = Callable[[int, int], None]


def written(changes: str | Iterable[Written]) -> list[Change]:
    """Changes from lines of a text, texts, mappings or changes."""
    if isinstance(changes, str):
        changes = [line for line in changes.splitlines() if line.strip()]
    out: list[Change] = []
    for change in changes:
        out += [change] if isinstance(change, Change) else changes_from([change])
    return out


class WhatIfSession:
    """Asks one book of one day; an instrument that is not held is priced when it is first named.

    What it knows is of the moment when it was opened: :attr:`is_stale` says whether the ledger or
    the market has moved since.
    """

    def __init__(
        self,
        desk: Desk,
        as_of: date,
        *,
        scenarios: Sequence[Asked] | None = None,
        confidence: float = 0.99,
        with_limits: bool = True,
        with_stress: bool = True,
        progress: Progress | None = None,
    ) -> None:
        self._desk = desk
        self.as_of = as_of
        self.confidence = confidence
        self._sets: tuple[Asked, ...] = tuple(scenarios or USUAL_SETS)
        if with_stress:
            self._sets = (*self._sets, STRESS)
        self._with_limits = with_limits
        self._progress = progress
        self._version = self._now()
        self._also: frozenset[str] = frozenset()
        self._ready = self._prepared()

    @property
    def book(self) -> RiskBook:
        return self._ready.book

    @property
    def is_stale(self) -> bool:
        """Whether the desk knows more now than this session does."""
        return self._version != self._now()

    def ask(
        self,
        changes: str | Iterable[Written],
        node: str | None = None,
        *,
        self_financed: bool = True,
        name: str = "",
    ) -> WhatIfResult:
        """The numbers of a node with these changes, beside those without."""
        return self._over(changes).ask(
            written(changes), node, self_financed=self_financed, name=name
        )

    def hedges(
        self,
        node: str | None = None,
        *,
        risk: str = "es",
        scenarios: str | None = None,
        candidates: Sequence[str] | None = None,
        budget: float | None = None,
        shown: int = 10,
    ) -> HedgeReport:
        """What cuts a risk of a node most for its cost; candidates need not be held."""
        ready = self.ready_for(candidates or ())
        terms = self._desk.instruments()
        lots = {
            name: float(getattr(terms[name], "lot_size", 1) or 1)
            for name in ready.book.instrument_ids
            if name in terms
        }
        return find_hedges(
            ready, node, risk=risk, view=scenarios, candidates=candidates, budget=budget,
            lots=lots, shown=shown,
        )  # fmt: skip

    def ready_for(self, instrument_ids: Iterable[str]) -> WhatIf:
        """The prepared book, with these instruments on its axis."""
        self._need(instrument_ids)
        return self._ready

    def _over(self, changes: str | Iterable[Written]) -> WhatIf:
        named = [c.instrument_id for c in written(changes) if isinstance(c, Trade)]
        return self.ready_for(named)

    def _need(self, instrument_ids: Iterable[str]) -> None:
        missing = frozenset(instrument_ids) - frozenset(self.book.instrument_ids)
        if not missing:
            return
        terms = self._desk.instruments()
        for name in sorted(missing):
            if name not in terms:
                raise UnknownNameError("instrument", name, terms)
        self._also |= missing
        self._ready = self._prepared()

    def _prepared(self) -> WhatIf:
        desk = self._desk.looking_at(self._also) if self._also else self._desk
        if not (self._with_limits and desk.limits(self.as_of)):
            book = desk.risk_book(
                self.as_of, scenarios=self._sets, with_exposures=True, progress=self._progress
            )
            return WhatIf(book, None, self.confidence)
        limits: LimitBook = desk.limit_book(
            self.as_of, scenarios=self._sets, with_exposures=True, progress=self._progress
        )
        return WhatIf(limits.book, limits, self.confidence)

    def _now(self) -> tuple[object, int]:
        return self._desk.ledger.last_recorded_at(), market_snapshot(self._desk.lake)
