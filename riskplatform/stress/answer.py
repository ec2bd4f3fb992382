"""The answer to a question: one number per node, scenario, measure and group, with its origin."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from riskplatform.domain.outcome import Coverage
from riskplatform.domain.plain_json import plain
from riskplatform.domain.provenance import Provenance
from riskplatform.errors import UnknownNameError

MODEL = "query 1"
_COLUMNS = ("node", "scenario", "measure", "group", "value", "base", "difference", "unit", "origin")


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """``value`` is with the changes, ``base`` without them; gains are signed, VaR and ES are losses
    and positive. ``origin`` says what it was taken from."""

    node: str
    scenario: str
    measure: str
    group: str
    value: float
    base: float
    unit: str
    origin: str

    @property
    def difference(self) -> float:
        return self.value - self.base

    def to_dict(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in _COLUMNS}


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Answer:
    """``asked`` is the question as plain data, ``scenarios`` the hash of what each does."""

    asked: Mapping[str, Any]
    name: str = ""
    rows: tuple[AnswerRow, ...] = field(repr=False)
    changes: tuple[str, ...] = ()
    scenarios: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    provenance: Provenance

    @property
    def base_currency(self) -> str:
        return self.provenance.base_currency

    @property
    def coverage(self) -> Coverage:
        return self.provenance.coverage

    def number(
        self, measure: str = "gain", scenario: str = "", node: str | None = None, group: str = ""
    ) -> float:
        """One number; of the only node or scenario there is where none is named."""
        found = [
            row
            for row in self.rows
            if row.measure == measure
            and row.group == group
            and (not scenario or row.scenario == scenario)
            and (node is None or row.node == node)
        ]
        if len(found) != 1:
            known = sorted({f"{r.measure} of {r.node} in {r.scenario or 'the book'}"
                            for r in self.rows})  # fmt: skip
            asked = f"{measure} of {node or 'the only node'} in {scenario or 'the only scenario'}"
            raise UnknownNameError("single number of this answer", asked, known)
        return found[0].value

    def to_frame(self) -> pd.DataFrame:
        """One row per number."""
        return pd.DataFrame([row.to_dict() for row in self.rows], columns=list(_COLUMNS))

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON."""
        return {
            "name": self.name,
            "asked": plain(dict(self.asked)),
            "changes": list(self.changes),
            "scenarios": dict(self.scenarios),
            "numbers": [row.to_dict() for row in self.rows],
            "notes": list(self.notes),
            "provenance": self.provenance.to_dict(),
        }

    def _repr_html_(self) -> str:
        table = self.to_frame().to_html(index=False, float_format="{:,.2f}".format)
        return f"<p>{'; '.join(self.changes) or 'the book as it is'}. {self.provenance}</p>{table}"
