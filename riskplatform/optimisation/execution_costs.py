"""From the cost model that the optimiser pays by to the problem of trading over time."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from riskplatform.errors import UserInputError
from riskplatform.optimisation.almgren_chriss import Liquidation
from riskplatform.optimisation.trading_costs.costs import (
    BASIS_POINT,
    check_known,
    checked_quantities,
    needed_columns,
    permanent_rate,
)
from riskplatform.optimisation.trading_costs.liquidity import Liquidity
from riskplatform.optimisation.trading_costs.model import CostModel


def liquidation_of(
    model: CostModel,
    markets: Liquidity,
    quantities: ArrayLike,
    *,
    days: float,
    steps: int,
    correlation: ArrayLike | None = None,
) -> Liquidation:
    """The model as Almgren and Chriss need it, which is straight in the pace of trading.

    A power law is taken as the straight line through nothing that costs the same at the even pace;
    a trajectory that is faster in places pays a little less than the line says for it, since the
    law is bent downwards. ``quantities`` are to be traded away: what is to be bought is negative.
    Fees below the least fee are left out. Without correlations each asset is on its own.
    """
    trades = checked_quantities(quantities, markets)
    if not (trades != 0.0).all():
        raise UserInputError("A quantity of nothing needs no trajectory.", hint="Leave it out.")
    check_known(model, markets, "volatilities")
    price = markets.unit_values * markets.volatilities
    bonds = np.eye(len(trades)) if correlation is None else np.asarray(correlation, dtype=float)
    pace = np.abs(trades) / days
    exponent, size = model.term("exponent", markets), model.term("temporary", markets)
    with np.errstate(invalid="ignore", divide="ignore"):
        steep = size * price * (pace / markets.daily_volumes) ** exponent / pace
        lasting = permanent_rate(model, markets) * markets.unit_values / markets.daily_volumes
    moves = needed_columns(model, markets)["daily_volumes"]
    return Liquidation(
        quantities=trades,
        covariance=bonds * np.outer(price, price),
        permanent=np.where(moves, lasting, 0.0),
        temporary=np.where(moves, steep, 0.0),
        fixed=markets.unit_values
        * BASIS_POINT
        * (model.term("half_spread_bp", markets) + model.term("fee_bp", markets))
        + model.term("fee_per_unit", markets),
        days=days,
        steps=steps,
        asset_ids=markets.instrument_ids,
    )
