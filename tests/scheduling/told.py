"""What a job told of its run."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Told:
    """Log, inputs and outputs of one attempt."""

    log: str = ""
    inputs: dict[str, Any] = field(default_factory=dict)
    outputs: dict[str, Any] = field(default_factory=dict)

    def tell(self, what: str, name: str, value: Any) -> None:
        if what == "log":
            self.log += value
        else:
            (self.inputs if what == "input" else self.outputs)[name] = value
