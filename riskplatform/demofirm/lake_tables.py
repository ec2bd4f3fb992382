"""The lake of the demo: every table of market data as Arrow, ready for one commit."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from riskplatform.demofirm.cast import Cast
from riskplatform.demofirm.coins import funding_index
from riskplatform.demofirm.stage import Stage
from riskplatform.market.calendars import DateArray
from riskplatform.market.synthetic.carry import CARRY_TIMES
from riskplatform.market.synthetic.panels import NodePanel
from riskplatform.market.synthetic.surfaces import SurfaceStates
from riskplatform.pricing.formulas.arrays import FloatArray

SOURCE = "synthetic"
_COINS_WITH_OPTIONS = ("BTC", "ETH")


def lake_tables(stage: Stage, cast: Cast) -> Iterator[tuple[str, pa.Table]]:
    """(table, rows), one after another so that one is gone before the next is made."""
    history, dates = stage.history, stage.history.dates
    yield "fx", _long(dates, history.usd_per_unit.ids, history.usd_per_unit.values,
                      ("currency", "usd_per_unit"))  # fmt: skip
    yield "curves", _nodes(dates, history.curves, "curve_id", "zero_rates",
                           interpolation="linear_zero")  # fmt: skip
    yield "credit_curves", _credit(stage)
    for states in (history.surfaces_by_moneyness, history.surfaces_by_delta):
        yield "vol_surfaces", _surfaces(dates, states)
    yield "carry", _nodes(dates, history.carry_yields, "underlying_id", "yields")
    yield "carry", _nodes(dates, _other_carries(stage), "underlying_id", "yields")
    yield "fixings", _fixings(stage)
    yield "factor_returns", _factors(stage)
    yield from _network(stage)


def _long(
    dates: DateArray, ids: tuple[str, ...], values: FloatArray, names: tuple[str, str]
) -> pa.Table:
    """One row per day and id."""
    key, value = names
    return pa.table(
        {
            key: _repeated(ids, dates.size),
            "date": pa.array(np.repeat(dates, len(ids))),
            value: values.ravel(),
            "source": _constant(SOURCE, values.size),
        }
    )


def _nodes(dates: DateArray, panel: NodePanel, key: str, value: str, **constants: str) -> pa.Table:
    """One row per day and id with the nodes as lists."""
    count = dates.size * len(panel.ids)
    columns = {
        key: _repeated(panel.ids, dates.size),
        "date": pa.array(np.repeat(dates, len(panel.ids))),
        "times": _lists(np.broadcast_to(panel.times, (count, panel.times.size))),
        value: _lists(panel.values.reshape(count, -1)),
    }
    columns |= {name: _constant(text, count) for name, text in constants.items()}
    return pa.table({**columns, "source": _constant(SOURCE, count)})


def _credit(stage: Stage) -> pa.Table:
    dates, panel = stage.history.dates, stage.history.hazard_rates
    rows = _nodes(dates, panel, "issuer_id", "hazard_rates")
    recovery = np.tile(stage.history.recoveries, dates.size)
    return rows.append_column("recovery", pa.array(recovery))


def _surfaces(dates: DateArray, states: SurfaceStates) -> pa.Table:
    vols = states.vols().reshape(dates.size * len(states.ids), -1)
    count = vols.shape[0]
    return pa.table(
        {
            "surface_id": _repeated(states.ids, dates.size),
            "date": pa.array(np.repeat(dates, len(states.ids))),
            "axis": _constant(states.axis, count),
            "expiries": _lists(np.broadcast_to(states.expiries, (count, states.expiries.size))),
            "points": _lists(np.broadcast_to(states.points, (count, states.points.size))),
            "vols": _lists(np.round(vols, 8)),
            "source": _constant(SOURCE, count),
        }
    )


def _other_carries(stage: Stage) -> NodePanel:
    """Convenience yields of commodities, coins that yield nothing, and funds as their indices."""
    history = stage.history
    days = history.dates.size
    ids, values = [], []
    for place, root in enumerate(history.universe.futures):
        if root.kind == "commodity":
            rate = np.stack([history.curves.at("USD.OIS", t) for t in CARRY_TIMES], axis=1)
            ids.append(f"DIV.{root.underlying}")
            values.append(rate - history.futures.cost_of_carry.values[:, place])
    for code in _COINS_WITH_OPTIONS:
        ids.append(f"DIV.{code}")
        values.append(np.zeros((days, CARRY_TIMES.size)))
    return NodePanel("carry yield", tuple(ids), CARRY_TIMES.copy(), np.stack(values, axis=1))


def _fixings(stage: Stage) -> pa.Table:
    """Fixings of every calendar day: on a weekend the last one still holds.

    Coupon periods may start on any day, and what a contract then looks up is the rate in force.
    """
    history = stage.history
    days = np.arange(history.dates[0], history.dates[-1] + 1)
    row = np.searchsorted(history.dates, days, side="right") - 1
    funding = tuple(funding_index(code) for code in history.perpetual_funding.ids)
    values = np.hstack([history.fixings.values, history.perpetual_funding.values])[row]
    return _long(days, (*history.fixings.ids, *funding), values, ("index_id", "value"))


def _factors(stage: Stage) -> pa.Table:
    """Returns of the risk factors; the first day has none."""
    factors, dates = stage.history.factors, stage.history.dates[1:]
    rows = _long(dates, factors.ids, factors.returns[1:], ("factor_id", "value"))
    kinds = _repeated(factors.kinds, dates.size)
    return rows.drop_columns(["source"]).append_column("kind", kinds)


def _network(stage: Stage) -> Iterator[tuple[str, pa.Table]]:
    network, day = stage.history.network, stage.history.dates[-1:]
    count = len(network.banks)
    ids = [bank.institution_id for bank in network.banks]
    million = 1e6
    yield (
        "institutions",
        pa.table(
            {
                "institution_id": ids,
                "date": pa.array(np.repeat(day, count)),
                "name": [bank.title for bank in network.banks],
                "country": [bank.country for bank in network.banks],
                "total_assets": network.total_assets * million,
                "equity": network.equity * million,
                "external_assets": network.external_assets * million,
                "external_liabilities": network.external_liabilities * million,
                "interbank_assets": network.interbank_assets * million,
                "interbank_liabilities": network.interbank_liabilities * million,
                "currency": ["USD"] * count,
            }
        ),
    )
    lender, borrower = np.nonzero(network.exposures)
    yield (
        "interbank_exposures",
        pa.table(
            {
                "lender_id": [ids[i] for i in lender],
                "borrower_id": [ids[j] for j in borrower],
                "date": pa.array(np.repeat(day, lender.size)),
                "amount": network.exposures[lender, borrower] * million,
                "currency": ["USD"] * lender.size,
            }
        ),
    )


def _lists(rows: FloatArray) -> pa.ListArray:
    """Rows of equal length as a list column."""
    offsets = np.arange(0, rows.size + 1, rows.shape[1], dtype=np.int32)
    return pa.ListArray.from_arrays(pa.array(offsets), pa.array(np.ravel(rows)))


def _repeated(names: tuple[str, ...], times: int) -> pa.Array:
    """The names over and over: (a, b, a, b, …)."""
    codes = np.tile(np.arange(len(names), dtype=np.int32), times)
    return pa.DictionaryArray.from_arrays(pa.array(codes), pa.array(names)).cast(pa.string())


def _constant(text: str, count: int) -> pa.Array:
    return pa.repeat(text, count) if count else pa.array([], pa.string())
