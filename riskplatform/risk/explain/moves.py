"""The state of a later market on the numbers of an earlier one, and which number is of what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from riskplatform.domain.outcome import Failure
from riskplatform.market.content import FloatArray
from riskplatform.market.lookup import attempt
from riskplatform.market.surfaces import SurfaceAxis, VolSurface
from riskplatform.pricing.units.book import UnitBook
from riskplatform.pricing.units.flows import NodeKind
from riskplatform.pricing.units.layout import Stretch

GROUPS: dict[str, tuple[NodeKind, ...]] = {
    "price": (NodeKind.SPOT, NodeKind.PRICE),
    "volatility": (NodeKind.VOL,),
    "rates": (NodeKind.ZERO,),
    "credit": (NodeKind.HAZARD,),
    "fx": (NodeKind.FX,),
    "yields": (NodeKind.CARRY, NodeKind.BASIS),
}
"""The steps of a market, in the order in which they are told."""
_CENTRES = {SurfaceAxis.DELTA: 0.5, SurfaceAxis.MONEYNESS: 1.0}


@dataclass(frozen=True, slots=True, eq=False)
class MarketMove:
    """From ``before`` to ``after``, numbers of one layout; ``days`` pass between them.

    ``failures`` name the curves, prices or surfaces that the later market lacks; they stand still.
    """

    book: UnitBook
    before: FloatArray
    after: FloatArray
    days: int
    failures: tuple[Failure, ...]

    def columns(self, group: str) -> np.ndarray:
        """The numbers of one step."""
        kinds = GROUPS[group]
        return np.array(
            [column for kind in kinds for _, _, column in self.book.layout.columns(kind)],
            dtype=np.intp,
        )

    def state(self, groups: tuple[str, ...]) -> FloatArray:
        """The earlier state with the numbers of some steps as they are later."""
        state = self.before.copy()
        for group in groups:
            places = self.columns(group)
            state[places] = self.after[places]
        return state


def market_move(
    book: UnitBook, later: UnitBook, days: int, splits: Mapping[str, float]
) -> MarketMove:
    """What became of each number that ``book`` reads, in the market of ``later``.

    ``splits`` are new shares for one old: a price after a split counts so many times. Curves are
    read at the same times to maturity as before.
    """
    after = book.layout.base.copy()
    failures: list[Failure] = []
    for stretch in book.layout.stretches.values():
        found = attempt(
            lambda stretch=stretch: _numbers(stretch, book, later, splits),  # type: ignore[misc]
            subject=stretch.name,
        )
        if isinstance(found, Failure):
            failures.append(found)
        else:
            after[stretch.place] = found
    return MarketMove(book, book.layout.base, after, days, tuple(failures))


def _numbers(
    stretch: Stretch, book: UnitBook, later: UnitBook, splits: Mapping[str, float]
) -> FloatArray:
    market, name, times = later.market, stretch.name, stretch.times
    match stretch.kind:
        case NodeKind.ZERO:
            return np.asarray(market.curve(name).zero(times))
        case NodeKind.HAZARD:
            credit = market.credit(name)
            return np.asarray(np.interp(times, credit.times, credit.hazard_rates))
        case NodeKind.CARRY:
            return np.asarray(market.carry(name).yield_(times))
        case NodeKind.VOL:
            return _middle(market.surface(name), times) - _middle(book.market.surface(name), times)
        case NodeKind.FX:
            return np.asarray(np.log([market.fx.rate(name, market.fx.pivot)]))
        case NodeKind.BASIS:
            return _basis(name, stretch, book, later)
    price = market.price(name) * splits.get(name, 1.0)
    return np.array([price if stretch.kind is NodeKind.PRICE else np.log(price)])


def _basis(name: str, stretch: Stretch, book: UnitBook, later: UnitBook) -> FloatArray:
    """Of a contract that has ended by then it stands still."""
    layout = later.layout if (NodeKind.BASIS, name) in later.layout.stretches else book.layout
    place = layout.place(NodeKind.BASIS, name) if layout is later.layout else stretch.place
    return np.asarray(layout.base[place])


def _middle(surface: VolSurface, years: FloatArray) -> FloatArray:
    """The volatility of the point nearest to the money at each expiry."""
    centre = _CENTRES.get(surface.axis)
    points = surface.points
    place = len(points) // 2 if centre is None else int(np.argmin(np.abs(points - centre)))
    return np.asarray(np.interp(years, surface.expiries, surface.vols[:, place]))
