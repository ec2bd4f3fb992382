"""A question as a value: what is measured, of which nodes, in which scenarios, after what."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from riskplatform.market.content import content_hash
from riskplatform.project.strict_yaml import Document

GAIN = "gain"
"""What a node gains in a scenario, by full revaluation and less haircuts."""
OF_BOOK = ("value", "gross_value")
OF_RISK = ("var", "es", "volatility")
EXPOSURES = (
    "delta", "gamma", "vega", "vanna", "volga", "skew", "theta", "rho", "dividend_rho", "dv01",
    "dv01_par", "rate_gamma", "cs01", "basis", "fx_delta",
)  # fmt: skip
"""Those that add up over their factors."""
MEASURES = (GAIN, *OF_BOOK, *OF_RISK, *EXPOSURES)
ALL = "all"
"""Among scenarios: the whole library. A kind, such as regulatory, is all scenarios of it."""

Written = str | Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """A scenario of the library, with other ``parameters`` where some are given; or one that is
    written out in the question, as the mapping of a scenario file."""

    scenario_id: str
    parameters: tuple[tuple[str, str | float], ...] = ()
    document: Document | None = field(default=None, compare=False, repr=False)
    written: str = ""
    """What the document says, by which two questions are told apart."""

    @classmethod
    def written_out(cls, scenario_id: str, document: Document) -> Asked:
        words = json.dumps(document.data, sort_keys=True, default=str)
        return cls(scenario_id, document=document, written=words)

    @property
    def is_written(self) -> bool:
        return self.document is not None

    def to_plain(self) -> Written:
        """As a file says it."""
        if self.document is not None:
            return dict(self.document.data)
        if self.parameters:
            return {"scenario": self.scenario_id, "parameters": dict(self.parameters)}
        return self.scenario_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """``changes`` are lines or mappings of the what-if language, in their order. Without nodes it
    is about everything, without scenarios about the book as it is."""

    measures: tuple[str, ...] = (GAIN,)
    nodes: tuple[str, ...] = ()
    scenarios: tuple[Asked, ...] = ()
    changes: tuple[Written, ...] = ()
    by: str | None = None
    scenario_set: str = "historical"
    confidence: float = 0.99
    as_of: date | None = None
    self_financed: bool = True
    title: str = ""
    name: str = ""
    document: Document | None = field(default=None, compare=False, repr=False)

    @property
    def content_hash(self) -> str:
        """SHA-256 of what is asked: title and name do not change it."""
        told = {key: value for key, value in self.to_plain().items() if key != "title"}
        return content_hash("query", 1, told)

    def to_plain(self) -> dict[str, Any]:
        """As a file says it; what is as usual is left out."""
        found: dict[str, Any] = {"title": self.title} if self.title else {}
        found["measures"] = list(self.measures)
        if self.nodes:
            found["nodes"] = list(self.nodes)
        if self.scenarios:
            found["scenarios"] = [each.to_plain() for each in self.scenarios]
        if self.changes:
            found["changes"] = list(self.changes)
        usual = Query()
        for key, name in (("by", "by"), ("set", "scenario_set"), ("confidence", "confidence"),
                          ("as_of", "as_of"), ("self_financed", "self_financed")):  # fmt: skip
            value = getattr(self, name)
            if value != getattr(usual, name):
                found[key] = value
        return found
