"""Pairs of currencies as the book of risk has them: cash of one for cash of the other.

A spot deal leaves no holding of its own: its fills are booked as both amounts of money. So an order
in one is held to the limits as these two changes, each with its own rows of gains and exposures.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from riskplatform.domain.instruments import FxSpot, Instrument, cash_id
from riskplatform.risk.book import RiskBook


class Pair(NamedTuple):
    """``key`` is no place in the book; ``bought`` and ``sold`` are those of the cash."""

    key: int
    bought: int
    sold: int


def pairs_of(book: RiskBook, instruments: Mapping[str, Instrument]) -> dict[str, Pair]:
    """Spot pairs that are not in the book themselves, and of which both currencies are, with a
    value."""
    known = {name: place for place, name in enumerate(book.instrument_ids)}
    found: dict[str, Pair] = {}
    for name, instrument in instruments.items():
        if not isinstance(instrument, FxSpot) or name in known:
            continue
        bought = known.get(cash_id(instrument.bought_currency))
        sold = known.get(cash_id(instrument.currency))
        if bought is None or sold is None:
            continue
        values = book.known.values
        if float(values[bought]) > 0.0 and float(values[sold]) > 0.0:
            found[name] = Pair(len(known) + len(found), bought, sold)
    return found
