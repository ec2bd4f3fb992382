"""Sensitivities of one unit of every instrument of a book of units: the matrix E."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from riskplatform.domain.outcome import Failure, FailureReason
from riskplatform.market.curves import BASIS_POINT
from riskplatform.market.interpolation import FloatArray
from riskplatform.pricing.exposures.columns import NO_TENOR, Block, joined
from riskplatform.pricing.exposures.option_blocks import option_blocks
from riskplatform.pricing.exposures.par_rates import by_par_rates
from riskplatform.pricing.units.book import UnitBook, carry_from
from riskplatform.pricing.units.engine import UnitValues, value_states
from riskplatform.pricing.units.flows import NodeKind
from riskplatform.pricing.units.plan import Plan
from riskplatform.pricing.units.price_option_gradient import greeks_in
from riskplatform.pricing.units.sensitivities import Gradient, convexity, gradient

PERCENT = 0.01


@dataclass(frozen=True, slots=True, eq=False)
class UnitExposures:
    """``matrix`` [instrument, column] per unit, in ``base_currency``; ``columns`` names them.

    ``values`` is the model's value of a unit. An instrument without one is in ``failures`` and has
    a row of zeros.
    """

    instrument_ids: tuple[str, ...]
    base_currency: str
    columns: pd.DataFrame
    matrix: sparse.csr_matrix
    values: FloatArray
    is_known: NDArray[np.bool_]
    failures: tuple[Failure, ...]

    def to_frame(self) -> pd.DataFrame:
        """One row per number: instrument_id, measure, factor_id, years, value."""
        entries = self.matrix.tocoo()
        names = np.array(self.instrument_ids, dtype=object)[entries.row]
        frame: pd.DataFrame = self.columns.iloc[entries.col].reset_index(drop=True)
        frame.insert(0, "instrument_id", names)
        frame["value"] = entries.data
        return frame


def unit_exposures(book: UnitBook, base_currency: str) -> UnitExposures:
    """Every sensitivity of every unit that has a value."""
    plan, state = book.plan(), book.layout.base
    now = value_states(plan, book.layout.states(1))
    greeks = greeks_in(plan, state)
    found = gradient(plan, state, greeks)
    rates = np.array(
        [book.market.fx.rate(currency, base_currency) for currency in plan.currencies]
    ).reshape(len(plan), 1)
    blocks = [
        *_first_order(book, found, now.values * rates, rates),
        *_time(book, now, rates),
        _rate_gamma(plan, state, rates),
        *option_blocks(plan, greeks, rates[:, 0]),
        *_fx(found, now.values * rates, rates, base_currency),
    ]
    columns, matrix = joined(blocks, len(plan))
    known = found.is_known & (now.status[:, 0] == 0)
    matrix = sparse.csr_matrix(matrix.multiply(known[:, None]))
    matrix.eliminate_zeros()
    return UnitExposures(
        plan.instrument_ids,
        base_currency,
        columns,
        matrix,
        np.where(known, now.values[:, 0] * rates[:, 0], 0.0),
        known,
        (*book.failures, *now.failures, *_unknown(found, now)),
    )


def _unknown(found: Gradient, now: UnitValues) -> Iterator[Failure]:
    """Units with a value whose derivatives do not exist."""
    for row in np.flatnonzero(~found.is_known & (now.status[:, 0] == 0)):
        name = now.instrument_ids[row]
        message = f"{name} has a value, but its sensitivities do not exist in this market."
        yield Failure(FailureReason.CALCULATION_FAILED, message, name)


def _first_order(
    book: UnitBook, found: Gradient, values: FloatArray, rates: FloatArray
) -> Iterator[Block]:
    """The gradient, kind by kind, each in its unit."""
    for measure, kind, size in (
        ("delta", NodeKind.SPOT, 1.0),
        ("vega", NodeKind.VOL, 0.01),
        ("skew", NodeKind.SKEW, 0.01),
        ("dividend_rho", NodeKind.CARRY, BASIS_POINT),
        ("dv01", NodeKind.ZERO, BASIS_POINT),
        ("cs01", NodeKind.HAZARD, BASIS_POINT),
        ("basis", NodeKind.BASIS, PERCENT),
    ):
        yield _nodes(measure, kind, found, rates * size)
    yield _absolute_prices(book, found, rates)
    for (kind, name), stretch in found.plan.layout.stretches.items():
        if kind is NodeKind.ZERO:
            by_zero = found.by_node[:, stretch.place] * rates * BASIS_POINT
            if by_zero.any():
                by_par = by_par_rates(by_zero, book.market.curve(name))
                yield Block("dv01_par", [name] * len(stretch.times), stretch.times, by_par)


def _nodes(measure: str, kind: NodeKind, found: Gradient, scale: FloatArray) -> Block:
    nodes = list(found.plan.layout.columns(kind))
    places = [column for _, _, column in nodes]
    with_tenor = kind not in (NodeKind.SPOT, NodeKind.BASIS)
    return Block(
        measure,
        [name for name, _, _ in nodes],
        [time if with_tenor else NO_TENOR for _, time, _ in nodes],
        found.by_node[:, places] * scale,
    )


def _absolute_prices(book: UnitBook, found: Gradient, rates: FloatArray) -> Block:
    """Prices quoted in absolute terms: delta is the derivative times the price, as elsewhere."""
    nodes = list(found.plan.layout.columns(NodeKind.PRICE))
    places = [column for _, _, column in nodes]
    prices = book.layout.base[places]
    names = [name for name, _, _ in nodes]
    return Block("delta", names, [NO_TENOR] * len(names), found.by_node[:, places] * prices * rates)


def _time(book: UnitBook, now: UnitValues, rates: FloatArray) -> Iterator[Block]:
    passed = carry_from(book, now, 1).total[:, None] * rates
    yield Block("theta", ["time"], [NO_TENOR], passed)


def _rate_gamma(plan: Plan, state: FloatArray, rates: FloatArray) -> Block:
    """Of flows only: a difference of the differences that price most options is noise."""
    flows = replace(plan, price_options=plan.price_options.none())
    second = convexity(flows, state)[:, None] * rates * BASIS_POINT**2
    second[plan.price_options.unit] = 0.0
    return Block("rate_gamma", ["all rates"], [NO_TENOR], second)


def _fx(
    found: Gradient, values: FloatArray, rates: FloatArray, base_currency: str
) -> Iterator[Block]:
    """By currency against the base: what a unit reads of rates, and what it is itself worth in."""
    nodes = list(found.plan.layout.columns(NodeKind.FX))
    names = [name for name, _, _ in nodes]
    moves = found.by_node[:, [column for _, _, column in nodes]] * rates
    place = {name: i for i, name in enumerate(names)}
    rows = np.arange(len(values))
    own = np.array([place[currency] for currency in found.plan.currencies], dtype=np.int64)
    np.add.at(moves, (rows, own), values[:, 0])
    # Of the base itself a move is one of all others, which is said there.
    kept = [i for i, name in enumerate(names) if name != base_currency]
    yield Block("fx_delta", [names[i] for i in kept], [NO_TENOR] * len(kept), moves[:, kept])
