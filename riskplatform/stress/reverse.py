"""Reverse stress: the most likely scenario in which a book loses so much.

Of all moves with ``loss(x) >= X`` the one with the least distance of Mahalanobis is the most likely
under every elliptical distribution, normal or Student t; which of these it is decides only how
likely. For a linear book it is ``x = -X Σw / wᵀΣw``, at the distance ``X / √(wᵀΣw)``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from riskplatform.domain.outcome import Failure, FailureReason
from riskplatform.errors import UserInputError
from riskplatform.factors.covariance.result import CovarianceResult
from riskplatform.market.content import FloatArray
from riskplatform.risk.parametric import Covariance
from riskplatform.stress.directions import directions
from riskplatform.stress.factor_bounds import FactorBounds
from riskplatform.stress.least_distance import shortest_within
from riskplatform.stress.plausibility import as_root, checked_degrees, of_distance
from riskplatform.stress.revaluer import Counted, Revaluer, counted
from riskplatform.stress.reverse_descent import Cut, Descent, Search
from riskplatform.stress.reverse_result import ReverseAnswer, ReverseResult
from riskplatform.stress.reverse_space import Space
from riskplatform.stress.reverse_starts import Start, look_around
from riskplatform.stress.roots import BoolArray, Root

# Two answers nearer than this share of their distance are one; a ball of the second share of it is
# kept clear of the others where the book itself has no more.
_SAME, _CLEAR = 0.25, 0.5
_MORE_STARTS = 3
# An answer apart from the others that is so many times as far as the first says nothing.
_TOO_FAR = 1.75


@dataclass(frozen=True, slots=True)
class Ask:
    """How an answer is looked for: how many, by which distribution, over how long."""

    answers: int = 3
    degrees: float | None = None
    horizon_days: float = 1.0
    seed: int = 20260630

    def __post_init__(self) -> None:
        if self.answers < 1:
            raise UserInputError(f"{self.answers} answers were asked for; 1 or more can be.")
        checked_degrees(self.degrees)


def reverse_stress(
    covariance: Covariance | Root,
    book: Revaluer | ArrayLike,
    loss: float,
    *,
    names: Sequence[str] | None = None,
    bounds: FactorBounds | None = None,
    groups: Mapping[str, BoolArray] | None = None,
    ask: Ask | None = None,
) -> ReverseResult:
    """The most likely scenarios that lose ``loss``, the likeliest first, by full revaluation.

    ``covariance`` is daily, and grows with the horizon that is asked for. ``book`` is a revaluer,
    or the exposures of a linear book. ``groups`` are masks of factors whose part of the gradient
    is a direction to begin with. Where the book has fewer separate answers than are asked for, the
    next ones are the most likely outside of balls around those found.
    """
    chosen = ask or Ask()
    space, counter, known = _ready(covariance, book, loss, names, bounds, chosen.horizon_days)
    rng = np.random.default_rng(chosen.seed)
    ways = directions(space, counter, groups or {})
    look = look_around(space, counter, ways, loss, rng)
    hunt = _Hunt(Search(space, counter, loss), chosen.answers)
    hunt.among(look.starts)
    if len(hunt.found) < chosen.answers and hunt.found:
        hunt.outside(look.starts)
    failures = () if hunt.found else (_unreached(loss, look.largest_loss, space, look.largest_at),)
    return ReverseResult(
        loss=loss,
        names=known,
        answers=tuple(
            _answer(space, counter, each, kind, chosen)
            for each, kind in sorted(hunt.found, key=lambda one: space.length(one[0].numbers))
        ),
        failures=failures,
        states=counter.states,
        gradients=counter.gradients,
    )


def reverse_linear(
    covariance: Covariance | Root,
    exposures: ArrayLike,
    loss: float,
    *,
    names: Sequence[str] | None = None,
    bounds: FactorBounds | None = None,
    ask: Ask | None = None,
) -> ReverseResult:
    """The one answer of a linear book: in closed form, or, with bounds, by a quadratic programme
    that is solved exactly."""
    chosen = ask or Ask()
    space, counter, known = _ready(covariance, exposures, loss, names, bounds, chosen.horizon_days)
    gradient = counter.slope_at_rest()
    pull = space.pulled(gradient)
    base = float(gradient @ space.moves(np.zeros(space.root.width)))
    found = shortest_within(pull[None, :], np.array([loss - base]), space.rows, space.slack)
    if found is None:
        failure = Failure(
            FailureReason.CALCULATION_FAILED, f"Within its bounds the book cannot lose {loss:,.6g}."
        )
        return ReverseResult(loss, known, (), (failure,), 0, 1)
    moves = space.kept(space.moves(found))
    ended = Descent(found, float(gradient @ moves), gradient, True)
    return ReverseResult(
        loss, known, (_answer(space, counter, ended, "nearest", chosen),), (), counter.states, 1
    )


def _ready(
    covariance: Covariance | Root,
    book: Revaluer | ArrayLike,
    loss: float,
    names: Sequence[str] | None,
    bounds: FactorBounds | None,
    horizon_days: float,
) -> tuple[Space, Counted, tuple[str, ...]]:
    if not (math.isfinite(loss) and loss > 0.0):
        raise UserInputError(
            f"A loss of {loss:g} was asked for; it is a number above 0.",
            hint="Give the size of the loss, without a sign.",
        )
    root = as_root(covariance, horizon_days)
    if names is None and isinstance(covariance, CovarianceResult):
        names = covariance.names
    known = tuple(names or (f"factor {place + 1}" for place in range(root.size)))
    limits = FactorBounds.none(root.size) if bounds is None else bounds
    if len(known) != root.size or limits.lower.size != root.size:
        raise UserInputError(
            f"{len(known)} names and bounds of {limits.lower.size} factors do not fit a covariance "
            f"of {root.size}."
        )
    space = Space.of(root, limits)
    return space, counted(book, space.deviations), known


class _Hunt:
    """Collects answers that are not the same."""

    def __init__(self, search: Search, wanted: int) -> None:
        self._search, self._wanted = search, wanted
        self.found: list[tuple[Descent, str]] = []

    def among(self, starts: Sequence[Start]) -> None:
        """Descents from the best starts, without regard to one another."""
        for start in starts[: self._wanted + _MORE_STARTS]:
            self._keep(self._search.descend(start.numbers, known=self._places()), "nearest")

    def outside(self, starts: Sequence[Start]) -> None:
        """Descents outside of balls around what is found, until there are enough.

        Where what is fixed loses enough by itself, there is no ball and no other answer.
        """
        if not self.found[0][0].numbers.any():
            return
        for start in starts[: 2 * self._wanted + _MORE_STARTS]:
            if len(self.found) >= self._wanted:
                return
            goal = _beside(self.found[0][0], start.numbers, self._search)
            cuts = None if goal is None else self._cuts(goal)
            if goal is None or cuts is None:
                continue
            ended = self._search.descend(goal, cuts)
            if ended is None or self._is_too_far(ended):
                continue
            free = all(
                float(cut.row @ ended.numbers) > cut.least + 1e-3 * abs(cut.least) for cut in cuts
            )
            self._keep(ended, "nearest" if free else "apart from the others")

    def _is_too_far(self, ended: Descent) -> bool:
        length = self._search.space.length
        return length(ended.numbers) > _TOO_FAR * length(self.found[0][0].numbers)

    def _cuts(self, goal: FloatArray) -> list[Cut] | None:
        """A half-space for each answer: beyond the ball around it, on the side of the goal. None
        where the goal is well inside of some ball."""
        cuts = []
        for each, _ in self.found:
            radius = _CLEAR * float(np.linalg.norm(each.numbers))
            way = _along(goal - each.numbers, each, self._search)
            far = float(np.linalg.norm(way))
            if far < 0.5 * radius:
                return None
            row = way / far
            cuts.append(Cut(row, float(row @ each.numbers) + radius))
        return cuts

    def _places(self) -> list[FloatArray]:
        return [each.numbers for each, _ in self.found]

    def _keep(self, ended: Descent | None, kind: str) -> None:
        if ended is None or not ended.converged:
            return
        length = float(np.linalg.norm(ended.numbers))
        near = [
            float(np.linalg.norm(ended.numbers - at)) <= _SAME * length for at in self._places()
        ]
        if not any(near):
            self.found.append((ended, kind))
            return
        # Of two that are the same the shorter is the better.
        place = near.index(True)
        if length < float(np.linalg.norm(self.found[place][0].numbers)):
            self.found[place] = (ended, self.found[place][1])


def _beside(first: Descent, start: FloatArray, search: Search) -> FloatArray | None:
    """From an answer as far as its ball reaches, towards a start, where the loss stays the same."""
    way = _along(start - first.numbers, first, search)
    far, radius = float(np.linalg.norm(way)), _CLEAR * float(np.linalg.norm(first.numbers))
    return None if far < 0.2 * radius else first.numbers + way * (radius / far)


def _along(way: FloatArray, answer: Descent, search: Search) -> FloatArray:
    """What of a way leaves the loss as it is near an answer."""
    pull = search.space.pulled(answer.slope)
    size = float(pull @ pull)
    return way - (float(way @ pull) / size) * pull if size > 0.0 else way


def _answer(space: Space, book: Counted, ended: Descent, kind: str, ask: Ask) -> ReverseAnswer:
    moves = space.kept(space.moves(ended.numbers))
    distance = space.length(ended.numbers)
    return ReverseAnswer(
        moves=moves,
        sigmas=np.divide(
            moves, space.deviations, out=np.zeros(moves.size), where=space.deviations > 0.0
        ),
        loss=ended.loss,
        contributions=_contributions(book, moves, ended),
        plausibility=of_distance(distance, 1, degrees=ask.degrees, horizon_days=ask.horizon_days),
        kind=kind,
    )


def _contributions(book: Counted, moves: FloatArray, ended: Descent) -> FloatArray:
    """What each factor loses: its move times the mean of the slope on the straight way there.

    By Simpson's rule: exact for a book that is quadratic or cubic in the moves; what it leaves
    over of others is told as unexplained.
    """
    start = book.slope_at_rest()
    middle = book.slope(0.5 * moves)
    return np.asarray(moves * (start + 4.0 * middle + ended.slope) / 6.0)


def _unreached(loss: float, seen: float, space: Space, at: FloatArray) -> Failure:
    words = (
        f"No scenario was found in which the book loses {loss:,.6g}. The largest loss seen is "
        f"{seen:,.6g}, at a distance of {space.length(at):.1f} standard deviations"
    )
    more = ", bounds aside." if space.is_bounded else "."
    return Failure(FailureReason.CALCULATION_FAILED, words + more)
