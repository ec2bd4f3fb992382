"""Verbs of risk: what the book may lose."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import TYPE_CHECKING

from riskplatform.desk.core import DeskCore

if TYPE_CHECKING:
    from riskplatform.desk.risk_books import Asked
    from riskplatform.risk.book import RiskBook


class RiskVerbs(DeskCore):
    """What it may lose."""

    def risk_book(
        self,
        as_of: date | None = None,
        *,
        scenarios: Sequence[Asked] | None = None,
        days: int = 500,
        seed: int = 20260630,
        at_snapshot: int | None = None,
        with_exposures: bool = False,
        progress: Callable[[int, int], None] | None = None,
    ) -> RiskBook:
        """The whole book over its cubes, which are built if they are not there.

        Risk, limits and what-if are functions of it. ``with_exposures`` adds values, sensitivities
        and daily volumes of units, which takes a second or two more.
        """
        from riskplatform.desk.risk_books import USUAL_SETS, risk_book

        return risk_book(
            self._me,
            self.as_of(as_of),
            USUAL_SETS if scenarios is None else scenarios,
            days=days,
            seed=seed,
            at_snapshot=at_snapshot,
            with_exposures=with_exposures,
            progress=progress,
        )
