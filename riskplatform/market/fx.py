"""Foreign exchange: one number per currency, triangulated through a stated pivot.

Every cross is the ratio of two prices in the pivot, so no two paths can disagree and there is no
arbitrage inside the matrix. Quotes that disagreed on the way in are reported as failures.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType

import numpy as np

from riskplatform.domain.money import currency_code
from riskplatform.domain.outcome import Failure, FailureReason
from riskplatform.errors import DataError
from riskplatform.market.content import Content, FloatArray
from riskplatform.market.lookup import missing_data

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True, eq=False)
class FxMatrix(Content):
    """Exchange rates as of a date. ``usd_per_unit`` is the price of one unit in the pivot.

    ``quoted_on`` holds the dates of quotes older than ``as_of``.
    """

    as_of: date
    usd_per_unit: Mapping[str, float]
    pivot: str = "USD"
    quoted_on: Mapping[str, date] = field(default_factory=dict)

    def __post_init__(self) -> None:
        prices = {currency_code(self.pivot): 1.0}
        for currency, price in self.usd_per_unit.items():
            if not (math.isfinite(price) and price > 0):
                raise DataError(
                    f"The price of {currency} in {self.pivot} on {self.as_of} is {price}.",
                    hint="A positive number is expected.",
                )
            prices[currency_code(currency)] = float(price)
        if prices[self.pivot] != 1.0:
            raise DataError(f"One {self.pivot} costs {prices[self.pivot]} {self.pivot}, not 1.")
        object.__setattr__(self, "usd_per_unit", MappingProxyType(prices))
        object.__setattr__(self, "quoted_on", MappingProxyType(dict(self.quoted_on)))

    def __reduce__(self) -> tuple[object, ...]:
        # A mapping proxy does not pickle, and a snapshot must travel to worker processes.
        parts = (self.as_of, dict(self.usd_per_unit), self.pivot, dict(self.quoted_on))
        return (FxMatrix, parts)

    @property
    def currencies(self) -> tuple[str, ...]:
        return tuple(sorted(self.usd_per_unit))

    def rate(self, source: str, target: str, *, needed_by: str | None = None) -> float:
        """Units of ``target`` for one unit of ``source``."""
        return self._price(source, needed_by) / self._price(target, needed_by)

    def rates(
        self, sources: Sequence[str], target: str, *, needed_by: str | None = None
    ) -> FloatArray:
        """Units of ``target`` for one unit of each source: the column that converts a vector."""
        prices = np.array([self._price(source, needed_by) for source in sources], dtype=float)
        return prices / self._price(target, needed_by)

    def convert(
        self, amount: float, source: str, target: str, *, needed_by: str | None = None
    ) -> float:
        """``amount`` of ``source`` in units of ``target``."""
        return amount * self.rate(source, target, needed_by=needed_by)

    def path(self, source: str, target: str) -> tuple[str, ...]:
        """The currencies that a conversion passes through: EUR, USD, JPY."""
        self._price(source, None)
        self._price(target, None)
        if source == target:
            return (source,)
        if self.pivot in (source, target):
            return (source, target)
        return (source, self.pivot, target)

    def with_prices(self, usd_per_unit: Mapping[str, float]) -> FxMatrix:
        """A new matrix with these prices in the pivot put over the old ones."""
        dates = {code: day for code, day in self.quoted_on.items() if code not in usd_per_unit}
        return FxMatrix(self.as_of, {**self.usd_per_unit, **usd_per_unit}, self.pivot, dates)

    def _price(self, currency: str, needed_by: str | None) -> float:
        try:
            return self.usd_per_unit[currency]
        except KeyError:
            raise missing_data(
                "the exchange rate of",
                currency,
                as_of=self.as_of,
                needed_by=needed_by,
                known=self.usd_per_unit,
                hint=f"Known currencies: {', '.join(self.currencies)}.",
            ) from None


def fx_from_quotes(
    as_of: date,
    quotes: Mapping[Pair, float],
    *,
    pivot: str = "USD",
    tolerance: float = 1e-3,
) -> tuple[FxMatrix, tuple[Failure, ...]]:
    """The matrix that quotes of any pairs imply, and what was wrong with them.

    ``quotes[("EUR", "USD")]`` is USD for one EUR. Each currency is priced by the fewest quotes from
    the pivot. Each quote left over closes a cycle, most often a triangle, and a cycle that gains or
    loses more than ``tolerance`` is a failure that names its quotes; the cross itself is not used.
    """
    usable = {pair: rate for pair, rate in quotes.items() if math.isfinite(rate) and rate > 0}
    failures = [
        Failure(FailureReason.INVALID_DATA, f"The quote {_name(pair)} is {rate}.", _name(pair))
        for pair, rate in quotes.items()
        if pair not in usable
    ]
    prices, parents = _spanning_tree(usable, pivot)
    used = set(parents.values())
    for pair, rate in sorted(usable.items()):
        base, counter = pair
        if base not in prices or counter not in prices:
            message = f"The quote {_name(pair)} has no path to {pivot}."
            failures.append(Failure(FailureReason.MISSING_DATA, message, _name(pair)))
        elif pair not in used:
            gap = math.log(rate * prices[counter] / prices[base])
            if abs(gap) > tolerance:
                cycle = sorted({pair, *_edges_between(base, counter, parents)})
                listed = ", ".join(f"{_name(each)} {usable[each]:g}" for each in cycle)
                message = (
                    f"The quotes {listed} disagree by {gap:.2%}, more than {tolerance:.2%}; "
                    f"{_name(pair)} is not used."
                )
                failures.append(Failure(FailureReason.INVALID_DATA, message, _name(pair)))
    return FxMatrix(as_of, prices, pivot), tuple(failures)


def _name(pair: Pair) -> str:
    return pair[0] + pair[1]


def _spanning_tree(
    quotes: Mapping[Pair, float], pivot: str
) -> tuple[dict[str, float], dict[str, Pair]]:
    """Breadth first from the pivot: the price of each currency and the quote that priced it."""
    neighbours: dict[str, list[tuple[str, Pair]]] = {}
    for pair in sorted(quotes):
        neighbours.setdefault(pair[0], []).append((pair[1], pair))
        neighbours.setdefault(pair[1], []).append((pair[0], pair))
    prices = {pivot: 1.0}
    parents: dict[str, Pair] = {}
    queue = deque([pivot])
    while queue:
        here = queue.popleft()
        for there, pair in neighbours.get(here, []):
            if there not in prices:
                rate = quotes[pair]
                prices[there] = prices[here] * rate if pair[0] == there else prices[here] / rate
                parents[there] = pair
                queue.append(there)
    return prices, parents


def _edges_between(start: str, end: str, parents: Mapping[str, Pair]) -> set[Pair]:
    """The quotes on the tree's path between two currencies."""
    return _edges_to_root(start, parents) ^ _edges_to_root(end, parents)


def _edges_to_root(currency: str, parents: Mapping[str, Pair]) -> set[Pair]:
    edges = set()
    while currency in parents:
        pair = parents[currency]
        edges.add(pair)
        currency = pair[1] if pair[0] == currency else pair[0]
    return edges
