"""Curves from quotes: zero rates such that every input instrument reprices to its quote.

All days of a history are solved together (``bootstrap_local``, ``bootstrap_global``). A day that
lacks a quote, cannot be solved, or whose forwards are absurd is a ``Failure``; it never becomes a
curve.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from riskplatform.domain.outcome import Failure, FailureReason
from riskplatform.errors import UserInputError
from riskplatform.market.bootstrap_global import solve_global
from riskplatform.market.bootstrap_layout import DiscountLogs, Layout, lay_out, model_rates
from riskplatform.market.bootstrap_local import solve_local
from riskplatform.market.calendars import DateArray, as_dates
from riskplatform.market.curve_recipes import CurveRecipe
from riskplatform.market.curves import Curve
from riskplatform.market.interpolation import FloatArray, Interpolation, log_discount

# Largest difference between a quote (as a rate) and its repricing.
REPRICE_TOLERANCE = 1e-12
# Doubles in the largest array of one block: fewer, longer blocks are faster, up to about 50 MB.
_BLOCK_DOUBLES = 6_400_000
_LOCAL_RULES = (Interpolation.LINEAR_ZERO, Interpolation.LOG_LINEAR_DISCOUNT)


@dataclass(frozen=True, slots=True)
class Reprice:
    """One input instrument valued on the finished curve; quotes in their own unit."""

    label: str
    pillar: date
    quote: float
    model: float

    @property
    def error(self) -> float:
        return self.model - self.quote


@dataclass(frozen=True, slots=True)
class Bootstrapped:
    """A curve and the proof that it reprices what it was made from."""

    curve: Curve
    reprices: tuple[Reprice, ...]

    @property
    def worst_error(self) -> float:
        return max(abs(reprice.error) for reprice in self.reprices)


@dataclass(frozen=True, slots=True, eq=False)
class CurveHistory:
    """The curves of the days that could be made, and the reasons for the days that could not."""

    curve_id: str
    as_ofs: DateArray
    times: FloatArray
    zero_rates: FloatArray
    interpolation: Interpolation
    worst_errors: FloatArray
    failures: tuple[Failure, ...]

    def __post_init__(self) -> None:
        for array in (self.as_ofs, self.times, self.zero_rates, self.worst_errors):
            array.setflags(write=False)

    def __len__(self) -> int:
        return len(self.as_ofs)

    def curve(self, as_of: date) -> Curve | Failure:
        """The curve of one day, or why there is none."""
        row = int(np.searchsorted(self.as_ofs, np.datetime64(as_of)))
        if row < len(self) and self.as_ofs[row] == np.datetime64(as_of):
            return Curve(
                self.curve_id, as_of, self.times[row], self.zero_rates[row], self.interpolation
            )
        subject = f"{self.curve_id} {as_of}"
        known = (failure for failure in self.failures if failure.subject == subject)
        absent = Failure(
            FailureReason.MISSING_DATA, f"The history has no {self.curve_id} of {as_of}.", subject
        )
        return next(known, absent)


def bootstrap(
    recipe: CurveRecipe,
    as_of: date,
    quotes: Mapping[str, float],
    discount: Curve | None = None,
) -> Bootstrapped | Failure:
    """One curve from quotes by instrument label; ``discount`` makes it a projection curve."""
    values = np.array([[quotes.get(label, np.nan) for label in recipe.labels]])
    history = None if discount is None else _history_of_one(discount)
    block = _solve_block(recipe, as_dates([as_of]), values, history)
    if isinstance(block.outcomes[0], Failure):
        return block.outcomes[0]
    curve = Curve(recipe.curve_id, as_of, block.times[0], block.zero_rates[0], recipe.interpolation)
    models = [
        float(item.quote(block.model_rates[0, column]))
        for column, item in enumerate(recipe.instruments)
    ]
    reprices = tuple(
        Reprice(label, pillar, quote, model)
        for label, pillar, quote, model in zip(
            recipe.labels, block.pillars[0].tolist(), values[0].tolist(), models, strict=True
        )
    )
    return Bootstrapped(curve, reprices)


def bootstrap_history(
    recipe: CurveRecipe,
    as_ofs: DateArray,
    quotes: FloatArray,
    discount: CurveHistory | None = None,
) -> CurveHistory:
    """A curve for each day; ``quotes`` has one row per day, one column per instrument."""
    days = as_dates(as_ofs)
    if quotes.shape != (len(days), len(recipe.instruments)):
        raise UserInputError(
            f"Quotes of shape {quotes.shape} were given for {recipe.curve_id}; "
            f"{(len(days), len(recipe.instruments))} is accepted: days by instruments."
        )
    if not np.all(np.diff(days).astype(np.int64) > 0):
        raise UserInputError(f"The days of a history of {recipe.curve_id} do not increase.")
    sample = lay_out(recipe, days[:1])
    per_day = sample.floating_start.shape[1] * len(recipe.instruments)
    rows = max(1, _BLOCK_DOUBLES // per_day)
    blocks = []
    for first in range(0, len(days), rows):
        chosen = slice(first, first + rows)
        blocks.append(_solve_block(recipe, days[chosen], quotes[chosen], discount))
    outcomes = [outcome for block in blocks for outcome in block.outcomes]
    good = np.array([not isinstance(outcome, Failure) for outcome in outcomes])
    return CurveHistory(
        recipe.curve_id,
        days[good],
        np.concatenate([block.times for block in blocks])[good],
        np.concatenate([block.zero_rates for block in blocks])[good],
        recipe.interpolation,
        np.array([outcome for outcome in outcomes if not isinstance(outcome, Failure)]),
        tuple(outcome for outcome in outcomes if isinstance(outcome, Failure)),
    )


@dataclass(frozen=True, slots=True)
class _Block:
    """Days solved together; an outcome is the day's worst error, or why it failed."""

    pillars: DateArray
    times: FloatArray
    zero_rates: FloatArray
    model_rates: FloatArray
    outcomes: tuple[float | Failure, ...]


