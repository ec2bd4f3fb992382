"""Sensitivities by the quotes that a curve was made from, instead of by its zero rates.

The bootstrap makes the model rates equal to the quotes, so the derivative of zero rates by quotes
is the inverse of that of model rates by zero rates. A projection curve also answers to the quotes
of its discount curve, because it is solved again when they move.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from riskplatform.errors import UserInputError
from riskplatform.market.bootstrap_layout import Layout, lay_out
from riskplatform.market.calendars import as_dates
from riskplatform.market.curve_recipes import CurveRecipe
from riskplatform.market.curves import BASIS_POINT, Curve
from riskplatform.market.interpolation import FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class QuoteJacobian:
    """Model rates of a recipe's instruments by zero rates: [quote, node].

    ``by_discount`` is by the nodes of the discount curve, when that is another one.
    """

    labels: tuple[str, ...]
    by_own: FloatArray
    by_discount: FloatArray | None = None


def quote_jacobian(
    recipe: CurveRecipe, curve: Curve, discount: Curve | None = None
) -> QuoteJacobian:
    """At a bootstrapped curve; ``discount`` for a projection curve."""
    layout = lay_out(recipe, as_dates([curve.as_of]))
    if layout.times.shape[1] != len(curve.times) or not np.allclose(layout.times[0], curve.times):
        raise UserInputError(
            f"The nodes of {curve.curve_id} of {curve.as_of} are not those of the recipe "
            f"{recipe.curve_id}.",
            hint="Give the curve that the recipe made.",
        )
    growth, growth_moves = _growth(curve, layout)
    payer = curve if discount is None else discount
    floating = payer.discount(layout.floating_payment[0])
    fixed = layout.fixed_accrual[0] * payer.discount(layout.fixed_payment[0])
    floating_moves = floating[:, None] * payer.node_jacobian(layout.floating_payment[0])
    fixed_moves = fixed[:, None] * payer.node_jacobian(layout.fixed_payment[0])

    def by_instrument(values: FloatArray, first: np.ndarray) -> FloatArray:
        return np.asarray(np.add.reduceat(values, first, axis=0))

    annuity = by_instrument(fixed, layout.fixed_first)[:, None]
    rates = by_instrument(growth * floating, layout.floating_first)[:, None] / annuity
    by_growth = by_instrument(growth_moves * floating[:, None], layout.floating_first) / annuity
    by_payment = by_instrument(growth[:, None] * floating_moves, layout.floating_first)
    by_payment = (by_payment - rates * by_instrument(fixed_moves, layout.fixed_first)) / annuity
    if discount is None:
        return QuoteJacobian(recipe.labels, by_growth + by_payment)
    return QuoteJacobian(recipe.labels, by_growth, by_payment)


def _growth(curve: Curve, layout: Layout) -> tuple[FloatArray, FloatArray]:
    """Growth of each floating period less one, and its derivative by the nodes."""
    start, end = layout.floating_start[0], layout.floating_end[0]
    growth = np.expm1(curve.log_discount(start) - curve.log_discount(end))
    moves = curve.node_jacobian(start) - curve.node_jacobian(end)
    return growth, (growth + 1.0)[:, None] * moves


def par_quote_dv01(by_zero: FloatArray, jacobian: QuoteJacobian) -> FloatArray:
    """[unit, quote] per basis point of each quoted rate of a curve that discounts by itself.

    ``by_zero`` [unit, node] is the gradient by the curve's zero rates.
    """
    return np.asarray(np.linalg.solve(jacobian.by_own.T, by_zero.T).T * BASIS_POINT)


def joint_par_quote_dv01(
    by_projection: FloatArray,
    by_discount: FloatArray,
    projection: QuoteJacobian,
    discount: QuoteJacobian,
) -> tuple[FloatArray, FloatArray]:
    """By the quotes of a projection curve and by those of the discount curve below it."""
    if projection.by_discount is None:
        raise UserInputError("The Jacobian of the projection curve was made without a discount.")
    own = par_quote_dv01(by_projection, projection)
    through = (own / BASIS_POINT) @ projection.by_discount
    return own, par_quote_dv01(by_discount - through, discount)
