"""Market conventions of the curves: how the instruments that build each curve are quoted.

A floating leg here pays the simple forward over its own accrual period (compounded overnight
rates telescope to it; term rates follow the at-par rule), so only the index's own deposits and
FRAs need its day count.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from riskplatform.domain.conventions import DayCount
from riskplatform.errors import UnknownNameError
from riskplatform.market.calendars import Adjustment


@dataclass(frozen=True, slots=True)
class RateConvention:
    """How deposits, forward-rate agreements and par swaps on one index are quoted."""

    index_id: str
    calendar: str
    spot_lag_days: int
    index_day_count: DayCount
    fixed_day_count: DayCount
    fixed_months: int = 12
    floating_months: int = 12
    payment_lag_days: int = 0
    adjustment: Adjustment = Adjustment.MODIFIED_FOLLOWING
    end_of_month: bool = False


_ACT_360, _ACT_365F = DayCount.ACT_360, DayCount.ACT_365F

CONVENTIONS: Mapping[str, RateConvention] = {
    "USD.OIS": RateConvention("SOFR", "USGS", 2, _ACT_360, _ACT_360, payment_lag_days=2),
    "EUR.OIS": RateConvention("ESTR", "TARGET", 2, _ACT_360, _ACT_360, payment_lag_days=1),
    "GBP.OIS": RateConvention("SONIA", "GBLO", 0, _ACT_365F, _ACT_365F),
    "JPY.OIS": RateConvention("TONA", "JPTO", 2, _ACT_365F, _ACT_365F, payment_lag_days=2),
    "CHF.OIS": RateConvention("SARON", "CHZU", 2, _ACT_360, _ACT_360, payment_lag_days=2),
    "CAD.OIS": RateConvention("CORRA", "CATO", 1, _ACT_365F, _ACT_365F, payment_lag_days=1),
    "AUD.OIS": RateConvention("AONIA", "AUSY", 1, _ACT_365F, _ACT_365F, payment_lag_days=1),
    "EUR.6M": RateConvention(
        "EURIBOR 6M",
        "TARGET",
        2,
        _ACT_360,
        DayCount.THIRTY_360_US,
        floating_months=6,
        end_of_month=True,
    ),
}


def rate_convention(curve_id: str) -> RateConvention:
    """The convention of a known curve."""
    if curve_id not in CONVENTIONS:
        raise UnknownNameError("rate convention for a curve", curve_id, CONVENTIONS)
    return CONVENTIONS[curve_id]
