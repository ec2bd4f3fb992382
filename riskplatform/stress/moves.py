"""What a scenario does to each factor of a book, and what it names that is not there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from riskplatform.errors import MissingDataError, UnknownNameError, UserInputError
from riskplatform.market.content import FloatArray
from riskplatform.pricing.units.flows import NodeKind
from riskplatform.project.scenario_language.amounts import Amount
from riskplatform.project.scenario_language.scenario import INFER, Scenario, Selection, Shock
from riskplatform.simulation.history import FactorHistory
from riskplatform.stress.conversions import Rows, converted
from riskplatform.stress.curve_shapes import by_tenor, rate_moves
from riskplatform.stress.defaults import DefaultMove, default_moves
from riskplatform.stress.factor_table import BoolArray, FactorTable
from riskplatform.stress.fx_moves import PairMove, pair_named, prices_in_pivot
from riskplatform.stress.inferred import Filled, Inferred, bounded
from riskplatform.stress.replays import replayed
from riskplatform.stress.targets import among, unknown_names

_PLAIN = ("move", "parallel", "spread", "level")
Fill = Callable[[Scenario, FloatArray, BoolArray], Filled]
"""What puts moves to the factors that no shock has named: see :mod:`.propagation`."""


@dataclass(frozen=True, slots=True)
class Haircut:
    """A share of the value of what is held that is lost when it is sold."""

    selection: Selection
    share: float


@dataclass(frozen=True, slots=True, eq=False)
class Moves:
    """``values`` [step, factor] after each step, by the table's axis; ``named`` are the factors
    that a shock has named, the others stand still or were inferred, as ``inferred`` says of the
    last step."""

    scenario: Scenario
    values: FloatArray = field(repr=False)
    named: BoolArray = field(repr=False)
    notes: tuple[str, ...] = ()
    haircuts: tuple[Haircut, ...] = ()
    defaults: tuple[DefaultMove, ...] = ()
    inferred: Inferred | None = None

    def labels(self) -> tuple[str, ...]:
        """One for each step; the last is the scenario's id."""
        before = range(1, len(self.values))
        name = self.scenario.scenario_id
        return (*(f"{name} step {number}" for number in before), name)


def moves_of(
    scenario: Scenario,
    table: FactorTable,
    *,
    history: FactorHistory | None = None,
    fill: Fill | None = None,
) -> Moves:
    """The moves of a scenario on a book's factors.

    ``history`` is needed by replays; ``fill`` by scenarios that infer the rest. Shocks that name
    nothing in the book are told in the notes; a factor that is named wrongly is refused.
    """
    work = _Work(table, scenario.horizon_days)
    notes: list[str] = []
    for part in scenario.parts:
        inner = moves_of(part.scenario, table, history=history, fill=fill)
        work.moves += part.weight * inner.values[-1]
        work.named |= inner.named
        work.haircuts += [replace(h, share=h.share * part.weight) for h in inner.haircuts]
        work.defaults |= {each.issuer_id: each for each in inner.defaults}
        notes += inner.notes
        if inner.inferred is not None and scenario.rest != INFER:
            notes.append(f"The band of {part.scenario.scenario_id} is not carried into the sum.")
    if scenario.replay is not None:
        found, told = replayed(scenario.replay, table, history)
        work.moves += np.nan_to_num(found)
        work.named |= ~np.isnan(found)
        notes += told
    steps = _steps(scenario, work)
    values = np.array([_bounded(step, table, notes) for step in steps])
    inferred: Inferred | None = None
    if scenario.rest == INFER:
        if fill is None:
            raise MissingDataError("The scenario infers the rest, and there is no history for it.")
        filled = [fill(scenario, step, work.named) for step in values]
        values = np.array([_bounded(each.moves, table, notes) for each in filled])
        notes += filled[-1].notes
        inferred = filled[-1].inferred
    return Moves(
        scenario=scenario,
        values=values,
        named=work.named,
        notes=tuple(dict.fromkeys([*notes, *work.notes])),
        haircuts=tuple(work.haircuts),
        defaults=tuple(work.defaults.values()),
        inferred=inferred,
    )


def _steps(scenario: Scenario, work: _Work) -> list[FloatArray]:
    """The moves after the shocks, or after each step of the path."""
    work.apply(scenario.shocks)
    if not scenario.path:
        return [work.moves]
    found = []
    for step in scenario.path:
        before, work.moves = work.moves, np.zeros(len(work.table))
        work.apply(step.shocks)
        work.moves = before + work.moves
        found.append(work.moves)
    return found


def _bounded(moves: FloatArray, table: FactorTable, notes: list[str]) -> FloatArray:
    found, told = bounded(moves, table)
    notes += told
    return found