def _solve_block(
    recipe: CurveRecipe, days: DateArray, quotes: FloatArray, discount: CurveHistory | None
) -> _Block:
    rates = np.stack(
        [item.rate(quotes[:, column]) for column, item in enumerate(recipe.instruments)], axis=1
    )
    layout = lay_out(recipe, days)
    refused = _refuse_inputs(recipe, days, quotes, layout.times, discount)
    usable = np.array([reason is None for reason in refused], dtype=bool)
    zero_rates, models = np.full_like(rates, np.nan), np.full_like(rates, np.nan)
    if usable.any():
        chosen = layout.rows(usable)
        known = None if discount is None else _discount_logs(discount, days[usable], chosen)
        rule = recipe.interpolation
        solve = solve_local if rule in _LOCAL_RULES else solve_global
        zero_rates[usable] = solve(rule, chosen, rates[usable], known)
        models[usable] = model_rates(rule, chosen, zero_rates[usable], known)
    judged = _judge(recipe, days, layout.times, zero_rates, models - rates)
    outcomes = tuple(
        found if reason is None else reason for reason, found in zip(refused, judged, strict=True)
    )
    return _Block(layout.pillars, layout.times, zero_rates, models, outcomes)


def _refuse_inputs(
    recipe: CurveRecipe,
    days: DateArray,
    quotes: FloatArray,
    times: FloatArray,
    discount: CurveHistory | None,
) -> list[Failure | None]:
    missing = ~np.isfinite(quotes)
    same_time = (np.diff(times, axis=1) <= 0).any(axis=1)
    undiscounted = np.zeros(len(days), dtype=bool)
    if discount is not None:
        undiscounted = ~np.isin(days, discount.as_ofs)
    refused: list[Failure | None] = [None] * len(days)
    for row in np.flatnonzero(missing.any(axis=1) | same_time | undiscounted):
        subject = f"{recipe.curve_id} {days[row]}"
        if missing[row].any():
            labels = [recipe.labels[column] for column in np.flatnonzero(missing[row])]
            message = f"{subject} needs a quote of {', '.join(labels)}."
            refused[row] = Failure(FailureReason.MISSING_DATA, message, subject)
        elif undiscounted[row]:
            message = f"{subject} needs the discount curve {recipe.discount_curve_id} of that day."
            refused[row] = Failure(FailureReason.MISSING_DATA, message, subject)
        else:
            message = f"{subject} has two instruments that end on the same day; drop one."
            refused[row] = Failure(FailureReason.INVALID_TERMS, message, subject)
    return refused


