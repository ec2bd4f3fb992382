"""Holdings of the earlier day times the terms of units, beside the actual P&L of the lines."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import numpy as np
import pandas as pd
from scipy import sparse

from riskplatform.domain.instruments import Cash, Instrument, Quote, cash_id
from riskplatform.domain.outcome import Coverage, Failure, FailureReason
from riskplatform.domain.provenance import Provenance
from riskplatform.pricing.attributes import attributes
from riskplatform.risk.explain.result import ExplainResult, with_unexplained
from riskplatform.risk.explain.terms import Way, model_terms
from riskplatform.risk.explain.units import UnitTerms


def explain_lines(
    actuals: pd.DataFrame,
    units: UnitTerms,
    instruments: Mapping[str, Instrument],
    *,
    way: Way,
    node: str | None,
    since: date,
    as_of: date,
    model_id: str,
    inputs: Mapping[str, str],
    notes: tuple[str, ...] = (),
) -> ExplainResult:
    """The explained P&L of ``actuals`` (see :func:`.accounting.line_actuals`).

    A line that was held and has no model terms is not covered: its P&L is unexplained, by name.
    """
    lines = pd.concat([actuals.reset_index(drop=True), _attributes(actuals, instruments)], axis=1)
    holdings, is_known = _holdings(lines, units, instruments)
    for name in model_terms(way):
        lines[name] = holdings @ units.terms.get(name, np.zeros(len(units.instrument_ids)))
    lines["carry"] += _income(lines, instruments, is_known)
    was_held = (lines["quantity_before"] != 0) | (lines["balance_before"] != 0)
    lines["is_covered"] = lines["is_marked"] & (is_known | ~was_held)
    failures = tuple(_failures(lines, units))
    provenance = Provenance(
        as_of=as_of,
        base_currency=units.base_currency,
        model_id=model_id,
        inputs=inputs,
        coverage=Coverage(int(lines["is_covered"].sum()), failures),
    )
    summed = np.asarray(holdings.sum(axis=0)).ravel()
    factors = units.factors.copy()
    factors["pnl"] = summed @ units.by_factor if len(factors) else []
    factors = factors[factors["pnl"] != 0].reset_index(drop=True)
    return ExplainResult(
        node, since, way, with_unexplained(lines, way), factors, provenance, notes=notes
    )


def _attributes(actuals: pd.DataFrame, instruments: Mapping[str, Instrument]) -> pd.DataFrame:
    names = list(dict.fromkeys(actuals["instrument_id"]))
    known = attributes([instruments[name] for name in names]).set_index("instrument_id")
    found: pd.DataFrame = known.loc[actuals["instrument_id"]].reset_index(drop=True)
    return found


def _holdings(
    lines: pd.DataFrame, units: UnitTerms, instruments: Mapping[str, Instrument]
) -> tuple[sparse.csr_matrix, np.ndarray]:
    """[line, unit]: quantities, and the money that is owed on lines settled daily."""
    place = {name: at for at, name in enumerate(units.instrument_ids) if units.is_known[at]}
    rows, columns, amounts = [], [], []
    known = np.zeros(len(lines), dtype=np.bool_)
    table = zip(
        lines["instrument_id"], lines["quantity_before"], lines["balance_before"],
        lines["is_marked"], strict=True,
    )  # fmt: skip
    for row, (name, quantity, balance, is_marked) in enumerate(table):
        at = place.get(name)
        if at is None or not is_marked:
            continue
        known[row] = True
        parts = [(at, quantity)]
        instrument = instruments[name]
        if balance and instrument.quote is Quote.SETTLED:
            parts.append((place[cash_id(instrument.currency)], balance))
        for column, amount in parts:
            rows.append(row)
            columns.append(column)
            amounts.append(amount)
    shape = (len(lines), len(units.instrument_ids))
    return sparse.csr_matrix((amounts, (rows, columns)), shape), known


def _income(
    lines: pd.DataFrame, instruments: Mapping[str, Instrument], is_known: np.ndarray
) -> np.ndarray:
    """Dividends, and coupons of what no model pays them for: money, and lines without a model.

    All other coupons are in the carry of the model, together with the fall of value on their day.
    """
    money = np.array([isinstance(instruments[name], Cash) for name in lines["instrument_id"]])
    held = (lines["quantity_before"] != 0).to_numpy()
    coupons = np.where(money | (held & ~is_known), lines["coupons"], 0.0)
    return np.asarray(lines["dividends"].to_numpy() + coupons)


def _failures(lines: pd.DataFrame, units: UnitTerms) -> list[Failure]:
    reasons = {failure.subject: failure for failure in units.failures}
    found = []
    for name, is_marked in lines.loc[
        ~lines["is_covered"], ["instrument_id", "is_marked"]
    ].itertuples(index=False):
        if is_marked and name in reasons:
            found.append(reasons[name])
            continue
        words = "no model value" if is_marked else "no mark on both days"
        found.append(Failure(FailureReason.MISSING_DATA, f"{name} has {words}.", name))
    return found
