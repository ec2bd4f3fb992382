"""What crosses to a worker and back: one line of JSON each way, numbers to the last digit."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass

import numpy as np

from riskplatform.domain.outcome import Failure, FailureReason
from riskplatform.pricing.exotics.contracts import (
    AverageOption,
    Contract,
    contract_from,
    contract_terms,
)
from riskplatform.pricing.options.status import FloatArray


@dataclass(frozen=True, slots=True)
class PricingTask:
    """One contract in one flat market at some spots, on the live side of its barrier."""

    contract: Contract
    vol: float
    rate: float
    carry_yield: float
    spots: tuple[float, ...]

    def failure(self) -> Failure | None:
        """Why no engine can do it, or None."""
        contract, found = self.contract, self.contract.problems()
        if not all(math.isfinite(spot) and spot > 0.0 for spot in self.spots):
            found.append("a spot is not positive")
        if not (all(map(math.isfinite, (self.vol, self.rate, self.carry_yield))) and self.vol > 0):
            found.append("the market is not finite or has no volatility")
        if contract.time <= 0.0:
            found.append("it has expired")
        elif isinstance(contract, AverageOption) and not contract.fixing_times:
            found.append("all its fixings are known")
        if not found:
            return None
        name = contract.contract_id
        return Failure(FailureReason.INVALID_TERMS, f"{name}: {'; '.join(found)}.", name)


Answer = FloatArray | Failure


def task_line(task: PricingTask) -> bytes:
    """The task as a line."""
    return _line(
        {
            "contract": contract_terms(task.contract),
            "market": [task.vol, task.rate, task.carry_yield],
            "spots": task.spots,
        }
    )


def task_from(line: bytes) -> PricingTask:
    """The task of a line."""
    told = json.loads(line)
    vol, rate, carry_yield = told["market"]
    return PricingTask(
        contract_from(told["contract"]), vol, rate, carry_yield, tuple(told["spots"])
    )


def answer_line(answer: Answer) -> bytes:
    """The answer as a line."""
    if isinstance(answer, Failure):
        return _line({"failure": answer.to_dict()})
    return _line({"values": answer.tolist()})


def answer_from(line: bytes) -> Answer:
    """The answer of a line."""
    told = json.loads(line)
    if "failure" in told:
        failure = told["failure"]
        return Failure(FailureReason(failure["reason"]), failure["message"], failure.get("subject"))
    return np.asarray(told["values"], dtype=np.float64)


def _line(told: object) -> bytes:
    return json.dumps(told, separators=(",", ":")).encode() + b"\n"
