"""A book held ready for what-if questions, so that each takes milliseconds."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from threading import RLock
from typing import TYPE_CHECKING, Any

from riskplatform.desk.risk_books import USUAL_SETS
from riskplatform.desk.snapshots import market_snapshot
from riskplatform.domain.instruments import Equity, Instrument
from riskplatform.errors import UnknownNameError, UserInputError
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


def full_id(name: str, terms: Mapping[str, Instrument]) -> str:
    """The instrument of this id, or the only one whose ticker it is: a share before its options."""
    if name in terms:
        return name
    same = [each for each in terms if each.split(".")[0].casefold() == name.casefold()]
    shares = [each for each in same if isinstance(terms[each], Equity)]
    for found in (same, shares):
        if len(found) == 1:
            return found[0]
    error = UnknownNameError("instrument", name, terms)
    if same:
        more = f" and {len(same) - 5} more" if len(same) > 5 else ""
        error.hint = f"There are {', '.join(same[:5])}{more}."
    raise error


class WhatIfSession:
    """Asks one book of one day; an instrument that is not held is priced when it is first named.

    What it knows is of the moment when it was opened: :attr:`is_stale` says whether the ledger or
    the market has moved since. Several threads may ask; what must be priced first is priced by one.
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
        self._opened: frozenset[str] = frozenset()
        self._refused: dict[str, str] = {}
        self._ids: dict[str, str] = {}
        self._notes: tuple[str, ...] = ()
        self._lock = RLock()
        self._ready = self._prepared(self._also)
        self._ids |= {name: name for name in self.book.instrument_ids}

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
        methods: Collection[str] = (),
    ) -> WhatIfResult:
        """The numbers of a node with these changes, beside those without.

        ``methods`` of risk add their VaR and ES (``all`` that suit), which takes a second or more.
        """
        ready, asked, notes = self.prepared_for(changes, [node])
        found = ready.ask(asked, node, self_financed=self_financed, name=name, methods=methods)
        return replace(found, notes=(*found.notes, *notes)) if notes else found

    def prepared_for(
        self, changes: str | Iterable[Written], nodes: Iterable[str | None]
    ) -> tuple[WhatIf, list[Change], tuple[str, ...]]:
        """The book with all that these changes and nodes name, the changes by the whole names of
        instruments, and what is to be said."""
        with self._lock:
            asked = self._known(written(changes))
            self._open([*nodes, *(each.node for each in asked if isinstance(each, Trade))])
            ready = self.ready_for(each.instrument_id for each in asked if isinstance(each, Trade))
            return ready, asked, self._notes

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
        candidates = None if candidates is None else [self._full(name) for name in candidates]
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
        with self._lock:
            self._need(instrument_ids)
            return self._ready

    def _known(self, changes: list[Change]) -> list[Change]:
        """The same, instruments by their whole names."""
        return [
            replace(each, instrument_id=self._full(each.instrument_id))
            if isinstance(each, Trade)
            else each
            for each in changes
        ]

    def _full(self, name: str) -> str:
        """The id that is meant: AAPL for AAPL.XNAS where nothing else begins so."""
        if name not in self._ids:
            self._ids[name] = full_id(name, self._desk.instruments())
        return self._ids[name]

    def _need(self, instrument_ids: Iterable[str]) -> None:
        missing = frozenset(instrument_ids) - frozenset(self.book.instrument_ids)
        for name in sorted(missing & self._refused.keys()):
            raise UserInputError(self._refused[name], hint=_NO_PRICE)
        if not missing:
            return
        drawn = _drawn(self.book)
        ready = self._prepared(self._also | missing)
        lacking = sorted(missing - frozenset(ready.book.instrument_ids))
        self._also |= missing - frozenset(lacking)
        self._refused |= {name: _reason(ready.book, name) for name in lacking}
        if lacking:
            raise UserInputError(self._refused[lacking[0]], hint=_NO_PRICE)
        self._ready = ready
        anew = [name for name, made in _drawn(ready.book).items() if drawn.get(name) != made]
        self._notes = (*self._notes, *(_drawn_anew(name) for name in anew))

    def _open(self, nodes: Iterable[str | None]) -> None:
        """Give portfolios that hold nothing yet a row, so that something can be bought there."""
        unknown = {node for node in nodes if node is not None} - set(self.book.nodes)
        new = unknown & set(self._desk._scope(None).leaves) if unknown else set()
        if new:
            self._opened |= new
            self._ready = self._with_leaves(self.book, self._ready.limits)

    def _with_leaves(self, book: RiskBook, limits: LimitBook | None) -> WhatIf:
        new = sorted(self._opened - frozenset(book.leaves))
        if new:
            book = book.with_leaves(new)
            limits = limits and LimitBook.of([each.limit for each in limits.limits], book)
        return WhatIf(book, limits, self.confidence)

    def _prepared(self, also: frozenset[str]) -> WhatIf:
        desk = self._desk.looking_at(also) if also else self._desk
        if not (self._with_limits and desk.limits(self.as_of)):
            book = desk.risk_book(
                self.as_of, scenarios=self._sets, with_exposures=True, progress=self._progress
            )
            return self._with_leaves(book, None)
        limits: LimitBook = desk.limit_book(
            self.as_of, scenarios=self._sets, with_exposures=True, progress=self._progress
        )
        return self._with_leaves(limits.book, limits)

    def _now(self) -> tuple[object, int]:
        return (
            self._desk.ledger.book_recorded_at(with_limits=True),
            market_snapshot(self._desk.lake),
        )


_NO_PRICE = (
    "A what-if takes what is alive and has a market on the day; name another, or another day."
)


def _reason(book: RiskBook, name: str) -> str:
    for view in book.views.values():
        for failure in view.cube.failures:
            if failure.subject == name:
                return f"{name} cannot be priced on {book.as_of}: {failure.message}"
    return f"{name} cannot be priced on {book.as_of}."


def _drawn(book: RiskBook) -> dict[str, str]:
    """The sets that are drawn, and which draw it is."""
    return {
        view.name: view.scenario_set
        for view in book.views.values()
        if not (view.is_history or view.is_stress)
    }


def _drawn_anew(name: str) -> str:
    return (
        f"The {name.replace('_', ' ')} scenarios were drawn anew, for what is traded depends on "
        "more than the book does: the numbers as it is are of this draw too."
    )
