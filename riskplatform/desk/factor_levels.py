"""Histories of the numbers of a market state, read from the lake: the past that scenarios replay.

A name that was listed later than the history begins is given a stand-in (see ``stand_ins``). One
that has none, or that has a gap of more than a few days, has no usable history; it is left out by
name, and its price then stands still in every scenario.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from riskplatform.desk.betas import split_logs
from riskplatform.desk.stand_ins import LONGEST_GAP_DAYS, Past, with_stand_ins
from riskplatform.errors import MissingDataError
from riskplatform.market.interpolation import FloatArray
from riskplatform.market.surfaces import SurfaceAxis
from riskplatform.pricing.units.flows import NodeKind
from riskplatform.simulation.history import FactorHistory, history_from_frame
from riskplatform.simulation.nodes import USUAL_KINDS, Node
from riskplatform.store.lake import Between

if TYPE_CHECKING:
    from riskplatform.desk.desk import Desk

# HISTORY_VERSION of riskplatform.desk.known_cubes grows when the same lake would give another
# history here: answers that are remembered then end.
_CALENDAR_DAYS_PER_DAY = 1.5
_MARGIN = timedelta(days=20)
_SPLIT_LIKE = np.log(1.8)


def factor_levels(
    desk: Desk, nodes: Sequence[Node], as_of: date, days: int, snapshot: int
) -> FactorHistory:
    """Levels [day, factor] of the last ``days`` moves up to ``as_of``."""
    reader = _Reader(desk, as_of, days, snapshot)
    columns: dict[str, FloatArray] = {}
    for kind, read in reader.readers().items():
        mine = [node for node in nodes if node.kind is kind]
        if mine:
            columns.update(read(mine))
    names = [node.factor_id for node in nodes if node.factor_id in columns]
    kinds = {node.factor_id: USUAL_KINDS[node.kind].value for node in nodes}
    frame = pd.DataFrame(columns, index=reader.grid, columns=names)
    frame = frame.ffill(limit=LONGEST_GAP_DAYS).iloc[-(days + 1) :]
    wrong = [name for name in names if kinds[name] == "log" and (frame[name] <= 0).any()]
    frame[wrong] = np.nan
    history = history_from_frame(
        frame, {name: kinds[name] for name in names}, missing="drop_factors"
    )
    return replace(history, notes=history.notes + reader.notes + _jumps(frame, kinds))


def _jumps(frame: pd.DataFrame, kinds: Mapping[str, str]) -> tuple[str, ...]:
    """Prices that halved or doubled in a day: seldom a move, often a split nobody recorded."""
    names = [name for name in frame.columns if kinds[name] == "log" and name.startswith("spot.")]
    levels = frame[names].to_numpy(dtype=np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        moves = np.diff(np.log(levels), axis=0)
    days, columns = np.nonzero(np.abs(moves) > _SPLIT_LIKE)
    if not len(days):
        return ()
    named = [
        f"{names[column]} {np.expm1(moves[day, column]):+.0%} on {frame.index[day + 1]:%Y-%m-%d}"
        for day, column in zip(days.tolist(), columns.tolist(), strict=True)
    ]
    more = f" and {len(named) - 5} more" if len(named) > 5 else ""
    return (
        f"{len(named)} daily moves are as large as a split that was not recorded, and are taken "
        f"as they are: {', '.join(named[:5])}{more}. See the quality of prices.",
    )


class _Reader:
    """One lake snapshot, one grid of days: those with exchange rates, or with curves or prices."""

    def __init__(self, desk: Desk, as_of: date, days: int, snapshot: int) -> None:
        self.desk, self.snapshot = desk, snapshot
        start = as_of - timedelta(days=days * _CALENDAR_DAYS_PER_DAY) - _MARGIN
        self.span = Between(start, as_of)
        for table in ("fx", "curves", "prices"):
            rows = self._read(table, {}, ("date",))
            if len(rows):
                break
        else:
            raise MissingDataError(
                f"The lake has no exchange rates, curves or prices from {start} to {as_of}.",
                hint="Scenarios from history need one; import prices first.",
            )
        # Days before the first move too, from which a price may be carried over a holiday.
        self.grid = pd.DatetimeIndex(pd.to_datetime(rows["date"].unique())).sort_values()
        self.past = Past(self.grid, days, as_of, snapshot)
        self.notes: tuple[str, ...] = ()

    def readers(self) -> dict[NodeKind, Callable[[list[Node]], dict[str, FloatArray]]]:
        return {
            NodeKind.SPOT: self.spots,
            NodeKind.PRICE: self.spots,
            NodeKind.FX: self.exchange,
            NodeKind.ZERO: lambda nodes: self.tenors(nodes, "curves", "curve_id", "zero_rates"),
            NodeKind.HAZARD: lambda nodes: self.tenors(
                nodes, "credit_curves", "issuer_id", "hazard_rates"
            ),
            NodeKind.CARRY: lambda nodes: self.tenors(nodes, "carry", "underlying_id", "yields"),
            NodeKind.VOL: self.volatilities,
        }

    def _read(self, table: str, where: dict[str, object], columns: tuple[str, ...]) -> pd.DataFrame:
        return self.desk.lake.read(
            table,
            where={**where, "date": self.span},
            columns=columns,
            order_by=(),
            at_snapshot=self.snapshot,
        )

    def _on_grid(self, rows: pd.DataFrame, key: str, value: str) -> pd.DataFrame:
        table = rows.pivot(index="date", columns=key, values=value)
        table.index = pd.to_datetime(table.index)
        return table.reindex(self.grid)

    def spots(self, nodes: list[Node]) -> dict[str, FloatArray]:
        """Closes with splits undone; what only has a factor of its name follows that."""
        names = [node.name for node in nodes]
        columns = ("instrument_id", "date", "close", "repaired_close", "repair_rule")
        rows = self._read("prices", {"instrument_id": names}, columns)
        rows["close"] = rows["repaired_close"].where(rows["repair_rule"].notna(), rows["close"])
        closes = self._on_grid(rows, "instrument_id", "close").reindex(columns=names)
        closes *= np.exp(split_logs(self.desk, self.grid, names))
        closes = closes.fillna(self._by_factor([n for n in names if closes[n].isna().all()]))
        if nodes[0].kind is NodeKind.SPOT:
            closes, notes = with_stand_ins(self.desk, closes, self.past)
            self.notes += notes
        return {node.factor_id: closes[node.name].to_numpy() for node in nodes}

    def _by_factor(self, names: list[str]) -> pd.DataFrame:
        """Levels from 100 of factors with the names of underlyings that have no price."""
        rows = self._read(
            "factor_returns", {"factor_id": names, "kind": "log"}, ("factor_id", "date", "value")
        ) if names else pd.DataFrame({"factor_id": [], "date": [], "value": []})  # fmt: skip
        if rows.empty:
            return pd.DataFrame(index=self.grid)
        returns = self._on_grid(rows, "factor_id", "value")
        returns.iloc[0] = 0.0
        return pd.DataFrame(100.0 * np.exp(returns.cumsum(skipna=False)))

    def exchange(self, nodes: list[Node]) -> dict[str, FloatArray]:
        names = [node.name for node in nodes]
        rows = self._read("fx", {"currency": names}, ("currency", "date", "usd_per_unit"))
        prices = self._on_grid(rows, "currency", "usd_per_unit").reindex(columns=names)
        return {node.factor_id: prices[node.name].to_numpy() for node in nodes}

    def tenors(self, nodes: list[Node], table: str, key: str, value: str) -> dict[str, FloatArray]:
        """Numbers at the nodes of today's curves; older curves with other nodes are read there."""
        names = sorted({node.name for node in nodes})
        rows = self._read(table, {key: names}, (key, "date", "times", value))
        found: dict[str, FloatArray] = {}
        for name, part in rows.groupby(key, sort=False):
            mine = [node for node in nodes if node.name == name]
            wanted = np.array([node.years for node in mine])
            values = np.stack(
                [
                    np.interp(wanted, times, numbers)
                    for times, numbers in zip(part["times"], part[value], strict=True)
                ]
            )
            found.update(zip((n.factor_id for n in mine), self._days(part, values), strict=True))
        return found

    def volatilities(self, nodes: list[Node]) -> dict[str, FloatArray]:
        """The middle of each surface at the expiries of today's: what a shift stands for."""
        names = sorted({node.name for node in nodes})
        columns = ("surface_id", "date", "axis", "expiries", "points", "vols")
        rows = self._read("vol_surfaces", {"surface_id": names}, columns)
        found: dict[str, FloatArray] = {}
        for name, part in rows.groupby("surface_id", sort=False):
            mine = [node for node in nodes if node.name == name]
            wanted = np.array([node.years for node in mine])
            values = np.stack([np.interp(wanted, *_middle(row)) for row in _rows(part)])
            found.update(zip((n.factor_id for n in mine), self._days(part, values), strict=True))
        return found

    def _days(self, part: pd.DataFrame, values: FloatArray) -> Iterator[FloatArray]:
        table = pd.DataFrame(values, index=pd.to_datetime(part["date"])).sort_index()
        table = table[~table.index.duplicated(keep="last")].reindex(self.grid)
        return (table[column].to_numpy() for column in table)


def _rows(part: pd.DataFrame) -> Iterator[tuple[str, FloatArray, FloatArray, FloatArray]]:
    columns = ("axis", "expiries", "points", "vols")
    return zip(*(part[name] for name in columns), strict=True)


def _middle(row: tuple[str, FloatArray, FloatArray, FloatArray]) -> tuple[FloatArray, FloatArray]:
    """Expiries and the volatility of the point nearest to the money."""
    axis, expiries, points, vols = row
    centre = {SurfaceAxis.DELTA.value: 0.5, SurfaceAxis.MONEYNESS.value: 1.0}.get(axis)
    place = len(points) // 2 if centre is None else int(np.argmin(np.abs(points - centre)))
    grid = np.asarray(vols, dtype=np.float64).reshape(len(expiries), len(points))
    return np.asarray(expiries, dtype=np.float64), grid[:, place]
