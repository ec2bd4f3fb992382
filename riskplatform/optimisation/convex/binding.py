"""Which constraints hold an answer back, what a unit of room in each is worth, and in words."""

from __future__ import annotations

import numpy as np

from riskplatform.optimisation.convex.program import (
    AT_MOST,
    EQUAL,
    SECOND_ORDER,
    Answer,
    Program,
    bound_name,
)
from riskplatform.optimisation.portfolio import Binding

IMPLIED = ("held long", "all money")
"""Constraints that hold where none of their kind are given; they are not news."""

_TIGHT = 1e-5
_WORTH = 1e-6
_STEP = 0.01
_MOST = 200


def bindings(
    program: Program, answer: Answer, objective: str, worth: float = 1.0
) -> tuple[Binding, ...]:
    """The dearest first. ``worth`` turns multipliers into units of what ``objective`` names."""
    found = _of_rows(program, answer) + _of_bounds(program, answer)
    top = max((abs(price) for _, price, _ in found), default=0.0)
    chosen = [each for each in found if abs(each[1]) > _WORTH * top]
    chosen.sort(key=lambda each: -abs(each[1]))
    return tuple(
        Binding(name, price * worth, _words(name, price * worth, more, objective))
        for name, price, more in chosen[:_MOST]
    )


def _of_rows(program: Program, answer: Answer) -> list[tuple[str, float, str]]:
    out = []
    for block, price in zip(program.blocks, answer.rows, strict=True):
        if not block.is_limit or block.constraint in IMPLIED:
            continue
        if block.cone == SECOND_ORDER:
            out.append((block.name(0), float(price[0]) / block.unit, "more"))
        elif block.cone == EQUAL:
            out += [(block.name(i), float(value), "more") for i, value in enumerate(price)]
        elif block.cone == AT_MOST:
            left = block.bound - block.multiply(answer.x)
            size = np.maximum(np.abs(block.bound), 1e-3)
            for row in np.flatnonzero((left <= _TIGHT * size) & (price > 0.0)):
                name = block.name(int(row))
                more = "less" if " at least " in name else "more"
                out.append((name, float(price[row]), more))
    return out


def _of_bounds(program: Program, answer: Answer) -> list[tuple[str, float, str]]:
    out = []
    sides = (
        (answer.lower, program.lower, program.lower_of, False),
        (answer.upper, program.upper, program.upper_of, True),
    )
    for price, ends, owners, is_upper in sides:
        for place in np.flatnonzero((price > 0.0) & np.isfinite(ends)):
            owner = owners[place]
            is_tight = abs(answer.x[place] - ends[place]) <= _TIGHT * max(abs(ends[place]), 1e-2)
            if owner and owner not in IMPLIED and is_tight:
                name = f"{owner}: {bound_name(program, int(place), is_upper)}"
                out.append((name, float(price[place]), "more" if is_upper else "less"))
    return out


def _words(name: str, price: float, more: str, objective: str) -> str:
    verb = "improve" if price >= 0.0 else "worsen"
    gain = f"{abs(price) * _STEP:.3g}"
    return f"{name}: {_STEP:g} {more} would {verb} {objective} by about {gain}."
