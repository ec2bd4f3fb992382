"""Step revaluation: every step's gain by full revaluation, averaged over all orders of the steps.

The steps are time, prices, volatilities, rates, credit, exchange rates, and yields with the basis
of futures. What a step gains depends on what has moved before it. The mean over all orders (the
Shapley value, Shorrocks 2013) depends on no order, leaves no cross term, and sums to the whole.
What the steps do not name (the shape of the smile, fixings, recovery) is the difference to a full
revaluation in the later market.
"""

from __future__ import annotations

from itertools import combinations
from math import factorial

import numpy as np

from riskplatform.market.content import FloatArray
from riskplatform.pricing.units.book import UnitBook
from riskplatform.pricing.units.engine import UnitValues, value_states
from riskplatform.pricing.units.flows import UnitFlows
from riskplatform.pricing.units.needs import needs
from riskplatform.risk.explain.moves import GROUPS, MarketMove
from riskplatform.risk.explain.units import UnitTerms, options_among, rates_into

_TIME = "time"


def revaluation_terms(
    move: MarketMove, later: UnitBook, base_currency: str, splits: dict[str, float]
) -> UnitTerms:
    """Terms of every unit of ``move.book``; ``later`` are the units that still exist at its end."""
    book = move.book
    steps = tuple(group for group in GROUPS if _moves(move, group))
    subsets = [chosen for size in range(len(steps) + 1) for chosen in combinations(steps, size)]
    states = np.stack([move.state(chosen) for chosen in subsets])
    rates = rates_into(book.layout, [u.currency for u in book.units], base_currency, states)
    now = value_states(book.plan(), states)
    then = value_states(book.plan(move.days), states) if move.days else now
    worth: dict[frozenset[str], FloatArray] = {}
    for place, chosen in enumerate(subsets):
        worth[frozenset(chosen)] = now.values[:, place] * rates[:, place]
        after = (then.values[:, place] + then.cash) * rates[:, place]
        worth[frozenset((*chosen, _TIME))] = after
    terms = averaged_steps(worth, (_TIME, *steps))
    passed, is_option = terms.pop(_TIME), options_among(book)
    last = len(subsets) - 1
    full = (then.values[:, last] + then.cash) * rates[:, last]
    everything = {
        "carry": np.where(is_option, 0.0, passed),
        "theta": np.where(is_option, passed, 0.0),
        **{group: terms.get(group, np.zeros(len(book.units))) for group in GROUPS},
        "rest": _rest(move, later, then, full, rates[:, last], splits),
    }
    known = (now.status == 0).all(axis=1) & (then.status == 0).all(axis=1)
    failures = {f.subject: f for found in (now, then) for f in found.failures}
    return UnitTerms(
        now.instrument_ids,
        base_currency,
        {name: np.where(known, values, 0.0) for name, values in everything.items()},
        known,
        (*book.failures, *failures.values(), *move.failures),
    )


def averaged_steps(
    worth: dict[frozenset[str], FloatArray], steps: tuple[str, ...]
) -> dict[str, FloatArray]:
    """The gain of each step, mean over all orders; ``worth`` has every subset of the steps."""
    count = len(steps)
    found: dict[str, FloatArray] = {}
    for step in steps:
        others = [name for name in steps if name != step]
        total = np.zeros_like(worth[frozenset()])
        for size in range(count):
            share = factorial(size) * factorial(count - size - 1) / factorial(count)
            for before in combinations(others, size):
                gain = worth[frozenset((*before, step))] - worth[frozenset(before)]
                total = total + share * gain
        found[step] = total
    return found


def _moves(move: MarketMove, group: str) -> bool:
    places = move.columns(group)
    return bool((move.before[places] != move.after[places]).any())


def _rest(
    move: MarketMove,
    later: UnitBook,
    then: UnitValues,
    stepped: FloatArray,
    rates: FloatArray,
    splits: dict[str, float],
) -> FloatArray:
    """Full revaluation in the later market less what the steps reached; none for what has ended.

    An option on a share that has split keeps the terms of before in the steps and is not compared.
    """
    exact = value_states(later.plan(), later.layout.states(1))
    place = {name: row for row, name in enumerate(exact.instrument_ids) if not exact.status[row, 0]}
    rest = np.zeros(len(stepped))
    for row, unit in enumerate(move.book.units):
        at = place.get(unit.instrument_id)
        if at is None or _reads_a_split(unit, splits):
            continue
        value = exact.values[at, 0] * splits.get(unit.instrument_id, 1.0)
        rest[row] = (value + then.cash[row]) * rates[row] - stepped[row]
    return rest


def _reads_a_split(unit: UnitFlows, splits: dict[str, float]) -> bool:
    """Whether something else than the unit itself has split."""
    return any(name in splits and name != unit.instrument_id for _, name in needs(unit))
