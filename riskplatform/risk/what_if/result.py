"""What a what-if answers with: every number as it is, as it would be, and the difference."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from riskplatform.domain.provenance import Provenance
from riskplatform.market.content import FloatArray
from riskplatform.risk.limits.report import ORDER, LimitCheck, LimitReport
from riskplatform.risk.what_if.measuring import Row

if TYPE_CHECKING:
    import pandas as pd

MODEL_ID = "what-if"


@dataclass(frozen=True, eq=False)
class WhatIfResult:
    """``base`` and ``scenario`` are by row, for ``node``; ``changes`` say in words what was asked.

    ``traded`` is money that changes hands, bought and sold together; ``cost`` what that is assumed
    to cost. ``limits`` are those of the whole book before and after, none where there are none.
    """

    node: str
    changes: tuple[str, ...]
    rows: tuple[Row, ...]
    base: FloatArray
    scenario: FloatArray
    traded: float
    limits_before: LimitReport | None
    limits_after: LimitReport | None
    provenance: Provenance
    name: str = ""
    notes: tuple[str, ...] = ()

    @property
    def difference(self) -> FloatArray:
        return np.asarray(self.scenario - self.base)

    @property
    def base_currency(self) -> str:
        return self.provenance.base_currency

    def number(self, measure: str) -> tuple[float, float]:
        """As it is and as it would be."""
        for place, row in enumerate(self.rows):
            if row.measure == measure:
                return float(self.base[place]), float(self.scenario[place])
        from riskplatform.errors import UnknownNameError

        raise UnknownNameError("measure of this what-if", measure, [r.measure for r in self.rows])

    def moved_limits(self) -> list[tuple[LimitCheck, LimitCheck]]:
        """Limits whose light or value is another, new breaches first."""
        if self.limits_before is None or self.limits_after is None:
            return []
        pairs = zip(self.limits_before.checks, self.limits_after.checks, strict=True)
        moved = [(one, other) for one, other in pairs
                 if one.light is not other.light or one.value != other.value]  # fmt: skip
        return sorted(moved, key=lambda pair: (
            not pair[1].is_breach or pair[0].is_breach, ORDER[pair[1].light],
            -(pair[1].utilisation or 0.0),
        ))  # fmt: skip

    @property
    def new_breaches(self) -> tuple[LimitCheck, ...]:
        """Limits that are red only because of it."""
        return tuple(
            other for one, other in self.moved_limits() if other.is_breach and not one.is_breach
        )

    def to_frame(self) -> pd.DataFrame:
        """One row per number."""
        import pandas as pd

        return pd.DataFrame(
            {
                "group": [row.group for row in self.rows],
                "measure": [row.measure for row in self.rows],
                "unit": [row.unit for row in self.rows],
                "base": self.base,
                "scenario": self.scenario,
                "difference": self.difference,
            }
        )

    def limits_frame(self) -> pd.DataFrame:
        """One row per limit that moved, new breaches first."""
        import pandas as pd

        rows = []
        for one, other in self.moved_limits():
            after = other.to_dict()
            rows.append(
                {
                    **{key: after[key] for key in ("limit_id", "node", "measure", "of", "unit")},
                    "hard": after["hard"],
                    "base": one.value,
                    "scenario": other.value,
                    "light_before": one.light.value,
                    "light_after": other.light.value,
                    "utilisation": other.utilisation,
                }
            )
        names = ["limit_id", "node", "measure", "of", "unit", "hard", "base", "scenario",
                 "light_before", "light_after", "utilisation"]  # fmt: skip
        return pd.DataFrame(rows, columns=names)

    def to_dict(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "node": self.node,
            "changes": list(self.changes),
            "traded": self.traded,
            "numbers": self.to_frame().to_dict("records"),
            "limits": self.limits_frame().to_dict("records"),
            "new_breaches": [check.limit.limit_id for check in self.new_breaches],
            "notes": list(self.notes),
            "provenance": self.provenance.to_dict(),
        }

    def _repr_html_(self) -> str:
        words = "; ".join(self.changes) or "nothing"
        table = self.to_frame().to_html(index=False, float_format="{:,.2f}".format)
        return f"<p>{words}, {self.provenance}</p>{table}"
