"""What the tests of this room are given, checked once."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from riskplatform.errors import DataError, UserInputError
from riskplatform.market.content import FloatArray

BoolArray = NDArray[np.bool_]


def tail_of(confidence: float) -> float:
    """1 − confidence, the probability of an exception."""
    if not 0.5 <= confidence < 1.0:
        hint = f"Did you mean {confidence / 100:g}?" if 50.0 <= confidence < 100.0 else None
        raise UserInputError(
            f"A confidence is a number from 0.5 to below 1, such as 0.99; found {confidence:g}.",
            hint=hint,
        )
    # 1 − 0.99 is not 0.01 in binary; a count of days must not turn on that.
    return round(1.0 - confidence, 12)


def checked_level(level: float) -> float:
    if not 0.0 < level < 1.0:
        raise UserInputError(f"A level is between 0 and 1, such as 0.05; found {level:g}.")
    return level


def hits_of(exceptions: ArrayLike) -> BoolArray:
    """One True or False (or 1 or 0) per day, oldest first."""
    given = np.asarray(exceptions)
    if given.ndim != 1:
        raise UserInputError(f"Exceptions are one row of days; found shape {given.shape}.")
    if given.size and not np.isin(given, (0, 1)).all():
        raise UserInputError("Exceptions are True or False for each day.")
    return given.astype(np.bool_)


def exceptions_of(pnl: ArrayLike, value_at_risk: ArrayLike) -> BoolArray:
    """True where the loss is larger than the VaR of that day; a loss equal to it is none."""
    gain, limit = vectors(pnl=pnl, value_at_risk=value_at_risk)
    return np.asarray(-gain > limit)


def vectors(**named: ArrayLike) -> tuple[FloatArray, ...]:
    """Vectors of finite numbers of one length; a single number stands for every day."""
    arrays = {name: np.asarray(values, dtype=np.float64) for name, values in named.items()}
    sizes = {array.size for array in arrays.values() if array.ndim == 1}
    if any(array.ndim > 1 for array in arrays.values()) or len(sizes) > 1:
        shapes = ", ".join(f"{name} {array.shape}" for name, array in arrays.items())
        raise UserInputError(f"One number per day is needed of each; found {shapes}.")
    for name, array in arrays.items():
        if not np.isfinite(array).all():
            raise DataError(f"{name.replace('_', ' ')} holds a number that is not finite.")
    size = sizes.pop() if sizes else 1
    return tuple(np.ascontiguousarray(np.broadcast_to(array, size)) for array in arrays.values())


def count_text(count: int, noun: str) -> str:
    """'1 day', '2 days'."""
    return f"{count:,} {noun}" + ("" if count == 1 else "s")
