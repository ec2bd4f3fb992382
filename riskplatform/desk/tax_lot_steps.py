"""What selling a portfolio's lines would realise, lot by lot, for a cap on realised gains."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from riskplatform.optimisation.tax_lots import TaxLot, gain_steps

if TYPE_CHECKING:
    from riskplatform.desk.allocation_ground import Ground
    from riskplatform.desk.desk import Desk

METHOD = "highest_cost"
"""Lots that gain least are sold first."""


def gain_steps_of(desk: Desk, as_of: date, ground: Ground) -> dict[str, Any]:
    """By instrument; costs at today's exchange rate, so that gains are those of the price."""
    market, base = desk.market(as_of), ground.book.base_currency
    capital = Decimal(repr(ground.value))
    found = {}
    for name, unit in zip(ground.instrument_ids, ground.unit_values.tolist(), strict=True):
        rate = Decimal(repr(market.fx.rate(ground.terms[name].currency, base)))
        lots = [
            TaxLot(f"{leaf} {lot.transaction_id}", lot.quantity, lot.cost * rate)
            for leaf, held in ground.leaves.items()
            if name in held
            for lot in desk.ledger.lots(leaf, name, effective=as_of)
        ]
        if lots:
            found[name] = gain_steps(lots, Decimal(repr(unit)), capital, METHOD)
    return found
