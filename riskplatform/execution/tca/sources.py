"""Where the benchmarks of each line come from, and why one has none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from riskplatform.execution.tca.worked import NOT_TRADED, Worked


@dataclass(frozen=True, slots=True)
class Source:
    """Of one parent: who told the market's average and the closes, or why nobody did."""

    parent: str
    vwap: str
    close: str
    no_vwap: str = ""
    no_close: str = ""

    @classmethod
    def of(cls, worked: Worked) -> Source:
        tellers = dict.fromkeys(worked.closes_from.get(day, "") for day in worked.days)
        without = [day.isoformat() for day in worked.days if day not in worked.closes]
        no_close = f"no close of {', '.join(without)} is known" if without else ""
        return cls(
            worked.name,
            vwap="" if worked.why_no_vwap else worked.vwap_from,
            close=", ".join(name for name in tellers if name),
            no_vwap=worked.why_no_vwap,
            no_close=no_close if worked.executions else NOT_TRADED,
        )

    def to_dict(self) -> dict[str, Any]:
        return {
            "parent": self.parent,
            "vwap": self.vwap or None,
            "close": self.close or None,
            "no_vwap": self.no_vwap or None,
            "no_close": self.no_close or None,
        }