def _judge(
    recipe: CurveRecipe,
    days: DateArray,
    times: FloatArray,
    zero_rates: FloatArray,
    misses: FloatArray,
) -> list[float | Failure]:
    """Each day's worst repricing error, or why its curve is not one that a market can have."""
    errors = np.where(np.isfinite(misses), np.abs(misses), np.inf)
    worst = errors.max(axis=1)
    forwards = np.diff(zero_rates * times, prepend=0.0) / np.diff(times, prepend=0.0)
    jumps = np.abs(np.diff(forwards, prepend=forwards[:, :1]))
    limits = recipe.limits
    absurd = (
        (forwards < limits.lowest) | (forwards > limits.highest) | (jumps > limits.largest_jump)
    )
    judged: list[float | Failure] = worst.tolist()
    for row in np.flatnonzero(absurd.any(axis=1)):
        judged[row] = _absurd_forward(recipe, days[row], times[row], forwards[row], absurd[row])
    for row in np.flatnonzero(worst > REPRICE_TOLERANCE):
        judged[row] = _not_repriced(recipe, days[row], errors[row])
    return judged


def _not_repriced(recipe: CurveRecipe, day: np.datetime64, errors: FloatArray) -> Failure:
    subject, column = f"{recipe.curve_id} {day}", int(np.argmax(errors))
    message = (
        f"No positive discount factors reprice {subject}: {recipe.labels[column]} is missed by "
        f"{errors[column]:.3g}. The quotes contradict each other (an arbitrage) or one is in the "
        "wrong unit; rates are decimals (0.03 is 3%)."
    )
    return Failure(FailureReason.CALCULATION_FAILED, message, subject)


def _absurd_forward(
    recipe: CurveRecipe,
    day: np.datetime64,
    times: FloatArray,
    forwards: FloatArray,
    absurd: npt.NDArray[np.bool_],
) -> Failure:
    subject, node, limits = f"{recipe.curve_id} {day}", int(np.argmax(absurd)), recipe.limits
    message = (
        f"{subject} implies a forward rate of {forwards[node]:.2%} before year {times[node]:.3f} "
        f"after {forwards[max(node - 1, 0)]:.2%}; {limits.lowest:.0%} to {limits.highest:.0%} with "
        f"jumps up to {limits.largest_jump:.0%} are accepted. Check the quotes around there."
    )
    return Failure(FailureReason.INVALID_DATA, message, subject)


def _history_of_one(curve: Curve) -> CurveHistory:
    return CurveHistory(
        curve.curve_id,
        as_dates([curve.as_of]),
        curve.times[None],
        curve.zero_rates[None],
        curve.interpolation,
        np.zeros(1),
        (),
    )


def _discount_logs(discount: CurveHistory, days: DateArray, layout: Layout) -> DiscountLogs:
    """Log discounts of the given curve at the floating and the fixed payments."""
    row = np.searchsorted(discount.as_ofs, days)
    times, rates = discount.times[row], discount.zero_rates[row]
    return DiscountLogs(
        log_discount(discount.interpolation, times, rates, layout.floating_payment),
        log_discount(discount.interpolation, times, rates, layout.fixed_payment),
    )
