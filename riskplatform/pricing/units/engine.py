"""Unit values of a plan in many states: three kernels, one status for each row and state.

A state with numbers that are not finite, or a forward rate that a model does not allow, fails the
units that read it and no others. A value that failed is 0 with a status, never NaN.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from riskplatform.domain.outcome import Failure, FailureReason
from riskplatform.errors import UserInputError
from riskplatform.pricing.options.status import reason as option_reason
from riskplatform.pricing.purpose import Purpose
from riskplatform.pricing.units import kernels, twins
from riskplatform.pricing.units.layout import FloatArray
from riskplatform.pricing.units.plan import Plan
from riskplatform.pricing.units.price_options import option_inputs, price_option_values


class Status(IntEnum):
    """Why a value is what it is; from ``OPTION`` on it is a status of the option kernels."""

    PRICED = 0
    NOT_FINITE = 1
    FORWARD_NOT_ALLOWED = 2
    OPTION = 16


_WORDS = {
    Status.NOT_FINITE: "the market of a state is not finite or out of all bounds",
    Status.FORWARD_NOT_ALLOWED: "a lognormal volatility has no meaning for a forward rate at or "
    "below zero; quote a normal or shifted one",
}


def words_of(status: int) -> str:
    """What a status means, for a person."""
    if status > Status.OPTION:
        return option_reason(status - Status.OPTION)
    return _WORDS[Status(status)]


@dataclass(frozen=True, slots=True, eq=False)
class UnitValues:
    """``values`` and ``status`` are [unit, state], in each unit's currency.

    ``cash`` [unit] has been paid between today and the states' day, and is not in ``values``.
    """

    instrument_ids: tuple[str, ...]
    currencies: tuple[str, ...]
    values: FloatArray
    cash: FloatArray
    status: NDArray[np.int8]

    @property
    def failures(self) -> tuple[Failure, ...]:
        """One for each unit that has no value in some state."""
        found = []
        for row in np.flatnonzero(self.status.any(axis=1)):
            states = np.flatnonzero(self.status[row])
            reason = words_of(int(self.status[row, states[0]]))
            name = self.instrument_ids[row]
            message = (
                f"{name} has no value in {len(states)} of {self.status.shape[1]} states, the first "
                f"is number {states[0]}: {reason}."
            )
            found.append(Failure(FailureReason.CALCULATION_FAILED, message, name))
        return tuple(found)

    def total(self) -> FloatArray:
        """Values with the cash of the way, [unit, state]; 0 where a unit failed."""
        return np.asarray(np.where(self.status == 0, self.values + self.cash[:, None], 0.0))


def value_states(
    plan: Plan, states: FloatArray, *, purpose: Purpose = Purpose.VALUE, compiled: bool = True
) -> UnitValues:
    """Value every unit in every state [state, node]; ``compiled=False`` takes the plain twins.

    Values of part of a set of scenarios say so by their ``purpose``.
    """
    extended = plan.extended(checked_states(plan, states))
    values = linear_part(plan, extended, compiled=compiled)
    if plan.direct.nnz:
        values += plan.direct @ extended.T
    units = len(plan)
    status = np.zeros((units, len(states)), dtype=np.int8)
    result = np.ascontiguousarray(values[:units])
    if len(plan.defaults.unit):
        np.add.at(result, plan.defaults.unit, default_part(plan, extended, compiled=compiled))
    if len(plan.options):
        priced = option_part(plan, extended, values, compiled=compiled)[0]
        _mark_forwards(plan, values, priced, status)
        np.add.at(result, plan.options.unit, plan.options.quantity[:, None] * priced)
    if len(plan.price_options):
        table = plan.price_options
        found = price_option_values(table, option_inputs(plan, extended, values), purpose=purpose)
        np.add.at(result, table.unit, table.quantity[:, None] * found.value)
        codes = np.where(found.status > 0, found.status + Status.OPTION, 0).astype(np.int8)
        np.maximum.at(status, table.unit, codes)
    broken = ~np.isfinite(result)
    status[broken & (status == 0)] = Status.NOT_FINITE
    result[status != 0] = 0.0
    return UnitValues(plan.instrument_ids, plan.currencies, result, plan.cash, status)


def checked_states(plan: Plan, states: FloatArray) -> FloatArray:
    """States of the width that the plan reads."""
    if states.ndim != 2 or states.shape[1] != plan.layout.size:
        raise UserInputError(
            f"States of shape {states.shape} were given; [state, {plan.layout.size}] is accepted, "
            "the columns those of the plan's layout."
        )
    return states


def linear_part(plan: Plan, extended: FloatArray, *, compiled: bool = True) -> FloatArray:
    """Everything that is a weighted sum of discount factors: [row, state]."""
    if compiled:
        return kernels.linear_values(extended, plan.weights, plan.coefficients)
    with np.errstate(all="ignore"):
        return twins.linear_values(extended, plan.weights, plan.coefficients)


def default_part(plan: Plan, extended: FloatArray, *, compiled: bool = True) -> FloatArray:
    """The ISDA integrals: [leg, state]."""
    work = kernels.default_values if compiled else twins.default_values
    return work(extended, plan.defaults)


def option_part(
    plan: Plan, extended: FloatArray, values: FloatArray, *, compiled: bool = True
) -> FloatArray:
    """Options and their derivatives by annuity, floating leg and volatility: [4, option, state]."""
    table = plan.options
    volatility = table.volatility[:, None] + table.shift_weights @ extended.T
    work = kernels.option_values if compiled else twins.option_values
    return np.asarray(
        work(
            values[table.annuity_row],
            values[table.annuity_row + 1],
            np.ascontiguousarray(volatility),
            table.root_time,
            table.strike,
            table.sign,
            table.shift,
            table.is_normal,
        )
    )


def _mark_forwards(
    plan: Plan, values: FloatArray, priced: FloatArray, status: NDArray[np.int8]
) -> None:
    """Where the model refused a forward that the market does have."""
    rows = plan.options.annuity_row
    known = np.isfinite(values[rows]) & np.isfinite(values[rows + 1])
    refused = known & ~np.isfinite(priced)
    option, state = np.nonzero(refused)
    status[plan.options.unit[option], state] = Status.FORWARD_NOT_ALLOWED
