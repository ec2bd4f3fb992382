"""Named conventions of the models: what the terms of an instrument leave open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from riskplatform.market.calendars import Adjustment
from riskplatform.market.surfaces import SmileRule


class Projection(StrEnum):
    """Which period a floating coupon's forward rate spans.

    AT_PAR: the coupon's own accrual period, so that a floater without spread is worth par.
    INDEXED: the index's own tenor from the start of the coupon, whatever the coupon's end.
    """

    AT_PAR = "at par"
    INDEXED = "indexed"


class CdsModel(StrEnum):
    """When a default inside a period happens.

    ISDA: at any time, by the exact integrals of the ISDA standard model.
    MIDPOINT: in the middle of what is left of the period.
    """

    ISDA = "isda"
    MIDPOINT = "midpoint"


@dataclass(frozen=True, slots=True)
class PricingConventions:
    """The defaults are those of the marks and accrued interest of this desk.

    A coupon fixes ``fixing_lag_days`` business days before it starts, on the business day before
    when it starts on a holiday. ``discount_curves`` names the curve of a currency for contracts
    that do not name one; otherwise it is the currency's overnight curve. ``smile_rule`` says what
    of a volatility surface stays when its forward moves.
    """

    projection: Projection = Projection.AT_PAR
    cds_model: CdsModel = CdsModel.ISDA
    bond_payment: Adjustment = Adjustment.FOLLOWING
    bond_end_of_month: bool = True
    adjust_fixed_accrual: bool = True
    fixing_lag_days: int = 0
    overnight_payment_lag_days: int = 0
    smile_rule: SmileRule = SmileRule.STICKY_STRIKE
    discount_curves: Mapping[str, str] = field(default_factory=dict)

    def discount_curve(self, currency: str) -> str:
        return self.discount_curves.get(currency, f"{currency}.OIS")
