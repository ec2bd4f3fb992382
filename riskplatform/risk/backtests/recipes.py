"""The usual models by name, so that a register can say which of them, and with what numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

from riskplatform.errors import UnknownNameError, UserInputError
from riskplatform.risk.backtests.models import (
    AgeWeighted,
    EwmaNormal,
    ExtremeValue,
    FilteredEwma,
    FilteredGjr,
    Historical,
    NormalModel,
    StudentModel,
    VolatilityScaled,
    WindowModel,
)

RECIPES: dict[str, type[WindowModel]] = {
    "historical": Historical,
    "age-weighted": AgeWeighted,
    "volatility-scaled": VolatilityScaled,
    "filtered-ewma": FilteredEwma,
    "filtered-gjr": FilteredGjr,
    "normal": NormalModel,
    "ewma-normal": EwmaNormal,
    "student-t": StudentModel,
    "evt": ExtremeValue,
}
"""In the order of ``usual_models``."""


def model_of(recipe: str, parameters: Mapping[str, Any] | None = None) -> WindowModel:
    """A model by its recipe; ``parameters`` are fields of it, such as window_days."""
    if recipe not in RECIPES:
        raise UnknownNameError("recipe of a VaR model", recipe, RECIPES)
    kind = RECIPES[recipe]
    known = {one.name: one for one in fields(kind)}
    for name, value in (parameters or {}).items():
        if name not in known:
            error = UnknownNameError(f"parameter of {recipe}", name, known)
            error.hint = error.hint or f"There are {', '.join(known)}."
            raise error
        wanted = type(known[name].default)
        if isinstance(value, bool) or not isinstance(value, (wanted, int)):
            raise UserInputError(f"{name} of {recipe} is {value!r}, which is no {wanted.__name__}.")
    return kind(**(parameters or {}))


def with_window(model: WindowModel, window_days: int | None) -> WindowModel:
    """The same model over other days."""
    return model if window_days is None else replace(model, window_days=window_days)
