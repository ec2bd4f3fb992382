"""Recoveries that a scenario gives an issuer: gains of its bonds and swaps, instrument by
instrument.

The recovery is a part of what a unit pays, not a factor, so that no move of factors can say it.
These few units are described anew in a market whose credit curve has the given recovery, and are
revalued in full in the scenario's state; their gains then stand in place of the cube's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np

from riskplatform.domain.instruments import CreditDefaultSwap, Instrument
from riskplatform.market.content import FloatArray
from riskplatform.pricing.units.book import UnitBook, unit_book
from riskplatform.pricing.units.flows import NodeKind
from riskplatform.pricing.units.needs import needs
from riskplatform.simulation.cube import UnitCube
from riskplatform.simulation.cube_rows import LEADING, RowMaker
from riskplatform.simulation.nodes import state_maker
from riskplatform.simulation.scenario_set import ScenarioSet
from riskplatform.stress.defaults import DefaultMove


@dataclass(frozen=True, slots=True, eq=False)
class Override:
    """Gains of one unit of some instruments in one column, in each one's currency."""

    label: str
    instrument_ids: tuple[str, ...]
    gains: FloatArray = field(repr=False)


class Moved(Protocol):
    """A scenario on a book: the columns that it has, and the issuers that fail in them."""

    @property
    def defaults(self) -> tuple[DefaultMove, ...]: ...
    def labels(self) -> tuple[str, ...]: ...


def overrides(
    moves: Sequence[Moved],
    whole: ScenarioSet,
    book: UnitBook,
    terms: Mapping[str, Instrument],
) -> tuple[Override, ...]:
    """For each scenario that names a recovery, the gains of the units that depend on it."""
    return tuple(found for each in moves for found in _of_one(each, whole, book, terms))


def _of_one(
    moves: Moved, whole: ScenarioSet, book: UnitBook, terms: Mapping[str, Instrument]
) -> Iterator[Override]:
    given = {d.issuer_id: d.recovery for d in moves.defaults if d.recovery is not None}
    if not given:
        return
    touched = [
        place
        for place, unit in enumerate(book.units)
        if any(kind is NodeKind.HAZARD and name in given for kind, name in needs(unit))
    ]
    if not touched:
        return
    # A recovery of one leaves nothing to lose, which a credit curve does not allow.
    curves = {
        name: replace(book.market.credit(name), recovery=min(recovery, 1.0 - 1e-9))
        for name, recovery in given.items()
    }
    wanted = [_given(terms[book.units[place].instrument_id], given) for place in touched]
    other = unit_book(
        wanted,
        book.market.with_(credit_curves=curves),
        book.conventions,
        terms=terms,
    )
    names = tuple(unit.instrument_id for unit in other.units)
    touched = [place for place in touched if book.units[place].instrument_id in names]
    before = RowMaker(book, state_maker(book.layout, whole.axis), whole, 0).rows(touched)[0][:, 0]
    mine = whole.subset(moves.labels())
    table, _ = RowMaker(other, state_maker(other.layout, mine.axis), mine, 0).rows(
        range(len(other.units))
    )
    # A row's gain is over its own value today; what we gain is over that of the market as is.
    today, then = table[:, 0].astype(np.float64), table[:, LEADING:].astype(np.float64)
    for column, label in enumerate(mine.labels):
        yield Override(label, names, today + then[:, column] - before.astype(np.float64))


def _given(instrument: Instrument, recoveries: Mapping[str, float]) -> Instrument:
    """A default swap has its own recovery in its terms; a bond that of its issuer's curve."""
    if not isinstance(instrument, CreditDefaultSwap):
        return instrument
    return replace(instrument, recovery=min(recoveries[instrument.credit_curve_id], 1.0 - 1e-9))


def with_overrides(cube: UnitCube, found: Sequence[Override]) -> UnitCube:
    """The cube with the overridden gains in place; the one on disk stays as it is."""
    if not found:
        return cube
    values = np.array(cube.cube.values)
    columns = {label: LEADING + i for i, label in enumerate(cube.labels)}
    rows = {name: i for i, name in enumerate(cube.cube.row_ids)}
    for each in found:
        for name, gain in zip(each.instrument_ids, each.gains, strict=True):
            values[rows[name], columns[each.label]] = gain
    return replace(cube, cube=replace(cube.cube, values=values))  # type: ignore[arg-type]
