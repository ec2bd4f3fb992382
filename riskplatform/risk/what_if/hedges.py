"""The hedge finder: which instrument, and how much of it, cuts a chosen risk most for its cost.

A first look by marginal risk picks candidates; each is then sized in full on the scenarios: the ES
and the volatility of a book are convex in the size of one trade, so that their least is found; VaR
is not, and is searched from both sides of where the ES is least.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from riskplatform.domain.instruments import cash_id
from riskplatform.domain.provenance import Provenance
from riskplatform.errors import MissingDataError, UnknownNameError, UserInputError
from riskplatform.market.content import FloatArray
from riskplatform.pricing.exposures.measures import SUMMED
from riskplatform.risk.measures import volatility
from riskplatform.risk.quantiles import var_and_es
from riskplatform.risk.shares import risk_shares
from riskplatform.risk.what_if.costs import cost_per_unit, size_per_unit
from riskplatform.risk.what_if.prepared import WhatIf

RISKS = ("es", "var", "volatility")
HEDGING_KINDS = (
    "equity", "reit", "etf", "future", "perpetual", "coin", "fx_spot", "fx_forward", "fixed_bond",
    "zero_bond", "swap", "ois", "cds",
)  # fmt: skip
"""What is looked at where nothing is named. Options far from the money look cheap for what they
gain in a few scenarios; whoever wants one names it."""

LOOKED_AT = 40
"""So many candidates are sized in full, unless they are named."""
_STEPS = 60
_GOLDEN = 0.5 * (math.sqrt(5.0) - 1.0)


@dataclass(frozen=True, slots=True)
class Hedge:
    """A trade and what it does; ``cut`` is how much less risk there is, before its cost."""

    instrument_id: str
    quantity: float
    traded: float
    cost: float
    before: float
    after: float

    @property
    def cut(self) -> float:
        return self.before - self.after

    @property
    def cut_per_cost(self) -> float:
        return self.cut / self.cost if self.cost > 0.0 else math.inf

    def to_dict(self) -> dict[str, Any]:
        return {
            "instrument_id": self.instrument_id,
            "quantity": self.quantity,
            "traded": self.traded,
            "cost": self.cost,
            "before": self.before,
            "after": self.after,
            "cut": self.cut,
            "cut_per_cost": self.cut_per_cost,
        }


@dataclass(frozen=True)
class HedgeReport:
    """Hedges of a node's risk, the most effective for their cost first."""

    node: str
    risk: str
    budget: float
    hedges: tuple[Hedge, ...]
    provenance: Provenance

    def to_frame(self) -> pd.DataFrame:
        columns = ["instrument_id", "quantity", "traded", "cost", "before", "after", "cut",
                   "cut_per_cost"]  # fmt: skip
        return pd.DataFrame([each.to_dict() for each in self.hedges], columns=columns)

    def to_dict(self) -> dict[str, Any]:
        return {
            "node": self.node,
            "risk": self.risk,
            "budget": self.budget,
            "hedges": [each.to_dict() for each in self.hedges],
            "provenance": self.provenance.to_dict(),
        }

    def _repr_html_(self) -> str:
        return str(self.to_frame().to_html(index=False, float_format="{:,.2f}".format))


def find_hedges(
    ask: WhatIf,
    node: str | None = None,
    *,
    risk: str = "es",
    view: str | None = None,
    candidates: Sequence[str] | None = None,
    budget: float | None = None,
    lots: Mapping[str, float] | None = None,
    shown: int = 10,
    basis_points: Mapping[str, float] | None = None,
) -> HedgeReport:
    """Hedges of a node; ``risk`` is one of es, var, volatility or an exposure that adds up.

    ``budget`` is the most money to trade in one hedge, by default a tenth of the gross value.
    """
    if risk not in (*RISKS, *SUMMED):
        raise UnknownNameError("risk to hedge", risk, (*RISKS, *SUMMED))
    book = ask.book
    here = book.nodes[book.row(node)]
    held = ask.base.held_by(here)
    values = np.abs(np.nan_to_num(book.known.values))
    most = float(0.1 * (np.abs(held) @ values)) if budget is None else float(budget)
    if not most > 0.0:
        raise UserInputError(f"A budget of {most:,.0f} buys no hedge.", hint="Give one above 0.")
    finder = _Finder(ask, here, risk, book.view(view).name, most, basis_points)
    found = []
    for place in finder.candidates(candidates):
        hedge = finder.sized(place, (lots or {}).get(book.instrument_ids[place], 1.0))
        if hedge is not None:
            found.append(hedge)
    found.sort(key=lambda each: -each.cut_per_cost)
    return HedgeReport(here, risk, most, tuple(found[:shown]), finder.provenance())


