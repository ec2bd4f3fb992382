"""The answer: actual, hypothetical and risk-theoretical P&L of a node, by line and by term."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from riskplatform.domain.outcome import Coverage
from riskplatform.domain.provenance import Provenance
from riskplatform.errors import UnknownNameError
from riskplatform.pricing.attributes import SLICES
from riskplatform.pricing.valuation import PLACES, UNCLASSIFIED
from riskplatform.risk.explain.terms import UNEXPLAINED, Term, Way, model_terms, terms_of

TOLERANCE = 0.10
"""Of the absolute actual P&L: more than this unexplained is flagged."""
FLOOR = 1e-5
"""Of the gross value before: less than this unexplained is never flagged."""


@dataclass(frozen=True, eq=False)
class ExplainResult:
    """P&L from the evening of ``since`` to that of ``as_of``, in the base currency, signed.

    ``lines`` have one row per leaf and instrument with their attributes, ``actual``,
    ``hypothetical`` (the earlier book in the later market, by marks), each term and
    ``unexplained``. On every row, and so on every sum, the terms and the unexplained make the
    actual P&L. ``factors`` (term, factor, years, move, pnl) take first-order terms apart; only the
    Taylor way has them.
    """

    node: str | None
    since: date
    way: Way
    lines: pd.DataFrame
    factors: pd.DataFrame
    provenance: Provenance
    tolerance: float = TOLERANCE
    notes: tuple[str, ...] = ()

    @property
    def as_of(self) -> date:
        return self.provenance.as_of

    @property
    def base_currency(self) -> str:
        return self.provenance.base_currency

    @property
    def coverage(self) -> Coverage:
        return self.provenance.coverage

    @property
    def terms(self) -> tuple[Term, ...]:
        """The terms in order, the unexplained last."""
        return (*terms_of(self.way), UNEXPLAINED)

    def amount(self, name: str) -> float:
        """A term, or ``actual``, ``hypothetical``, ``value_before``, ``value_after``, ``flows``."""
        return float(self.lines[name].sum())

    @property
    def actual(self) -> float:
        """Change of value by marks that flows do not explain."""
        return self.amount("actual")

    @property
    def hypothetical(self) -> float:
        """Of the earlier book alone: no trades, no fees, no corporate actions."""
        return self.amount("hypothetical")

    @property
    def theoretical(self) -> float:
        """What the model says the earlier book gained."""
        return sum(self.amount(name) for name in model_terms(self.way))

    @property
    def unexplained(self) -> float:
        return self.amount(UNEXPLAINED.name)

    @property
    def unexplained_share(self) -> float:
        """Of the absolute actual P&L; not a number where that is zero and something is left."""
        if not self.unexplained:
            return 0.0
        return abs(self.unexplained) / abs(self.actual) if self.actual else float("nan")

    @property
    def gross_share(self) -> float:
        """The same line by line: absolute unexplained over absolute actual P&L of all lines."""
        gross = float(self.lines["actual"].abs().sum())
        return float(self.lines[UNEXPLAINED.name].abs().sum()) / gross if gross else 0.0

    @property
    def is_flagged(self) -> bool:
        """Whether too much is unexplained, and it is money that matters."""
        gross = float(self.lines["value_before"].abs().sum())
        left = abs(self.unexplained)
        return left > self.tolerance * abs(self.actual) and left > FLOOR * gross

    def to_frame(self, by: str | None = None) -> pd.DataFrame:
        """One row per term, the actual P&L last; with ``by`` one column per group beside it.

        Groups are a slice such as ``asset_class``, or ``portfolio``: the nodes just below.
        """
        names = [*(term.name for term in self.terms), "actual"]
        titles = [*(term.title for term in self.terms), "Actual P&L"]
        table = pd.DataFrame({"term": names, "title": titles})
        table["pnl"] = [self.amount(name) for name in names]
        actual = self.actual
        table["share"] = table["pnl"] / abs(actual) if actual else float("nan")
        if by is not None:
            groups = self.by(by).set_index(by)[names]
            order = groups["actual"].abs().sort_values(ascending=False).index
            for group in order:
                table[str(group)] = groups.loc[group].to_numpy()
        return table

    def by(self, *slices: str) -> pd.DataFrame:
        """One row per group: actual, hypothetical, every term, the unexplained and its share."""
        for name in slices:
            if name not in (*SLICES, *PLACES):
                raise UnknownNameError("slice", name, (*SLICES, *PLACES))
        names = ["actual", "hypothetical", *(term.name for term in self.terms)]
        keys = [self.lines[name].fillna(UNCLASSIFIED) for name in slices]
        table: pd.DataFrame = self.lines[names].groupby(keys, sort=False).sum().reset_index()
        table["unexplained_share"] = (table["unexplained"] / table["actual"]).abs()
        return table.sort_values("actual", key=abs, ascending=False, ignore_index=True)

    def largest_unexplained(self, count: int = 10) -> pd.DataFrame:
        """The lines of which most is left."""
        shown = ["portfolio_id", "instrument_id", "name", "kind", "actual", "unexplained"]
        order = self.lines["unexplained"].abs().sort_values(ascending=False).index
        return self.lines.loc[order, shown].head(count).reset_index(drop=True)

    def waterfall(self) -> list[tuple[str, float, bool]]:
        """(title, amount, is a total): value before, flows, terms, unexplained, value after."""
        steps = [("Value before", self.amount("value_before"), True)]
        if flows := self.amount("flows"):
            steps.append(("Flows", flows, False))
        steps += [
            (term.title, amount, False) for term in self.terms if (amount := self.amount(term.name))
        ]
        return [*steps, ("Value after", self.amount("value_after"), True)]

    def to_dict(self) -> dict[str, Any]:
        return {
            "node": self.node,
            "since": self.since.isoformat(),
            "way": self.way.value,
            "actual": self.actual,
            "hypothetical": self.hypothetical,
            "theoretical": self.theoretical,
            "terms": {term.name: self.amount(term.name) for term in self.terms},
            "unexplained_share": self.unexplained_share,
            "gross_share": self.gross_share,
            "is_flagged": self.is_flagged,
            "factors": self.factors.to_dict("records"),
            "notes": list(self.notes),
            "provenance": self.provenance.to_dict(),
        }

    def _repr_html_(self) -> str:
        table = self.to_frame()[["title", "pnl"]]
        body = str(table.to_html(index=False, float_format="{:,.0f}".format))
        return f"<p>P&L since {self.since}, {self.provenance}</p>{body}"


def with_unexplained(lines: pd.DataFrame, way: Way) -> pd.DataFrame:
    """The lines with what all terms leave of the actual P&L."""
    named: Sequence[str] = [term.name for term in terms_of(way)]
    left = lines.copy()
    left["unexplained"] = left["actual"] - left[list(named)].sum(axis=1)
    return left
