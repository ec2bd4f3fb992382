"""Why a row has no value: the codes that stand next to every value.

A row whose status is not ``OK`` has the value 0.0, never NaN, so that sums stay sums; whoever adds
rows up counts the status.
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
StatusArray = NDArray[np.int8]


class Status(IntEnum):
    """0 means that the value is right."""

    OK = 0
    NOT_FINITE = 1
    BAD_SPOT = 2
    BAD_STRIKE = 3
    BAD_VOL = 4
    BAD_DISCOUNT = 5
    BAD_BARRIER = 6
    BAD_REBATE = 7
    BAD_PARAMETER = 8
    AT_KINK = 9
    BELOW_INTRINSIC = 10
    ABOVE_MAXIMUM = 11
    NO_TIME_VALUE = 12
    NOT_CONVERGED = 13
    OVERFLOW = 14
    OUT_OF_RANGE = 15
    ENGINE_FAILED = 16


REASONS: dict[Status, str] = {
    Status.OK: "priced",
    Status.NOT_FINITE: "an input is missing, not a number or infinite",
    Status.BAD_SPOT: "the spot or forward is below what the model allows",
    Status.BAD_STRIKE: "the strike is below what the model allows",
    Status.BAD_VOL: "the volatility is negative",
    Status.BAD_DISCOUNT: "the discount factor is not positive",
    Status.BAD_BARRIER: "the barrier is not positive",
    Status.BAD_REBATE: "the rebate is negative",
    Status.BAD_PARAMETER: "a parameter of the model or the contract is outside its range",
    Status.AT_KINK: "without volatility, at the strike, the sensitivities do not exist",
    Status.BELOW_INTRINSIC: "the price is below the intrinsic value, no volatility implies it",
    Status.ABOVE_MAXIMUM: "the price is above what any volatility can give",
    Status.NO_TIME_VALUE: "the option has expired, its price says nothing about volatility",
    Status.NOT_CONVERGED: "the search for the volatility or the boundary did not settle",
    Status.OVERFLOW: "the result is too large for a floating-point number",
    Status.OUT_OF_RANGE: "the market state lies outside the range that was tabulated",
    Status.ENGINE_FAILED: "the numerical solution failed, or its process died",
}


def reason(code: int) -> str:
    """What a status means, for a person."""
    return REASONS[Status(code)]


class Priced(NamedTuple):
    """Values and, per value, a :class:`Status`."""

    value: FloatArray
    status: StatusArray
