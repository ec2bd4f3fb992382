"""What trading costs, by one model that the optimiser, the back-test and the execution share.

``model`` holds the terms, ``liquidity`` what is known of the markets, ``costs`` the price of a list
of trades, and ``pieces`` the same as a convex function of weights.
"""

from riskplatform.optimisation.trading_costs.costs import TradeCosts, borrow_costs, trade_costs
from riskplatform.optimisation.trading_costs.from_data import cost_model_from_data
from riskplatform.optimisation.trading_costs.liquidity import Liquidity
from riskplatform.optimisation.trading_costs.model import ALMGREN_2005, SQUARE_ROOT, CostModel
from riskplatform.optimisation.trading_costs.pieces import CostPieces, cost_pieces

__all__ = [
    "ALMGREN_2005",
    "SQUARE_ROOT",
    "CostModel",
    "CostPieces",
    "Liquidity",
    "TradeCosts",
    "borrow_costs",
    "cost_model_from_data",
    "cost_pieces",
    "trade_costs",
]
