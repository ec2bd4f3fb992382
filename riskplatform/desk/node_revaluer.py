"""What a node gains in any moves of its factors, by full revaluation, and the exact slope of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from riskplatform.domain.outcome import Failure, FailureReason
from riskplatform.errors import DataError
from riskplatform.market.content import FloatArray
from riskplatform.pricing.purpose import Purpose
from riskplatform.pricing.units.book import UnitBook
from riskplatform.pricing.units.engine import value_states, words_of
from riskplatform.pricing.units.flows import NodeKind
from riskplatform.pricing.units.plan import Plan
from riskplatform.pricing.units.sensitivities import gradient
from riskplatform.simulation.axis import FactorAxis
from riskplatform.simulation.nodes import StateMaker, state_maker

# Of a move: each number of a state has one factor, so that all slopes are found at once.
_SLOPE_STEP = 1e-6


@dataclass(frozen=True, eq=False)
class NodeRevaluer:
    """``held`` of the plan's units, in ``base_currency``; factors are those of the axis.

    The clock stands still. A unit without a value today is in ``failures`` and in no gain; a
    scenario in which another unit has none has no gain (not a number).
    """

    plan: Plan
    maker: StateMaker
    base_currency: str
    held: FloatArray = field(repr=False)
    values: FloatArray = field(repr=False)
    codes: tuple[str, ...]
    of_currency: NDArray[np.intp] = field(repr=False)
    failures: tuple[Failure, ...]

    @classmethod
    def of(
        cls, book: UnitBook, axis: FactorAxis, held: Mapping[str, float], base_currency: str
    ) -> NodeRevaluer:
        places = [i for i, unit in enumerate(book.units) if held.get(unit.instrument_id)]
        if not places:
            raise DataError("Nothing that is held can be priced.")
        plan = book.plan_of(places)
        now = value_states(plan, book.layout.states(1), purpose=Purpose.SCENARIOS)
        known = now.status[:, 0] == 0
        failures = tuple(
            Failure(
                FailureReason.CALCULATION_FAILED,
                f"{plan.instrument_ids[row]} has no value: {words_of(int(now.status[row, 0]))}.",
                plan.instrument_ids[row],
            )
            for row in np.flatnonzero(~known)
        )
        if failures:
            plan = book.plan_of([place for place, ok in zip(places, known, strict=True) if ok])
        codes = tuple(sorted(set(plan.currencies)))
        return cls(
            plan=plan,
            maker=state_maker(book.layout, axis),
            base_currency=base_currency,
            held=np.array([held[name] for name in plan.instrument_ids]),
            values=now.values[known, 0],
            codes=codes,
            of_currency=np.array([codes.index(c) for c in plan.currencies], dtype=np.intp),
            failures=failures,
        )

    @property
    def worth(self) -> float:
        """The value of the node by the model, today, in the base currency."""
        base = self.maker.base[None, :]
        return float(self._in_base(self.values[:, None], base)[0])

    def gains(self, moves: FloatArray) -> FloatArray:
        """[scenario] of ``moves`` [scenario, factor]."""
        states = self.maker.states(np.ascontiguousarray(moves))
        found = value_states(self.plan, states, purpose=Purpose.SCENARIOS)
        later = self._in_base(found.values, states)
        return np.asarray(np.where((found.status != 0).any(axis=0), np.nan, later - self.worth))

    def by_unit(self, moves: FloatArray) -> FloatArray:
        """What each unit of the plan gains in one row of moves."""
        states = self.maker.states(moves[None, :])
        found = value_states(self.plan, states, purpose=Purpose.SCENARIOS).values[:, 0]
        rates, now = self._rates(states)[:, 0], self._rates(self.maker.base[None, :])[:, 0]
        at = self.of_currency
        return np.asarray(self.held * (found * rates[at] - self.values * now[at]))

    def gradient(self, moves: FloatArray) -> FloatArray:
        """[factor]: exact by the numbers of the state, and from these by the factors."""
        state = self.maker.states(moves[None, :])[0]
        by_state = self._by_state(state)
        step = np.full(len(moves), _SLOPE_STEP)
        up, down = self.maker.states(np.stack([moves + step, moves - step]))
        slopes = (up - down) / (2.0 * _SLOPE_STEP)
        columns = self.maker.columns
        found = np.zeros(len(moves))
        np.add.at(found, self.maker.factors, by_state[columns] * slopes[columns])
        return found

    def _by_state(self, state: FloatArray) -> FloatArray:
        """The slope of the node's value by each number of a state: prices, then currencies."""
        rates = self._rates(state[None, :])[:, 0]
        weights = self.held * rates[self.of_currency]
        total = weights @ gradient(self.plan, state).by_node
        found = value_states(self.plan, state[None, :], purpose=Purpose.SCENARIOS).values[:, 0]
        worth = np.bincount(self.of_currency, weights * found, minlength=len(self.codes))
        for code, amount in zip(self.codes, worth, strict=True):
            total[self._place(code)] += amount
        total[self._place(self.base_currency)] -= worth.sum()
        return np.asarray(total)

    def _in_base(self, values: FloatArray, states: FloatArray) -> FloatArray:
        """The node's value [state] from those of its units [unit, state]."""
        by_currency = np.zeros((len(self.codes), len(states)))
        np.add.at(by_currency, self.of_currency, self.held[:, None] * values)
        return np.asarray(np.sum(by_currency * self._rates(states), axis=0))

    def _rates(self, states: FloatArray) -> FloatArray:
        """The price of each currency in the base [currency, state]."""
        logs = states[:, [self._place(code) for code in self.codes]]
        base = states[:, [self._place(self.base_currency)]]
        return np.asarray(np.exp(logs - base).T)

    def _place(self, code: str) -> int:
        return int(self.plan.layout.place(NodeKind.FX, code).start)


@dataclass(frozen=True, eq=False)
class Within:
    """A revaluer seen from some of its factors; the others move as ``fixed`` says, or not."""

    inner: NodeRevaluer
    places: NDArray[np.intp]
    fixed: FloatArray

    def gains(self, moves: FloatArray) -> FloatArray:
        return self.inner.gains(self.whole(moves))

    def gradient(self, moves: FloatArray) -> FloatArray:
        return np.asarray(self.inner.gradient(self.whole(moves[None, :])[0])[self.places])

    def whole(self, moves: FloatArray) -> FloatArray:
        """Moves [scenario, factor] of all factors."""
        found = np.tile(self.fixed, (len(moves), 1))
        found[:, self.places] = moves
        return found
