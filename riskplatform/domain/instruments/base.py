"""What every instrument knows about itself."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar

from riskplatform.domain.identifiers import Identifier
from riskplatform.domain.money import currency_code
from riskplatform.errors import TermsError


class AssetClass(StrEnum):
    """The broad classes by which a book is sliced."""

    EQUITY = "equity"
    GOVERNMENT = "government"
    CREDIT = "credit"
    RATES = "rates"
    FX = "fx"
    COMMODITY = "commodity"
    CRYPTO = "crypto"
    CASH = "cash"


class Quote(StrEnum):
    """What the mark of an instrument means, hence how a mark becomes money.

    UNIT: money per unit, times the multiplier.
    CLEAN: clean price per 100 of face; accrued interest is added to value it.
    SETTLED: a price whose changes are paid day by day (futures, perpetuals): the line is worth
    the price plus what has been paid for it and not yet settled.
    """

    UNIT = "unit"
    CLEAN = "clean"
    SETTLED = "settled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tags:
    """How people slice a book. Every field may be unknown; labels are the desk's own."""

    sector: str | None = None
    industry: str | None = None
    country: str | None = None
    region: str | None = None
    issuer_id: str | None = None
    rating: str | None = None
    exchange: str | None = None
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument(ABC):
    """Common part of all instruments. A unit is what a quantity of one means."""

    kind: ClassVar[str]
    quote: ClassVar[Quote] = Quote.UNIT

    instrument_id: str
    name: str
    currency: str
    multiplier: Decimal = Decimal(1)
    calendar: str = "WEEKENDS"
    settlement_days: int = 2
    lot_size: Decimal = Decimal(1)
    identifiers: tuple[Identifier, ...] = ()
    tags: Tags = Tags()

    def __post_init__(self) -> None:
        problems = list(self.problems())
        if problems:
            raise TermsError(f"{self.kind} {self.instrument_id!r}: {'; '.join(problems)}.")

    def problems(self) -> list[str]:
        """What contradicts itself, in words. Subclasses add theirs."""
        found = []
        if not self.instrument_id or self.instrument_id != self.instrument_id.strip():
            found.append("the identifier is empty or has surrounding spaces")
        if self.multiplier <= 0:
            found.append(f"the multiplier {self.multiplier} is not positive")
        if self.lot_size <= 0:
            found.append(f"the lot size {self.lot_size} is not positive")
        if self.settlement_days < 0:
            found.append(f"settlement after {self.settlement_days} days lies in the past")
        currency_code(self.currency)
        return found

    @property
    @abstractmethod
    def asset_class(self) -> AssetClass:
        """The broad class by which reports slice it."""

    @property
    def expires_on(self) -> date | None:
        """The date after which the instrument is gone, or None."""
        return None
