"""A book of units: described once, planned once for each horizon."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from riskplatform.domain.instruments import Instrument
from riskplatform.domain.outcome import Coverage, Failure
from riskplatform.errors import UserInputError
from riskplatform.market.snapshot import MarketSnapshot
from riskplatform.pricing.conventions import PricingConventions
from riskplatform.pricing.spots.futures import with_implied_spots
from riskplatform.pricing.units.describe import Describer
from riskplatform.pricing.units.engine import UnitValues, value_states
from riskplatform.pricing.units.flows import UnitFlows
from riskplatform.pricing.units.layout import FloatArray, StateLayout, layout_of
from riskplatform.pricing.units.plan import Plan, make_plan
from riskplatform.pricing.units.roll import rolled


@dataclass(frozen=True, slots=True, eq=False)
class UnitBook:
    """Units that can be priced, the reasons why others cannot, and the shape of a state."""

    market: MarketSnapshot
    conventions: PricingConventions
    units: tuple[UnitFlows, ...]
    failures: tuple[Failure, ...]
    layout: StateLayout

    @property
    def coverage(self) -> Coverage:
        return Coverage(len(self.units), self.failures)

    def plan(self, horizon_days: int = 0) -> Plan:
        """Matrices for states that lie ``horizon_days`` ahead."""
        return self.plan_of(range(len(self.units)), horizon_days)

    def plan_of(self, places: Sequence[int], horizon_days: int = 0) -> Plan:
        """The same of some units, by their places."""
        if horizon_days < 0:
            raise UserInputError(f"A horizon of {horizon_days} days was asked; 0 or more is.")
        units = [rolled(self.units[place], horizon_days, self.market) for place in places]
        return make_plan(units, self.layout, horizon_days)


def unit_book(
    instruments: Iterable[Instrument],
    market: MarketSnapshot,
    conventions: PricingConventions | None = None,
    *,
    terms: Mapping[str, Instrument] | None = None,
) -> UnitBook:
    """Describe instruments in a market; one that cannot be is a failure and spoils no other.

    ``terms`` are all instruments known, for those that refer to others, as an option on a future.
    """
    chosen = conventions or PricingConventions()
    wanted = list(instruments)
    known = {**(terms or {}), **{each.instrument_id: each for each in wanted}}
    seen = with_implied_spots(known.values(), market, chosen)
    units, failures = Describer(seen, chosen, known).describe_all(wanted)
    return UnitBook(seen, chosen, tuple(units), tuple(failures), layout_of(units, seen))


def value_now(book: UnitBook) -> UnitValues:
    """Unit values in the market as it is: one state."""
    return value_states(book.plan(), book.layout.states(1))


@dataclass(frozen=True, slots=True, eq=False)
class Carry:
    """What time alone does to each unit in ``days``; ``total`` is the sum of the two.

    ``cash`` is paid on the way. ``pull`` is the change of value when every curve keeps its rates
    by time to maturity (theta and pull to par, the cash that left the value included).
    """

    instrument_ids: tuple[str, ...]
    days: int
    cash: FloatArray
    pull: FloatArray

    @property
    def total(self) -> FloatArray:
        return np.asarray(self.cash + self.pull)


def carry(book: UnitBook, days: int) -> Carry:
    """The passage of ``days`` in an unmoved market."""
    return carry_from(book, value_now(book), days)


def carry_from(book: UnitBook, now: UnitValues, days: int) -> Carry:
    """The same from values that are known already."""
    later = value_states(book.plan(days), book.layout.states(1))
    pull = later.values[:, 0] - now.values[:, 0]
    return Carry(now.instrument_ids, days, later.cash, pull)
