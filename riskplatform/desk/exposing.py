"""Exposures of the book: one snapshot for marks and models, units priced once, times holdings."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from riskplatform.desk.betas import betas
from riskplatform.desk.scope import Scope
from riskplatform.desk.units import conventions_of, held_units, units_of
from riskplatform.desk.valuing import market_of, value_in
from riskplatform.domain.outcome import Coverage, Failure
from riskplatform.errors import UnknownNameError
from riskplatform.market.lookup import attempt
from riskplatform.pricing.exposures.betas import with_factor_exposures
from riskplatform.pricing.exposures.book import MODEL_ID, Exposures, book_exposures
from riskplatform.pricing.exposures.cross_gamma import cross_gamma
from riskplatform.pricing.exposures.units import unit_exposures
from riskplatform.pricing.units.flows import NodeKind
from riskplatform.simulation.nodes import PREFIXES

if TYPE_CHECKING:
    from riskplatform.desk.desk import Desk


def exposures(
    desk: Desk,
    as_of: date,
    scope: Scope,
    slices: tuple[str, ...],
    *,
    recorded: datetime | None,
    at_snapshot: int | None,
    beta_days: int,
) -> Exposures:
    """The sensitivities of a scope, with what they were computed from.

    A desk without factor returns has no factor exposures, and the answer says so.
    """
    snapshot = desk.lake.latest_snapshot() if at_snapshot is None else at_snapshot
    market = market_of(desk, as_of, snapshot)
    terms = desk.instruments(recorded=recorded)
    valuation = value_in(desk, scope, market, terms, recorded=recorded, at_snapshot=snapshot)
    book = units_of(valuation.lines["instrument_id"], terms, market, conventions_of(desk))
    units = unit_exposures(book, desk.settings.base_currency)
    estimated = attempt(lambda: betas(desk, as_of, node=scope.node, days=beta_days))
    if not isinstance(estimated, Failure):
        units = with_factor_exposures(units, estimated.matrix())
    found = book_exposures(valuation, units, valuation.provenance)
    reasons = {failure.subject: failure for failure in units.failures}
    missing = found.lines.loc[~found.lines["is_covered"], "instrument_id"]
    coverage = Coverage(len(found.lines) - len(missing), tuple(reasons[name] for name in missing))
    provenance = replace(
        valuation.provenance,
        model_id=MODEL_ID,
        coverage=coverage,
        inputs={
            **valuation.provenance.inputs,
            "market": market.content_hash()[:16],
            "beta days": str(beta_days),
            "smile rule": desk.settings.smile_rule,
        },
    )
    no_betas = estimated if isinstance(estimated, Failure) else None
    return replace(found, provenance=provenance, slices=slices, no_betas=no_betas)


def cross_exposures(desk: Desk, as_of: date, scope: Scope, one: str, other: str) -> pd.DataFrame:
    """Cross-gamma of two factors (such as spot.ACME and vol.VOL.ACME) for what a scope holds."""
    market, book = held_units(desk, as_of, desk.lake.latest_snapshot())
    found = cross_gamma(book, _key_of(one), _key_of(other)).set_index("instrument_id")["value"]
    table = desk.ledger.positions(as_of, portfolio_ids=scope.leaves).to_frame()
    held = table.groupby("instrument_id")["quantity"].sum()
    names = [name for name in found.index if name in held.index]
    currencies = {unit.instrument_id: unit.currency for unit in book.units}
    base = desk.settings.base_currency
    rates = np.array([market.fx.rate(currencies[name], base) for name in names])
    values = found[names].to_numpy() * held[names].to_numpy(dtype=float) * rates
    frame = pd.DataFrame({"instrument_id": names, "value": values, "currency": base})
    return frame.sort_values("value", key=abs, ascending=False).reset_index(drop=True)


def _key_of(factor_id: str) -> tuple[NodeKind, str]:
    prefix, _, name = factor_id.partition(".")
    kinds = {text: kind for kind, text in PREFIXES.items()}
    if prefix not in kinds or not name:
        raise UnknownNameError("type of factor", prefix, kinds)
    return kinds[prefix], name
