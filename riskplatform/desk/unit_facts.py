"""Values, exposures and daily volumes of the units of a book of risk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import sparse

from riskplatform.desk.snapshots import market_snapshot
from riskplatform.desk.units import conventions_of, units_of
from riskplatform.desk.valuing import market_of
from riskplatform.domain.instruments import Cash
from riskplatform.domain.outcome import Failure
from riskplatform.market.content import FloatArray
from riskplatform.pricing.exposures.units import UnitExposures, unit_exposures
from riskplatform.pricing.marks import unit_value
from riskplatform.risk.book import RiskBook
from riskplatform.risk.unit_facts import UnitFacts
from riskplatform.store.lake import Between

if TYPE_CHECKING:
    from riskplatform.desk.desk import Desk

VOLUME_DAYS = 20
"""Market days whose median is the daily volume."""


def unit_facts(desk: Desk, book: RiskBook) -> UnitFacts:
    """On the book's axis; what the exposures do not know of has none."""
    found = desk.exposures(as_of=book.as_of)
    units = found.units
    lines = found.lines.drop_duplicates("instrument_id").set_index("instrument_id")
    names = list(book.instrument_ids)
    values = (
        (lines["unit_value"] * lines["fx"]).reindex(names).to_numpy(dtype=np.float64, copy=True)
    )
    # Money owed on futures is in currencies that may not be held otherwise: its model value is it.
    place = {name: i for i, name in enumerate(units.instrument_ids)}
    for row in np.flatnonzero(np.isnan(values)):
        at = place.get(names[row])
        if at is not None and names[row] not in lines.index:
            values[row] = units.values[at]
    if desk.also:
        units = _with_others(desk, book, units, values)
    return UnitFacts(
        values=values,
        exposures=_on_axis(units, names),
        columns=units.columns,
        daily_volumes=_daily_volumes(desk, book.as_of, names),
    )


def marked_facts(desk: Desk, book: RiskBook) -> UnitFacts:
    """Values by mark alone, of which trades are paid: no sensitivities, which take seconds."""
    market = market_of(desk, book.as_of, market_snapshot(desk.lake))
    terms = desk.instruments()
    model = book.view().cube.worth(book.base_currency)
    values = np.full(len(book.instrument_ids), np.nan)
    for place, name in enumerate(book.instrument_ids):
        currency = str(book.currencies[place])
        marked = unit_value(terms.get(name) or Cash.of(currency), market)
        if not isinstance(marked, Failure) and currency in market.fx.currencies:
            values[place] = marked.value * market.fx.rate(currency, book.base_currency)
        elif name in desk.also:
            values[place] = model[place]
    nothing = np.full(len(values), np.nan)
    columns = pd.DataFrame({"measure": [], "factor_id": [], "years": []})
    return UnitFacts(values, sparse.csr_matrix((len(values), 0)), columns, nothing)


def _with_others(
    desk: Desk, book: RiskBook, units: UnitExposures, values: FloatArray
) -> UnitExposures:
    """The exposures with those of instruments that are looked at and not held; fills their values.

    Their value is by mark, as that of all others; of a contract without a mark it is the model's.
    """
    market = market_of(desk, book.as_of, market_snapshot(desk.lake))
    terms = desk.instruments()
    known = set(units.instrument_ids)
    names = [name for name in book.instrument_ids if name in desk.also and name not in known]
    if not names:
        return units
    found = unit_exposures(units_of(names, terms, market, conventions_of(desk)), book.base_currency)
    place = {name: i for i, name in enumerate(book.instrument_ids)}
    model = dict(zip(found.instrument_ids, found.values, strict=True))
    for name in names:
        marked = unit_value(terms[name], market)
        if isinstance(marked, Failure):
            values[place[name]] = model.get(name, np.nan)
        else:
            rate = market.fx.rate(terms[name].currency, book.base_currency)
            values[place[name]] = marked.value * rate
    return _joined(units, found, names)


def _joined(units: UnitExposures, more: UnitExposures, names: Sequence[str]) -> UnitExposures:
    """Both on one axis of columns; of ``more`` only the rows of ``names``."""
    rows = [more.instrument_ids.index(name) for name in names]
    columns = pd.concat([units.columns, more.columns], ignore_index=True)
    matrix = sparse.block_diag([units.matrix, more.matrix[rows]], format="csr")
    return replace(
        units,
        instrument_ids=(*units.instrument_ids, *names),
        columns=columns,
        matrix=matrix,
        values=np.concatenate([units.values, more.values[rows]]),
        is_known=np.concatenate([units.is_known, more.is_known[rows]]),
        failures=(*units.failures, *more.failures),
    )


def _on_axis(units: UnitExposures, names: Sequence[str]) -> sparse.csr_matrix:
    place = {name: i for i, name in enumerate(units.instrument_ids)}
    pairs = [(row, place[name]) for row, name in enumerate(names) if name in place]
    rows, columns = np.array(pairs, dtype=np.intp).reshape(-1, 2).T
    chosen = sparse.csr_matrix(
        (np.ones(len(rows)), (rows, columns)), (len(names), len(units.instrument_ids))
    )
    return (chosen @ units.matrix).tocsr()


def _daily_volumes(desk: Desk, as_of: date, names: Sequence[str]) -> FloatArray:
    """The median of the last market days, in units."""
    days = Between(as_of - timedelta(days=VOLUME_DAYS * 7 // 5 + 7), as_of)
    table = desk.lake.read("prices", where={"date": days})
    table = table[table["volume"].notna()].sort_values("date")
    recent = table.groupby("instrument_id").tail(VOLUME_DAYS)
    median: pd.Series[float] = recent.groupby("instrument_id")["volume"].median()
    return np.asarray(median.reindex(list(names)), dtype=np.float64)
