"""Approved targets: what may be traded, for whom, and until when; execution takes nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from riskplatform.domain.codec import to_terms
from riskplatform.errors import UserInputError


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetTrade:
    """One line to trade in one portfolio: a signed quantity in whole lots, positive to buy.

    ``reference_price`` is the quoted price that the decision was made on, in ``currency``.
    """

    instrument_id: str
    portfolio_id: str
    quantity: Decimal
    reference_price: Decimal
    currency: str

    def __post_init__(self) -> None:
        if not self.quantity.is_finite() or not self.quantity:
            raise UserInputError(f"A trade of {self.quantity} {self.instrument_id} is no trade.")
        if not self.reference_price.is_finite():
            raise UserInputError(f"The price of {self.instrument_id} is {self.reference_price}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovedTargets:
    """The trades of an approval. ``digest`` is that of the proposal that was approved."""

    approval_id: str
    proposal_id: str
    digest: str
    node: str
    as_of: date
    base_currency: str
    approved_by: str
    approved_at: datetime
    expires_at: datetime
    trades: tuple[TargetTrade, ...]

    def __post_init__(self) -> None:
        lines = [(trade.portfolio_id, trade.instrument_id) for trade in self.trades]
        if len(set(lines)) != len(lines):
            raise UserInputError(f"Approval {self.approval_id} names a line twice.")

    def is_in_force(self, at: datetime) -> bool:
        """Whether they may still be traded."""
        return at < self.expires_at

    def to_dict(self) -> dict[str, Any]:
        found: dict[str, Any] = to_terms(self)
        return found
