"""The cash flows of a bootstrap as arrays of times, and the rates that a curve implies for them.

With y the projection curve's log discounts and q the discounting curve's (the same, unless a
discount curve is given), a floating coupon is worth (exp(y(start) - y(end)) - 1) exp(q(paid)) and
a fixed one accrual x exp(q(paid)). The model rate of an instrument is the ratio of the sums.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np
import numpy.typing as npt

from riskplatform.market.calendars import DateArray
from riskplatform.market.curve_recipes import CurveRecipe
from riskplatform.market.curves import DAYS_PER_YEAR
from riskplatform.market.interpolation import FloatArray, Interpolation, log_discount

IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class DiscountLogs:
    """Log discounts of a curve that is already known, at the payments."""

    floating: FloatArray
    fixed: FloatArray


@dataclass(frozen=True, slots=True)
class Layout:
    """One row per day; coupons of an instrument stand side by side, from its ``first`` column.

    A node is the end of the instrument's last floating period, not its payment: with holidays
    after it the payment can fall behind the next node, which would leave one node undetermined.
    ``order`` sorts instruments by node; ``times`` are the nodes in that order.
    """

    pillars: DateArray
    order: IntArray
    times: FloatArray
    floating_start: FloatArray
    floating_end: FloatArray
    floating_payment: FloatArray
    fixed_payment: FloatArray
    fixed_accrual: FloatArray
    floating_first: IntArray
    fixed_first: IntArray

    def rows(self, chosen: npt.NDArray[np.bool_]) -> Layout:
        """The same for some of the days."""
        per_instrument = ("floating_first", "fixed_first")
        by_day = [item.name for item in fields(self) if item.name not in per_instrument]
        return replace(self, **{name: getattr(self, name)[chosen] for name in by_day})


def lay_out(recipe: CurveRecipe, days: DateArray) -> Layout:
    """Cash flows of the recipe's instruments as seen from each day."""
    legs = [item.legs(days, recipe.convention) for item in recipe.instruments]
    pillars = np.stack([leg.floating_end[:, -1] for leg in legs], axis=1)
    order = np.argsort(pillars, axis=1, kind="stable")

    def times(dates: DateArray) -> FloatArray:
        elapsed = (dates - days[:, None]).astype(np.int64)
        return np.asarray(elapsed / DAYS_PER_YEAR, dtype=np.float64)

    return Layout(
        pillars=pillars,
        order=order,
        times=times(np.take_along_axis(pillars, order, axis=1)),
        floating_start=times(np.concatenate([leg.floating_start for leg in legs], axis=1)),
        floating_end=times(np.concatenate([leg.floating_end for leg in legs], axis=1)),
        floating_payment=times(np.concatenate([leg.floating_payment for leg in legs], axis=1)),
        fixed_payment=times(np.concatenate([leg.fixed_payment for leg in legs], axis=1)),
        fixed_accrual=np.concatenate([leg.fixed_accrual for leg in legs], axis=1),
        floating_first=_first_columns([leg.floating_start.shape[1] for leg in legs]),
        fixed_first=_first_columns([leg.fixed_payment.shape[1] for leg in legs]),
    )


def model_rates(
    rule: Interpolation, layout: Layout, zero_rates: FloatArray, known: DiscountLogs | None
) -> FloatArray:
    """The rate of every instrument, (day, instrument), on curves with these zero rates."""

    def logs(at: FloatArray) -> FloatArray:
        return log_discount(rule, layout.times, zero_rates, at)

    paid = DiscountLogs(
        logs(layout.floating_payment) if known is None else known.floating,
        logs(layout.fixed_payment) if known is None else known.fixed,
    )
    # Days that cannot be solved overflow here; they are judged by their result.
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        growth = np.expm1(logs(layout.floating_start) - logs(layout.floating_end))
        floating = np.add.reduceat(growth * np.exp(paid.floating), layout.floating_first, axis=1)
        accrued = layout.fixed_accrual * np.exp(paid.fixed)
        return np.asarray(floating / np.add.reduceat(accrued, layout.fixed_first, axis=1))


def first_guess(layout: Layout, rates: FloatArray) -> FloatArray:
    """Each quote as the zero rate at its own node."""
    guess = np.log1p(np.clip(rates, -0.5, 2.0))
    return np.take_along_axis(guess, layout.order, axis=1)


def _first_columns(counts: list[int]) -> IntArray:
    return np.concatenate([[0], np.cumsum(counts)[:-1]]).astype(np.int64)
