"""What reads one limit's number from a state, in three kinds that differ in how a trade moves it.

A linear gauge is a product of holdings with a vector per unit, so a trade adds its own product. A
gauge of holdings is another function of them, one of gains a function of what the node gains in
each scenario. All take many nodes or trades at once: numbers [..., instrument] or [..., scenario].
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from riskplatform.domain.outcome import Failure, FailureReason
from riskplatform.errors import MissingDataError, UnknownNameError
from riskplatform.market.content import FloatArray
from riskplatform.risk.limits.holdings import Gross, Groups, Unwinding
from riskplatform.risk.quantiles import Tail, tails_at, var_and_es
from riskplatform.risk.sample import problem
from riskplatform.risk.state import BookState

BoolArray = NDArray[np.bool_]


class Reading:
    """What is read from a state for limits: each thing once, however many limits ask for it."""

    def __init__(
        self,
        state: BookState,
        held: dict[str, FloatArray] | None = None,
        confidences: Mapping[str, tuple[float, ...]] | None = None,
    ) -> None:
        self.state = state
        self._confidences = confidences or {}
        self._held: dict[str, FloatArray] = held or {}
        self._counts: dict[str, int] = {}
        self._gains: dict[tuple[str, str], FloatArray | Failure] = {}
        self._tails: dict[tuple[str, str, float], Tail] = {}

    def held(self, node: str) -> FloatArray | Failure:
        """Quantities of a node by instrument."""
        if node not in self._held:
            try:
                self._held[node] = self.state.held_by(node)
            except (MissingDataError, UnknownNameError) as error:
                return as_failure(error, node)
        return self._held[node]

    def count(self, node: str) -> int:
        """How many instruments a node holds."""
        if node not in self._counts:
            held = self.held(node)
            self._counts[node] = 0 if isinstance(held, Failure) else int(np.count_nonzero(held))
        return self._counts[node]

    def gains(self, node: str, view: str) -> FloatArray | Failure:
        """What a node gains in each scenario, if these are numbers and not all zero."""
        key = (node, view)
        if key not in self._gains:
            self._gains[key] = self._checked_gains(node, view)
        return self._gains[key]

    def tail(self, node: str, gauge: OfTail) -> Tail | Failure:
        """VaR and ES of a node; with those at other confidences that limits will ask for."""
        key = (node, gauge.view, gauge.confidence)
        if key not in self._tails:
            gains = self.gains(node, gauge.view)
            if isinstance(gains, Failure):
                return gains
            wanted = {gauge.confidence, *self._confidences.get(gauge.view, ())}
            confidences = tuple(wanted)
            found = tails_at(gains, confidences, gauge.weights)
            for confidence, tail in zip(confidences, found, strict=True):
                self._tails[(node, gauge.view, confidence)] = tail
        return self._tails[key]

    def _checked_gains(self, node: str, view: str) -> FloatArray | Failure:
        try:
            gains = self.state.gains(node, view)
        except (MissingDataError, UnknownNameError) as error:
            return as_failure(error, node)
        size = float(np.abs(gains).sum())
        if not (np.isfinite(size) and size > 0.0):
            found = problem(self.state.book.view(view).sample(gains))
            if found is not None:
                return Failure(found.reason, found.message, node)
        return gains


class Read(NamedTuple):
    """A number, and what it is of where that is not fixed: the largest name, the worst scenario."""

    value: float
    subject: str | None = None


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Linear:
    """Holdings times a number per unit; ``lacks`` marks instruments for which there is none."""

    per_unit: FloatArray
    lacks: BoolArray
    why: str = ""

    def figure(self, held: FloatArray) -> FloatArray:
        return np.asarray(held @ self.per_unit)

    def read(self, reading: Reading, node: str) -> Read | Failure:
        held = reading.held(node)
        return held if isinstance(held, Failure) else Read(float(held @ self.per_unit))


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class OfHoldings:
    """Any function of holdings [..., instrument]; ``of_nothing`` says where it has no meaning.

    ``parts`` is what the function is made of, for whoever follows it from one change to the next.
    """

    figure: Callable[[FloatArray], FloatArray]
    lacks: BoolArray
    why: str = ""
    subject: Callable[[FloatArray], str | None] | None = None
    of_nothing: Callable[[FloatArray], str | None] | None = None
    parts: Gross | Groups | Unwinding | None = None

    def read(self, reading: Reading, node: str) -> Read | Failure:
        held = reading.held(node)
        if isinstance(held, Failure):
            return held
        if self.of_nothing is not None and (message := self.of_nothing(held)) is not None:
            return Failure(FailureReason.MISSING_DATA, message, node)
        return Read(float(self.figure(held)), self.subject(held) if self.subject else None)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class OfGains:
    """Any function of gains [..., scenario] of a view."""

    view: str
    figure: Callable[[FloatArray], FloatArray]
    lacks: BoolArray
    why: str = ""
    subject: Callable[[FloatArray], str | None] | None = None

    def read(self, reading: Reading, node: str) -> Read | Failure:
        gains = reading.gains(node, self.view)
        if isinstance(gains, Failure):
            return gains
        return Read(float(self.figure(gains)), self.subject(gains) if self.subject else None)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class OfTail:
    """VaR or ES of a view: one look at the tail answers limits on both."""

    view: str
    confidence: float
    is_es: bool
    weights: FloatArray | None
    lacks: BoolArray
    why: str = ""

    def figure(self, gains: FloatArray) -> FloatArray:
        tail = var_and_es(gains, self.confidence, self.weights)
        return tail.es if self.is_es else tail.var

    def read(self, reading: Reading, node: str) -> Read | Failure:
        tail = reading.tail(node, self)
        if isinstance(tail, Failure):
            return tail
        return Read(float(tail.es if self.is_es else tail.var))


class Gauge(Protocol):
    """One of the four above. ``why`` completes "X is held and ...": what lacks, and so is out."""

    @property
    def lacks(self) -> BoolArray: ...

    @property
    def why(self) -> str: ...

    def figure(self, numbers: FloatArray, /) -> FloatArray: ...

    def read(self, reading: Reading, node: str) -> Read | Failure: ...


def as_failure(error: MissingDataError | UnknownNameError, subject: str) -> Failure:
    """An error of the book as the value that a limit carries."""
    missing = isinstance(error, MissingDataError)
    reason = FailureReason.MISSING_DATA if missing else FailureReason.INVALID_TERMS
    return Failure(reason, str(error), subject)