class _Work:
    """The moves while shocks are put on, one after another."""

    def __init__(self, table: FactorTable, horizon_days: int) -> None:
        self.table, self.horizon_days = table, horizon_days
        self.moves = np.zeros(len(table))
        self.named: BoolArray = np.zeros(len(table), dtype=np.bool_)
        self.notes: list[str] = []
        self.haircuts: list[Haircut] = []
        self.defaults: dict[str, DefaultMove] = {}

    def apply(self, shocks: Iterable[Shock]) -> None:
        pairs: dict[tuple[str, str], float] = {}
        for shock in shocks:
            try:
                if shock.target == "fx":
                    self._gather(shock, pairs)
                elif shock.target == "liquidity":
                    amount = shock.amount("haircut")
                    assert amount is not None
                    self.haircuts.append(Haircut(shock.selection, amount.fraction))
                elif shock.target == "default":
                    self._default(shock)
                else:
                    self._plain(shock)
            except UnknownNameError:
                raise
            except UserInputError as error:
                raise UserInputError(f"{shock.where}: {error.message}", hint=error.hint) from error
        if pairs:
            self._exchange(pairs)

    def _plain(self, shock: Shock) -> None:
        mask = among(shock, self.table)
        rows = np.flatnonzero(mask)
        if not rows.size:
            self.notes += unknown_names(shock, self.table)
            return
        if shock.target == "volatility":
            self._skew(shock)
            if not shock.says("level", "tenors"):
                return
        self._put(rows, self._amounts(shock, rows), shock.on_top)

    def _skew(self, shock: Shock) -> None:
        """Of the surfaces named; a shock that says nothing of their skew leaves it."""
        if shock.says("skew", "skew_tenors"):
            mask = self.table.selected(shock.selection, self.table.of_kind(NodeKind.SKEW))
            rows = np.flatnonzero(mask)
            moves = self._amounts(shock, rows, ("skew",), "skew_tenors")
            self._put(rows, moves, shock.on_top)

    def _amounts(
        self, shock: Shock, rows: Rows, names: Iterable[str] = _PLAIN, by_tenors: str = "tenors"
    ) -> FloatArray:
        years = self.table.years[rows]
        total = np.zeros(len(rows))
        for name in names:
            amount = shock.amount(name)
            if amount is not None:
                found, still = converted(self.table, rows, amount, self.horizon_days)
                total += found
                self._tell_still(still)
        if shock.target == "rates":
            return total + rate_moves(shock, years)
        tenors = shock.get(by_tenors)
        if tenors:
            shape = by_tenor(years, tenors)
            unit = tenors[0][1]
            one = replace(unit, value=1.0)
            scale, _ = converted(self.table, rows, one, self.horizon_days)
            total += shape / one.fraction * scale
        return total

    def _put(self, rows: Rows, moves: FloatArray, on_top: bool) -> None:
        self.moves[rows] = moves + (self.moves[rows] if on_top else 0.0)
        self.named[rows] = True

    def _tell_still(self, rows: Rows) -> None:
        if rows.size:
            names = ", ".join(self.table.nodes[row].factor_id for row in rows[:5])
            more = f" and {rows.size - 5} more" if rows.size > 5 else ""
            self.notes.append(
                f"Without a volatility to count in, these stand still: {names}{more}."
            )

    def _default(self, shock: Shock) -> None:
        found = default_moves(shock, self.table)
        if not found.issuers:
            self.notes += unknown_names(shock, self.table)
        self.moves[found.hazards] = found.moves
        self.named[found.hazards] = True
        self.defaults |= {each.issuer_id: each for each in found.issuers}
        amount = shock.amount("shares")
        if amount is not None and found.shares.size:
            moves, still = converted(self.table, found.shares, amount, self.horizon_days)
            self._put(found.shares, moves, False)
            self._tell_still(still)
        elif found.shares.size:
            self.notes.append(
                f"{found.shares.size} shares of issuers that fail stand still; say shares: -95 %."
            )

    def _gather(self, shock: Shock, pairs: dict[tuple[str, str], float]) -> None:
        """A shock of currencies as moves of pairs; the same pair again replaces."""
        amount, pivot = shock.amount("move"), self.table.pivot
        assert amount is not None
        rows = np.flatnonzero(self.table.of_kind(NodeKind.FX))
        known = [pivot, *(self.table.nodes[row].name for row in rows)]
        place = {self.table.nodes[row].name: row for row in rows}
        named = [(name, pair_named(name, known)) for name in shock.selection.names]
        for name, pair in named:
            if pair is not None:
                row = place[pair[0] if pair[0] != pivot else pair[1]]
                self._add_pair(pairs, pair, self._log(amount, row), shock.on_top)
            elif name.upper() == pivot:
                for row in rows:
                    other = self.table.nodes[row].name
                    self._add_pair(pairs, (pivot, other), self._log(amount, row), shock.on_top)
        plain = tuple(n for n, pair in named if pair is None and n.upper() != pivot)
        if plain or not shock.selection.names:
            wanted = replace(shock.selection, names=plain)
            mask = self.table.selected(wanted, self.table.of_kind(NodeKind.FX))
            for row in np.flatnonzero(mask):
                own = (self.table.nodes[row].name, pivot)
                self._add_pair(pairs, own, self._log(amount, row), shock.on_top)
            if not mask.any():
                self.notes += unknown_names(shock, self.table)

    def _log(self, amount: Amount, row: int | np.intp) -> float:
        moves, still = converted(self.table, np.array([row]), amount, self.horizon_days)
        self._tell_still(still)
        return float(moves[0])

    def _add_pair(
        self, pairs: dict[tuple[str, str], float], pair: tuple[str, str], move: float, on_top: bool
    ) -> None:
        """Pairs with the pivot are kept as the price of the other currency."""
        bought, sold = pair
        if bought == self.table.pivot:
            bought, sold, move = sold, bought, -move
        pairs[bought, sold] = move + (pairs.get((bought, sold), 0.0) if on_top else 0.0)

    def _exchange(self, pairs: Mapping[tuple[str, str], float]) -> None:
        rows = np.flatnonzero(self.table.of_kind(NodeKind.FX))
        known = {self.table.nodes[row].name: float(self.moves[row]) for row in rows}
        moves = prices_in_pivot(
            [PairMove(bought, sold, move) for (bought, sold), move in pairs.items()],
            self.table.pivot,
            known,
        )
        for row in rows:
            name = self.table.nodes[row].name
            if name in moves:
                self._put(np.array([row]), np.array([moves[name]]), False)
