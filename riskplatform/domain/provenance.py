"""Where a number comes from: the part of every result that lets it be reproduced."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from riskplatform.domain.outcome import Coverage


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """As of when, in which currency, by which model, from which inputs, covering how much."""

    as_of: date
    base_currency: str
    model_id: str
    inputs: Mapping[str, str]
    coverage: Coverage

    @property
    def run_id(self) -> str:
        """The same question on the same inputs has the same id, on any machine."""
        asked = {
            "as_of": self.as_of.isoformat(),
            "base_currency": self.base_currency,
            "model_id": self.model_id,
            "inputs": dict(self.inputs),
        }
        text = json.dumps(asked, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def to_dict(self) -> dict[str, Any]:
        return {
            "as_of": self.as_of.isoformat(),
            "base_currency": self.base_currency,
            "model_id": self.model_id,
            "run_id": self.run_id,
            "inputs": dict(self.inputs),
            "coverage": self.coverage.to_dict(),
        }

    def __str__(self) -> str:
        return (
            f"as of {self.as_of}, in {self.base_currency}, model {self.model_id}, "
            f"coverage {self.coverage}, run {self.run_id}"
        )
