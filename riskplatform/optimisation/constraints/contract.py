"""What a constraint is, and how several of them become one programme."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import fields
from typing import Any, ClassVar, Protocol

import numpy as np

from riskplatform.errors import UserInputError
from riskplatform.market.content import FloatArray
from riskplatform.optimisation.convex.draft import Draft
from riskplatform.optimisation.inputs import Inputs


class Constraint(Protocol):
    """A frozen value that knows its kind, its name and its rows."""

    kind: ClassVar[str]

    @property
    def name(self) -> str: ...

    def add_to(self, draft: Draft) -> None:
        """Write columns, bounds and rows."""
        ...

    def note(self, inputs: Inputs, weights: FloatArray) -> str:
        """What must be known of how an answer keeps it; empty as a rule."""
        ...

    def to_dict(self) -> dict[str, Any]: ...


class Plain:
    """What all constraints share: they are written back as they were read."""

    kind: ClassVar[str]

    def note(self, inputs: Inputs, weights: FloatArray) -> str:
        """Nothing: it is kept as it is said."""
        return ""

    def to_dict(self) -> dict[str, Any]:
        """As in a file: kind first, and only what was given."""
        out: dict[str, Any] = {"kind": self.kind}
        for each in fields(self):  # type: ignore[arg-type]
            value = getattr(self, each.name)
            if value is None or value == each.default:
                continue
            if isinstance(value, float) and math.isinf(value):
                continue
            out[each.name] = _plain(value)
        return out


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    if hasattr(value, "items"):
        return {key: _plain(each) for key, each in value.items()}
    return value


def check_ends(name: str, low: float, high: float) -> None:
    """A range has a lower end below its upper, and at least one of them."""
    if math.isnan(low) or math.isnan(high) or low > high:
        raise UserInputError(
            f"{name}: low is {low:g} and high is {high:g}.", hint="Give low ≤ high."
        )
    if math.isinf(low) and math.isinf(high):
        raise UserInputError(f"{name} has neither low nor high.", hint="Give at least one.")


def check_positive(name: str, what: str, value: float) -> None:
    """A cap is a number from zero on."""
    if not (math.isfinite(value) and value >= 0.0):
        raise UserInputError(f"{name}: {what} is {value:g}.", hint="Give a number from 0 on.")


def named_twice(constraints: Sequence[Constraint]) -> None:
    """Shadow prices and conflicts speak of names: two constraints cannot have the same."""
    counts = Counter(each.name for each in constraints)
    name, count = max(counts.items(), key=lambda item: item[1], default=("", 0))
    if count > 1:
        raise UserInputError(
            f"{count} constraints are named {name!r}.", hint="Give each a name of its own."
        )


def draft_of(inputs: Inputs, constraints: Sequence[Constraint]) -> Draft:
    """A programme with these constraints and the two that hold where nothing else is said: an asset
    for which no box gives a low is held long, and without a net the weights sum to one."""
    from riskplatform.optimisation.constraints.weights import Box, Net

    named_twice(constraints)
    draft = Draft(inputs)
    is_long = np.ones(draft.assets, dtype=np.bool_)
    for each in constraints:
        if isinstance(each, Box) and math.isfinite(each.low):
            is_long[draft.places(each.assets, each.name)] = False
    if is_long.any():
        draft.bound("held long", np.flatnonzero(is_long), 0.0)
    if not any(isinstance(each, Net) for each in constraints):
        Net(label="all money", low=1.0, high=1.0).add_to(draft)
    for each in constraints:
        each.add_to(draft)
    return draft
