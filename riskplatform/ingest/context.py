"""What an import must know of the desk; handed in, so that ingest never touches the store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from riskplatform.domain.instruments import Instrument
from riskplatform.domain.portfolio import PortfolioTree


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportContext:
    """The desk as of ``as_of``. ``held`` is by (leaf, instrument); ``source`` names the sender.

    ``recorded_ids`` are transaction ids that the ledger already has. A statement that returns to
    an earlier holding would otherwise repeat an earlier id and be taken for already known.
    """

    instruments: Mapping[str, Instrument]
    portfolios: PortfolioTree
    held: Mapping[tuple[str, str], Decimal]
    as_of: date
    default_portfolio: str | None = None
    source: str = "file"
    recorded_ids: frozenset[str] = frozenset()
