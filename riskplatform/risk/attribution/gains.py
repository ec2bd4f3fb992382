"""Values and P&L of a scope by day and instrument: what returns and attributions are made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pandas as pd

from riskplatform.domain.fixed import join
from riskplatform.domain.instruments import Instrument, cash_id
from riskplatform.domain.transactions import Transaction, TransactionKind
from riskplatform.market.content import FloatArray
from riskplatform.risk.explain.accounting import Marks
from riskplatform.store.ledger.meaning import moves_of
from riskplatform.store.ledger.path import EXTERNAL, HoldingsPath


@dataclass(frozen=True, slots=True, eq=False)
class DailyGains:
    """[day, instrument] in the base currency; on the first day nothing is gained.

    ``flows`` came from outside. ``pnl`` is the change of value less flows, the money that was paid
    for an instrument counted as the instrument's. ``uncovered`` are held without a mark.
    """

    days: tuple[date, ...]
    instrument_ids: tuple[str, ...]
    values: FloatArray
    flows: FloatArray
    pnl: FloatArray
    uncovered: tuple[str, ...]

    def since_funded(self) -> DailyGains:
        """From the first evening on which there was something; all days if there never was."""
        funded = np.flatnonzero((self.values != 0.0).any(axis=1))
        if not funded.size or funded[0] == 0 or funded[0] == len(self.days) - 1:
            return self
        first = int(funded[0])
        pnl = self.pnl[first:].copy()
        pnl[0] = 0.0
        values, flows = self.values[first:], self.flows[first:]
        return replace(self, days=self.days[first:], values=values, flows=flows, pnl=pnl)

    def grouped(
        self, group_of: Mapping[str, str]
    ) -> tuple[tuple[str, ...], FloatArray, FloatArray]:
        """Groups, values [day, group] and P&L [day, group]."""
        names = [group_of[name] for name in self.instrument_ids]
        codes, groups = pd.factorize(np.array(names, dtype=object))
        tables = []
        for table in (self.values, self.pnl):
            summed = np.zeros((len(self.days), len(groups)))
            np.add.at(summed.T, codes, table.T)
            tables.append(summed)
        return tuple(str(name) for name in groups), tables[0], tables[1]


def daily_gains(
    path: HoldingsPath,
    marks: Marks,
    transactions: Sequence[Transaction],
    instruments: Mapping[str, Instrument],
    balance_rates: FloatArray,
) -> DailyGains:
    """``balance_rates`` [day, instrument] turn what lines settled daily are owed into the base."""
    names = list(path.instrument_ids)
    units = marks.unit_values[names].to_numpy(dtype=np.float64)
    known = np.isfinite(units) & np.isfinite(balance_rates)
    unit, rate = np.where(known, units, 0.0), np.where(known, balance_rates, 0.0)
    held = (path.quantity != 0) | (path.balance != 0)
    values = path.quantity * unit + path.balance * rate
    flows = path.external_quantity * unit + path.external_balance * rate
    paid = np.zeros_like(values)
    place = {name: column for column, name in enumerate(names)}
    for told in transactions:
        if told.kind is TransactionKind.SPLIT or told.kind in EXTERNAL or not told.instrument_id:
            continue
        day = marks.place(told.effective_at)
        for move in moves_of(told, instruments[told.instrument_id]):
            if move.instrument_id != told.instrument_id and told.currency:
                assert move.instrument_id == cash_id(told.currency)
                amount = float(join(move.units, move.nanos)) * marks.rate(told.currency, day)
                paid[day, place[move.instrument_id]] -= amount
                paid[day, place[told.instrument_id]] += amount
    pnl = np.diff(values, axis=0, prepend=values[:1]) - flows + paid
    pnl[0] = 0.0
    missing = (held & ~known).any(axis=0)
    return DailyGains(
        path.days,
        path.instrument_ids,
        values,
        flows,
        pnl,
        tuple(name for name, is_missing in zip(names, missing, strict=True) if is_missing),
    )
