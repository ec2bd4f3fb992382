"""What returns are expected to be in each period to come, and what trading towards them costs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from riskplatform.errors import MissingDataError, UnknownNameError, UserInputError
from riskplatform.market.content import FloatArray
from riskplatform.optimisation.inputs import Inputs


@dataclass(frozen=True)
class Signal:
    """What one source adds to the ``expected`` return of the next period, by asset (nothing where
    not named); it is half as much ``half_life`` periods later, and for ever without one."""

    name: str
    expected: Mapping[str, float]
    half_life: float = math.inf

    def __post_init__(self) -> None:
        if not self.half_life > 0.0:
            raise UserInputError(
                f"The half-life of {self.name} is {self.half_life:g} periods.",
                hint="Give a number above 0.",
            )


class Alpha(NamedTuple):
    """``now`` [signal, asset], and how much of each is left a period later."""

    names: tuple[str, ...]
    now: FloatArray
    kept: FloatArray

    def at(self, period: int) -> FloatArray:
        """Expected returns so many periods from now."""
        return np.asarray(self.kept**period @ self.now)


def alpha_of(inputs: Inputs, signals: Sequence[Signal], half_life: float) -> Alpha:
    """Of the signals; without any the expected returns of the inputs are one."""
    if not signals:
        if not half_life > 0.0:
            raise UserInputError(f"The half-life is {half_life:g} periods; give one above 0.")
        kept = np.array([0.5 ** (1.0 / half_life)])
        return Alpha(("expected returns",), inputs.views[None, :], kept)
    known = {*inputs.asset_ids, *(failure.subject for failure in inputs.excluded)}
    for each in signals:
        for name in each.expected:
            if name not in known:
                raise UnknownNameError(f"asset of the signal {each.name}", name, inputs.asset_ids)
    now = [[each.expected.get(name, 0.0) for name in inputs.asset_ids] for each in signals]
    kept = np.array([0.5 ** (1.0 / each.half_life) for each in signals])
    return Alpha(tuple(each.name for each in signals), np.array(now, dtype=np.float64), kept)


def impact_matrix(inputs: Inputs, impact: float | Mapping[str, float]) -> FloatArray:
    """Λ of the cost ½ Δ'ΛΔ of a trade Δ: a multiple of Σ, or a number for each asset."""
    if not isinstance(impact, Mapping):
        return np.asarray(_from_zero("impact", float(impact)) * inputs.sigma)
    return np.diag(per_asset(inputs, impact, "impact"))


def per_asset(inputs: Inputs, values: float | Mapping[str, float], what: str) -> FloatArray:
    """One cost for all, or one for each."""
    count = len(inputs.asset_ids)
    if not isinstance(values, Mapping):
        return np.full(count, _from_zero(what, float(values)))
    absent = [name for name in inputs.asset_ids if name not in values]
    if absent:
        raise MissingDataError(
            f"{len(absent)} of {count} assets have no {what}, the first is {absent[0]}.",
            hint="A trade without a cost would be done for nothing; give it for each asset.",
        )
    return np.array([_from_zero(what, float(values[name])) for name in inputs.asset_ids])


def kept_of(discount: float) -> float:
    """What a unit is worth a period later."""
    if not 0.0 <= discount < 1.0:
        raise UserInputError(
            f"The discount is {discount:g} per period.", hint="Give one from 0 and below 1."
        )
    return 1.0 - discount


def checked_aversion(aversion: float) -> float:
    if not (math.isfinite(aversion) and aversion > 0.0):
        raise UserInputError(f"The aversion is {aversion:g}; give one above 0.")
    return aversion


def _from_zero(what: str, value: float) -> float:
    if not (math.isfinite(value) and value >= 0.0):
        raise UserInputError(f"The {what} is {value:g}; give a number from 0 on.")
    return value
