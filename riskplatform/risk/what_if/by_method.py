"""VaR and ES of a what-if by every method of risk: slower than the rest, so only when asked."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import NamedTuple

import numpy as np

from riskplatform.domain.outcome import Failure
from riskplatform.errors import UnknownNameError
from riskplatform.market.content import FloatArray
from riskplatform.risk.book import ScenarioView
from riskplatform.risk.methods import METHODS, OF_HISTORY, OF_SCENARIOS, side_by_side
from riskplatform.risk.sample import Question
from riskplatform.risk.state import BookState
from riskplatform.risk.what_if.measuring import Row

ALL = "all"


class ByMethod(NamedTuple):
    """Numbers by row, before and after; a method without an answer to both is a failure."""

    rows: tuple[Row, ...]
    before: FloatArray
    after: FloatArray
    failures: tuple[Failure, ...]


def chosen_methods(methods: Collection[str]) -> tuple[str, ...]:
    """Those named, each known; ``all`` is every one."""
    names = tuple(METHODS) if ALL in methods else tuple(dict.fromkeys(methods))
    for name in names:
        if name not in METHODS:
            raise UnknownNameError("risk method", name, (*METHODS, ALL))
    return names


def by_method(
    base: BookState, state: BookState, node: str | None, methods: Collection[str], confidence: float
) -> ByMethod:
    """On each scenario set those of the methods that suit it."""
    wanted = chosen_methods(methods)
    rows: list[Row] = []
    pairs: list[tuple[float, float]] = []
    failures: list[Failure] = []
    for view in base.book.views.values():
        if view.is_stress:
            continue
        suited = OF_HISTORY if view.is_history else OF_SCENARIOS
        names = [name for name in wanted if name in suited]
        for found in _compared(base, state, node, view, names, confidence):
            if isinstance(found, Failure):
                failures.append(found)
                continue
            for name, pair in zip(("VaR", "ES"), found[1:], strict=True):
                words = f"{name} by {found[0]}, {view.name.replace('_', ' ')}, {confidence:g}"
                rows.append(Row("methods", words, base.book.base_currency))
                pairs.append(pair)
    table = np.array(pairs, dtype=np.float64).reshape(-1, 2)
    return ByMethod(tuple(rows), table[:, 0], table[:, 1], tuple(failures))


def _compared(
    base: BookState,
    state: BookState,
    node: str | None,
    view: ScenarioView,
    names: Collection[str],
    confidence: float,
) -> Iterator[Failure | tuple[str, tuple[float, float], tuple[float, float]]]:
    """Name, VaR before and after, ES before and after."""
    asked = Question(confidence=confidence)
    before = side_by_side(view.sample(base.gains(node, view.name)), asked, names)
    after = side_by_side(view.sample(state.gains(node, view.name)), asked, names)
    reasons = {each.subject: each for each in (*before.failures, *after.failures)}
    for name in names:
        if name in reasons:
            words = f"{name}, {view.name.replace('_', ' ')}: {reasons[name].message}"
            yield Failure(reasons[name].reason, words, name)
            continue
        one, other = before[name], after[name]
        yield name.replace("_", " "), (one.var, other.var), (one.es, other.es)
