"""A cash flow between two nodes, put on both so that value and variance stay (RiskMetrics)."""

from __future__ import annotations

import math

from riskplatform.errors import UserInputError


def share_of_left_node(
    left_volatility: float, right_volatility: float, correlation: float, volatility: float
) -> float:
    """The share of present value on the left node; the rest goes to the right one.

    ``volatility`` is that of the cash flow itself, between those of the nodes.
    """
    if not -1.0 <= correlation <= 1.0:
        raise UserInputError(f"The correlation is {correlation:g}; it lies between -1 and 1.")
    low, high = sorted((left_volatility, right_volatility))
    if low < 0.0 or not low <= volatility <= high:
        raise UserInputError(
            f"The volatility is {volatility:g}; it lies between those of the nodes, "
            f"{low:g} and {high:g}."
        )
    common = correlation * left_volatility * right_volatility
    square = left_volatility**2 + right_volatility**2 - 2.0 * common
    if square <= 0.0:
        return 1.0
    linear = 2.0 * common - 2.0 * right_volatility**2
    constant = right_volatility**2 - volatility**2
    root = math.sqrt(max(linear**2 - 4.0 * square * constant, 0.0))
    shares = ((-linear - root) / (2.0 * square), (-linear + root) / (2.0 * square))
    inside = [share for share in shares if -1e-12 <= share <= 1.0 + 1e-12]
    # With two solutions inside, the one that leaves most at the nearer node.
    wanted = abs(right_volatility - volatility) / max(high - low, 1e-300)
    return min(max(min(inside, key=lambda share: abs(share - wanted)), 0.0), 1.0)
