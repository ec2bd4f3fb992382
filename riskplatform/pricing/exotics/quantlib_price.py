"""What a worker does: one contract in one market, at all spots asked for."""

from __future__ import annotations

from datetime import date

import numpy as np

from riskplatform.domain.outcome import Failure, FailureReason
from riskplatform.pricing.exotics.arithmetic_average import average_values
from riskplatform.pricing.exotics.contracts import AverageOption, Contract
from riskplatform.pricing.exotics.evaluation_date import evaluation_date
from riskplatform.pricing.exotics.flat_market import FlatMarket
from riskplatform.pricing.exotics.knock_in import knock_in_values
from riskplatform.pricing.exotics.knock_out import knock_out_values
from riskplatform.pricing.exotics.tasks import Answer, PricingTask
from riskplatform.pricing.options.status import FloatArray

# Terms are in years from today, so any day does for QuantLib.
_DAY = date(2026, 1, 1)


def solve(task: PricingTask) -> Answer:
    """The values, or why there are none. Failures are values, so that a batch goes on."""
    contract, name = task.contract, task.contract.contract_id
    if (broken := task.failure()) is not None:
        return broken
    market, spots = FlatMarket(task.vol, task.rate, task.carry_yield), np.array(task.spots)
    try:
        # Absurd markets overflow on the way; what comes out is judged below.
        with np.errstate(all="ignore"):
            values = _values(contract, market, spots)
    except (RuntimeError, ValueError, ArithmeticError) as error:  # QuantLib raises RuntimeError
        return Failure(FailureReason.CALCULATION_FAILED, f"{name}: {error}.", name)
    if not np.isfinite(values).all():
        message = f"{name}: the solution is not finite at a vol of {task.vol}."
        return Failure(FailureReason.CALCULATION_FAILED, message, name)
    return values


def _values(contract: Contract, market: FlatMarket, spots: FloatArray) -> FloatArray:
    if isinstance(contract, AverageOption):
        return average_values(contract, market, spots)
    values_of = knock_out_values if contract.is_out else knock_in_values
    with evaluation_date(_DAY) as ql:
        return values_of(ql, contract, market, spots)
