"""Constraints measured on weights, one by one, without the rows that a solver was given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from riskplatform.errors import MissingDataError
from riskplatform.market.content import FloatArray
from riskplatform.optimisation.constraints.contract import Constraint
from riskplatform.optimisation.constraints.gains import RealisedGain
from riskplatform.optimisation.constraints.lots import LotSizes
from riskplatform.optimisation.constraints.risk_caps import (
    ShortfallCap,
    StressLossCap,
    TrackingError,
    ValueAtRiskCap,
    VolatilityCap,
)
from riskplatform.optimisation.constraints.trading import (
    Holdings,
    Participation,
    Restricted,
    Turnover,
)
from riskplatform.optimisation.constraints.weights import Box, Exposure, Gross, Group, Leverage, Net
from riskplatform.optimisation.inputs import Inputs
from riskplatform.risk.quantiles import expected_shortfall

TOLERANCE = 1e-6
_HELD = 1e-7


@dataclass(frozen=True, slots=True)
class ConstraintCheck:
    """``value`` is what the constraint is about, in its own unit: of one on many assets that of the
    asset which is worst. ``room`` is what is left to its end, negative where it does not hold."""

    constraint: str
    kind: str
    value: float
    room: float
    words: str = ""

    @property
    def holds(self) -> bool:
        return self.room >= -TOLERANCE

    def to_dict(self) -> dict[str, Any]:
        return {
            "constraint": self.constraint,
            "kind": self.kind,
            "value": self.value,
            "room": self.room,
            "holds": self.holds,
            "words": self.words,
        }


@dataclass(frozen=True, slots=True)
class ConstraintChecks:
    """One check per constraint, in the order given."""

    checks: tuple[ConstraintCheck, ...]

    @property
    def all_hold(self) -> bool:
        return all(each.holds for each in self.checks)

    @property
    def broken(self) -> tuple[ConstraintCheck, ...]:
        return tuple(each for each in self.checks if not each.holds)

    def to_frame(self) -> pd.DataFrame:
        """One row per constraint."""
        return pd.DataFrame(
            [each.to_dict() for each in self.checks],
            columns=["constraint", "kind", "value", "room", "holds", "words"],
        )

    def to_dict(self) -> dict[str, Any]:
        checks = [each.to_dict() for each in self.checks]
        return {"all_hold": self.all_hold, "checks": checks}

    def _repr_html_(self) -> str:
        return self.to_frame().to_html(index=False, float_format="{:.6g}".format)


def checked_constraints(
    constraints: Sequence[Constraint], inputs: Inputs, weights: FloatArray
) -> ConstraintChecks:
    """What each constraint is about, measured on ``weights`` of the inputs' assets."""
    found = []
    for each in constraints:
        value, room, words = _Measured(inputs, np.asarray(weights, dtype=np.float64)).of(each)
        found.append(ConstraintCheck(each.name, each.kind, value, room, words))
    return ConstraintChecks(tuple(found))


Measure = tuple[float, float, str]


class _Measured:
    """Weights, and what constraints ask of them."""

    def __init__(self, inputs: Inputs, weights: FloatArray) -> None:
        self.inputs, self.weights = inputs, weights
        self.names = inputs.asset_ids
        count = len(self.names)
        self.current = np.zeros(count) if inputs.current is None else inputs.current

    def of(self, each: Constraint) -> Measure:
        match each:
            case Box():
                return self._worst(self.weights, self._mask(each.assets), each.low, each.high)
            case Group():
                return _ends(float(self.weights[self._mask(each.assets)].sum()), each)
            case Exposure():
                row = self._row(each.sensitivities, each.missing or 0.0)
                return _ends(float(row @ self.weights), each)
            case Net():
                return _ends(float(self.weights.sum()), each)
            case Gross():
                return _most(float(np.abs(self.weights).sum()), each.high)
            case Leverage():
                notionals = self._row(each.notionals or {}, 1.0)
                return _most(float(notionals @ np.abs(self.weights)), each.high)
        return self._of_trades(each)

    def _of_trades(self, each: Constraint) -> Measure:
        change = self.weights - self.current
        match each:
            case Turnover():
                return _most(float(np.abs(change).sum()), each.high)
            case Participation():
                volumes = self._row(each.daily_volumes, 0.0) * each.days / each.capital
                most = each.share * volumes
                worst = int(np.argmin(most - np.abs(change)))
                room = float(most[worst] - abs(change[worst]))
                return (
                    float(abs(change[worst])),
                    room,
                    f"{self.names[worst]} trades most of its volume",
                )
            case Restricted():
                high = np.maximum(self.current, 0.0)
                return self._worst(self.weights, self._mask(each.assets), -np.inf, high)
            case Holdings():
                return self._holdings(each)
            case RealisedGain():
                gain = each.gain(self.current, self.weights, self.names)
                return _most(gain, each.high, "with losses netted")
            case LotSizes():
                return 0.0, np.inf, "kept by rounding to lots"
        return self._of_risk(each)

    def _of_risk(self, each: Constraint) -> Measure:
        match each:
            case VolatilityCap():
                return _most(self._deviation(self.weights), each.high)
            case TrackingError():
                if self.inputs.benchmark is None:
                    raise MissingDataError("A tracking error is against a benchmark.")
                return _most(self._deviation(self.weights - self.inputs.benchmark), each.high)
            case ShortfallCap():
                gains = self.inputs.scenarios @ self.weights
                value = expected_shortfall(gains, each.confidence, self.inputs.shares)
                return _most(float(value), each.high)
            case ValueAtRiskCap():
                var, es = each.measured(self.inputs, self.weights)
                return _most(var, each.high, f"kept by an ES of {es:.6g}")
            case StressLossCap():
                return self._stressed(each)
        raise TypeError(f"A constraint of kind {each.kind!r} has no check.")

    def _holdings(self, each: Holdings) -> Measure:
        held = np.abs(self.weights) > _HELD
        room = np.inf if each.most is None else each.most - float(held.sum())
        if held.any():
            room = min(room, float(self.weights[held].min()) - each.least)
        return float(held.sum()), room, "assets held"

    def _stressed(self, each: StressLossCap) -> Measure:
        losses = {
            scenario: float(self._row(table, each.missing or 0.0) @ self.weights)
            for scenario, table in each.losses.items()
        }
        worst = max(losses, key=lambda name: losses[name])
        return _most(losses[worst], each.high, f"in {worst}")

    def _deviation(self, weights: FloatArray) -> float:
        return float(np.sqrt(max(float(weights @ self.inputs.covariance.multiply(weights)), 0.0)))

    def _mask(self, assets: Sequence[str] | None) -> np.ndarray:
        return np.array([assets is None or name in assets for name in self.names], dtype=np.bool_)

    def _row(self, values: Any, missing: float) -> FloatArray:
        return np.array([values.get(name, missing) for name in self.names], dtype=np.float64)

    def _worst(self, values: FloatArray, mask: np.ndarray, low: Any, high: Any) -> Measure:
        if not mask.any():
            return 0.0, np.inf, "no asset is concerned"
        room = np.where(mask, np.minimum(values - low, high - values), np.inf)
        worst = int(np.argmin(room))
        return float(values[worst]), float(room[worst]), self.names[worst]


def _ends(value: float, each: Any) -> Measure:
    return value, float(min(value - each.low, each.high - value)), ""


def _most(value: float, high: float, words: str = "") -> Measure:
    return value, high - value, words
