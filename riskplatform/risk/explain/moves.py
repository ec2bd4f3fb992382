"""The state of a later market on the numbers of an earlier one, and which number is of what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from riskplatform.domain.outcome import Failure
from riskplatform.market.content import FloatArray
from riskplatform.market.lookup import attempt
from riskplatform.market.surfaces import SmileRule, SurfaceAxis, VolSurface
from riskplatform.pricing.units.book import UnitBook
from riskplatform.pricing.units.flows import Level, NodeKind
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
    read at the same times to maturity as before, surfaces at the same strike (the forward of
    before) or, where options slide with it, at the same moneyness. A move of volatility is that
    of the middle of its surface: the skew stands still.
    """
    after = book.layout.base.copy()
    failures: list[Failure] = []
    moving = (each for each in book.layout.stretches.values() if each.kind is not NodeKind.SKEW)
    for stretch in sorted(moving, key=lambda each: each.kind is NodeKind.VOL):
        if stretch.kind is NodeKind.VOL:
            ratio = _forward_ratio(stretch.name, book, after)
            work = partial(_shift, stretch, book, later, ratio)
        else:
            work = partial(_numbers, stretch, book, later, splits)
        found = attempt(work, subject=stretch.name)
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


def _shift(stretch: Stretch, book: UnitBook, later: UnitBook, ratio: float) -> FloatArray:
    """By how much the middle of a surface has moved, at each of its expiries."""
    before, after = (each.market.surface(stretch.name) for each in (book, later))
    if before.axis is SurfaceAxis.STRIKE or after.axis is SurfaceAxis.STRIKE:
        return _middle_point(after, stretch.times) - _middle_point(before, stretch.times)
    one = np.ones(len(stretch.times))
    return after.vol(one, stretch.times, ratio * one) - before.vol(one, stretch.times, one)


def _middle_point(surface: VolSurface, years: FloatArray) -> FloatArray:
    column = surface.vols[:, len(surface.points) // 2]
    return np.asarray(np.interp(years, surface.expiries, column))


def _forward_ratio(surface_id: str, book: UnitBook, after: FloatArray) -> float:
    """How far the underlying of a surface has moved, if its strikes keep their volatilities."""
    for unit in book.units:
        for option in unit.price_options:
            if option.surface.surface_id == surface_id:
                if option.rule is not SmileRule.STICKY_STRIKE:
                    return 1.0
                return _level_ratio(option.level, book, after)
    return 1.0


def _level_ratio(level: Level, book: UnitBook, after: FloatArray) -> float:
    def change(kind: NodeKind, name: str) -> float:
        column = book.layout.place(kind, name).start
        return float(after[column] - book.layout.base[column])

    if level.spot is not None:
        return float(np.exp(change(NodeKind.SPOT, level.spot)))
    if level.bought is not None and level.sold is not None:
        gap = change(NodeKind.FX, level.bought) - change(NodeKind.FX, level.sold)
        return float(np.exp(gap))
    if level.price is not None:
        price = float(book.layout.base[book.layout.place(NodeKind.PRICE, level.price).start])
        return 1.0 + change(NodeKind.PRICE, level.price) / price if price else 1.0
    return 1.0
