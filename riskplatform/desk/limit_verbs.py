"""Verbs of limits: set, list, check, how much still fits, and when they were not kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from riskplatform.desk.core import DeskCore

if TYPE_CHECKING:
    from riskplatform.desk.limiting import LimitQuestion
    from riskplatform.desk.risk_books import Asked
    from riskplatform.domain.limits import Limit
    from riskplatform.risk.limits import HeadroomReport, LimitBook, LimitReport
    from riskplatform.risk.limits.history import BreachHistory
    from riskplatform.store.ledger import AppendReport

    Progress = Callable[[int, int], None]


class LimitVerbs(DeskCore):
    """What it may have."""

    def set_limits(
        self,
        limits: str | Path | Iterable[Limit],
        *,
        reason: str = "",
        effective_from: date | None = None,
    ) -> AppendReport:
        """Record limits from a YAML or CSV file or a list; those that are known add nothing.

        A limit that is there already gets the new terms, from ``effective_from`` on or for all
        time; what it was before stays readable. It ends with a ``valid_until``.
        """
        from riskplatform.desk.limiting import set_limits

        return set_limits(self._me, limits, reason=reason, effective_from=effective_from)

    def limits(self, as_of: date | None = None, *, node: str | None = None) -> tuple[Limit, ...]:
        """The limits in force on a day, or all that are known; of a node and all below it."""
        from riskplatform.desk.limiting import limits

        return limits(self._me, as_of, node)

    def export_limits(self, file: str | Path, as_of: date | None = None) -> int:
        """Write the limits to a YAML or CSV file that ``set_limits`` reads; how many they are."""
        from riskplatform.desk.limit_files import limits_text

        chosen, path = self.limits(as_of), Path(file)
        path.write_text(limits_text(chosen, path.suffix), encoding="utf-8")
        return len(chosen)

    def limit_book(
        self,
        as_of: date | None = None,
        *,
        node: str | None = None,
        scenarios: Sequence[Asked] = (),
        with_exposures: bool = False,
        days: int = 500,
        seed: int = 20260630,
        at_snapshot: int | None = None,
        only_built: bool = False,
        progress: Progress | None = None,
    ) -> LimitBook:
        """The limits of a day prepared for its book: each further state is judged in a moment.

        The book has the scenario sets that the limits need, and ``scenarios`` besides.
        """
        from riskplatform.desk.limiting import limit_book

        where = (scenarios, days, seed, at_snapshot, only_built, progress)
        return limit_book(self._me, self._limit_question(as_of, node, with_exposures, *where))

    def check_limits(
        self,
        as_of: date | None = None,
        *,
        node: str | None = None,
        days: int = 500,
        seed: int = 20260630,
        at_snapshot: int | None = None,
        only_built: bool = False,
        progress: Progress | None = None,
    ) -> LimitReport:
        """How the limits of a node and all below it stand, or all of them."""
        from riskplatform.desk.limiting import check_limits

        where = ((), days, seed, at_snapshot, only_built, progress)
        return check_limits(self._me, self._limit_question(as_of, node, False, *where))

    def headroom(
        self,
        instruments: str | Sequence[str] | None,
        node: str,
        as_of: date | None = None,
        *,
        sides: Sequence[str] | None = None,
        lot: float = 1.0,
        paid: bool = True,
        soft: bool = False,
        days: int = 500,
        seed: int = 20260630,
        at_snapshot: int | None = None,
        only_built: bool = False,
        progress: Progress | None = None,
    ) -> HeadroomReport:
        """The largest trades of instruments (all that the node holds, if none) that still fit.

        ``paid`` takes the price from cash; ``soft`` asks what fits without a warning.
        """
        from riskplatform.desk.limiting import BOTH_SIDES, headroom

        where = ((), days, seed, at_snapshot, only_built, progress)
        return headroom(
            self._me,
            instruments,
            node,
            self._limit_question(as_of, None, True, *where),
            sides=BOTH_SIDES if sides is None else sides,
            lot=lot,
            paid=paid,
            soft=soft,
        )

    def record_limits_check(self, report: LimitReport) -> str:
        """Keep a check in the lake's runs, from which breaches are told; its run id."""
        from riskplatform.desk.limit_history import record_limits_check

        return record_limits_check(self._me, report)

    def breaches(self, since: date | None = None, until: date | None = None) -> BreachHistory:
        """When limits were amber, red or not measured, and for how long, by the checks kept."""
        from riskplatform.desk.limit_history import breaches

        return breaches(self._me, since, until)

    def _limit_question(
        self,
        as_of: date | None,
        node: str | None,
        with_exposures: bool,
        scenarios: Sequence[Asked],
        days: int,
        seed: int,
        at_snapshot: int | None,
        only_built: bool,
        progress: Progress | None,
    ) -> LimitQuestion:
        from riskplatform.desk.limiting import LimitQuestion
        from riskplatform.desk.risking import BookQuestion

        where = BookQuestion(
            scenarios=scenarios, days=days, seed=seed, at_snapshot=at_snapshot,
            only_built=only_built, progress=progress,
        )  # fmt: skip
        return LimitQuestion(self.as_of(as_of), where, node, with_exposures)
