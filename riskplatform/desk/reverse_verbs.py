"""Verbs of likely and unlikely moves: reverse stress, inference, fragile directions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING

from riskplatform.desk.core import DeskCore

if TYPE_CHECKING:
    from riskplatform.desk.factor_amounts import Bounds, Move
    from riskplatform.stress.days_that_count import DaysThatCount
    from riskplatform.stress.reports import FragileReport, InferReport, ReverseReport


class ReverseVerbs(DeskCore):
    """What would have to happen."""

    def reverse_stress(
        self,
        loss: float | None = None,
        node: str | None = None,
        as_of: date | None = None,
        *,
        limit: str | None = None,
        answers: int = 3,
        distribution: str = "gaussian",
        degrees: float = 5.0,
        horizon_days: float = 1.0,
        still: Iterable[str] = (),
        bounds: Bounds | None = None,
        days: int = 500,
        counted: DaysThatCount | None = None,
        seed: int = 20260630,
        at_snapshot: int | None = None,
    ) -> ReverseReport:
        """The most likely scenarios in which a node loses ``loss``, by full revaluation.

        ``loss`` is positive, in the desk's currency; or name a ``limit`` on VaR, ES or stress
        loss, and it is that much of that limit's node. ``distribution`` is gaussian or t, with
        ``degrees``. ``still`` factors do not move, ``bounds`` are (lowest, highest) moves; both by
        factor or by a pattern such as ``fx.*``, moves as numbers in the history's own terms or as
        ``"-20 %"``. The covariance is that of the ``days`` of history that are ``counted``.
        """
        from riskplatform.desk.reversing import degrees_of, reverse_stress
        from riskplatform.stress.reverse import Ask

        return reverse_stress(
            self._me,
            loss,
            node,
            self.as_of(as_of),
            limit=limit,
            ask=Ask(answers, degrees_of(distribution, degrees), horizon_days, seed),
            still=tuple(still),
            bounds=bounds,
            days=days,
            counted=counted,
            at_snapshot=at_snapshot,
        )

    def infer(
        self,
        shocks: Mapping[str, Move],
        node: str | None = None,
        as_of: date | None = None,
        *,
        distribution: str = "gaussian",
        degrees: float = 5.0,
        horizon_days: float = 1.0,
        days: int = 500,
        counted: DaysThatCount | None = None,
        draws: int = 1_000,
        share: float = 0.9,
        seed: int = 20260630,
        at_snapshot: int | None = None,
    ) -> InferReport:
        """What the other factors do when some are shocked, how likely that is, and what a node
        gains with the band within which ``share`` of the outcomes lie.

        ``shocks`` are moves by factor or pattern: ``{"spot.IDX.US500": "-10 %"}``.
        """
        from riskplatform.desk.reversing import degrees_of, infer
        from riskplatform.stress.reverse import Ask

        return infer(
            self._me,
            shocks,
            node,
            self.as_of(as_of),
            ask=Ask(1, degrees_of(distribution, degrees), horizon_days, seed),
            days=days,
            counted=counted,
            draws=draws,
            share=share,
            at_snapshot=at_snapshot,
        )

    def fragile_directions(
        self,
        node: str | None = None,
        as_of: date | None = None,
        *,
        distance: float = 3.0,
        count: int = 10,
        horizon_days: float = 1.0,
        still: Iterable[str] = (),
        days: int = 500,
        counted: DaysThatCount | None = None,
        at_snapshot: int | None = None,
    ) -> FragileReport:
        """The directions in which a node loses most at a ``distance`` of standard deviations."""
        from riskplatform.desk.reversing import fragile_directions

        return fragile_directions(
            self._me,
            node,
            self.as_of(as_of),
            distance=distance,
            count=count,
            horizon_days=horizon_days,
            still=tuple(still),
            days=days,
            counted=counted,
            at_snapshot=at_snapshot,
        )