class _Finder:
    """One node's risk as a function of how much of one unit is added."""

    def __init__(
        self,
        ask: WhatIf,
        node: str,
        risk: str,
        view: str,
        budget: float,
        basis_points: Mapping[str, float] | None,
    ) -> None:
        self.ask, self.book, self.node, self.risk, self.view = ask, ask.book, node, risk, view
        self.budget = budget
        self.values = self.book.known.values
        given = {} if basis_points is None else {"basis_points": basis_points}
        self.costs = cost_per_unit(self.book, **given)
        self.weights = self.book.view(view).weights
        self.gains = ask.base.gains(node, view)
        if risk in SUMMED:
            self.per_unit = self.book.known.per_unit(risk)
            self.now = abs(float(ask.base.held_by(node) @ self.per_unit))
        else:
            if not self.gains.any():
                raise MissingDataError(
                    f"{node or 'The book'} gains nothing in any scenario: nothing to hedge."
                )
            self.now = self._measure(self.gains)

    def candidates(self, named: Sequence[str] | None) -> list[int]:
        """Those named, or those whose next unit of money cuts the risk most for its cost."""
        if named is not None:
            return [self.book.place(name) for name in named]
        liquid = np.isin(self.book.kinds, HEDGING_KINDS)
        known = np.isfinite(self.values) & liquid & (self.costs > 0.0)
        slope = np.abs(self.per_unit if self.risk in SUMMED else self._slopes())
        score = np.divide(slope, self.costs, out=np.zeros_like(slope), where=known)
        order = np.argsort(-score, kind="stable")[:LOOKED_AT]
        return [int(place) for place in order if score[place] > 0.0]

    def sized(self, place: int, lot: float) -> Hedge | None:
        """The best size within the budget, in whole lots; none where no size helps."""
        value = abs(float(self.values[place]))
        price = float(size_per_unit(self.book)[place])
        if not (price > 0.0 and math.isfinite(price)):
            return None
        far = self.budget / price
        best, after = self._best(place, far)
        whole = math.floor(abs(best) / lot) * lot * (1.0 if best > 0 else -1.0)
        if not whole:
            return None
        after = self._at(place)(whole)
        if not after < self.now:
            return None
        return Hedge(
            instrument_id=self.book.instrument_ids[place],
            quantity=whole,
            traded=abs(whole) * value,
            cost=abs(whole) * float(self.costs[place]),
            before=self.now,
            after=after,
        )

    def _best(self, place: int, far: float) -> tuple[float, float]:
        at = self._at(place)
        if self.risk in SUMMED:
            own = float(self.per_unit[place])
            total = float(self.ask.base.held_by(self.node) @ self.per_unit)
            best = min(max(-total / own, -far), far) if own else 0.0
            return best, at(best)
        found = [_least(at, -far, far)]
        if self.risk == "var":
            found += [_least(at, -far, found[0][0]), _least(at, found[0][0], far)]
            found += [_least(at, -0.1 * far, 0.1 * far)]
        return min(found, key=lambda each: each[1])

    def _at(self, place: int) -> Callable[[float], float]:
        if self.risk in SUMMED:
            own = float(self.per_unit[place])
            total = float(self.ask.base.held_by(self.node) @ self.per_unit)
            return lambda size: abs(total + size * own)
        unit = self._unit(place)
        return lambda size: self._measure(self.gains + size * unit)

    def _unit(self, place: int) -> FloatArray:
        """The gains of one unit and of the money that it is bought with."""
        row = self.ask.base.unit_row(place, self.view)
        money = self.book.place(cash_id(str(self.book.currencies[place])))
        owed = float(self.values[place]) / float(self.values[money])
        return np.asarray(row - owed * self.ask.base.unit_row(money, self.view))

    def _slopes(self) -> FloatArray:
        """Marginal risk of one more unit, to first order, without what it is bought with."""
        shares = risk_shares(self.gains, self.ask.confidence, self.weights)
        column = {"volatility": 0, "var": 1, "es": 2}[self.risk]
        chosen = self.book.view(self.view)
        table = chosen.cube.weighed(shares.weights[:, column : column + 1], chosen.base_currency)
        return -np.asarray(table[:, 0])

    def _measure(self, gains: FloatArray) -> float:
        if self.risk == "volatility":
            return float(volatility(gains, self.weights))
        found = var_and_es(gains, self.ask.confidence, self.weights)
        return float(found.es if self.risk == "es" else found.var)

    def provenance(self) -> Provenance:
        return Provenance(
            as_of=self.book.as_of,
            base_currency=self.book.base_currency,
            model_id="hedge-finder",
            inputs={**self.book.inputs, "node": self.node or "everything", "risk": self.risk,
                    "scenarios": self.view, "confidence": f"{self.ask.confidence:g}",
                    "budget": f"{self.budget:.6g}"},
            coverage=self.book.coverage,
        )  # fmt: skip


def _least(at: Callable[[float], float], low: float, high: float) -> tuple[float, float]:
    """Golden section: exact where the function falls and then rises."""
    left, right = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
    one, other = at(left), at(right)
    for _ in range(_STEPS):
        if one <= other:
            high, right, other = right, left, one
            left = high - _GOLDEN * (high - low)
            one = at(left)
        else:
            low, left, one = left, right, other
            right = low + _GOLDEN * (high - low)
            other = at(right)
        if high - low <= 1e-9 * max(abs(low), abs(high)):
            break
    return (left, one) if one <= other else (right, other)
