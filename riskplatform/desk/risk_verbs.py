"""Verbs of risk: what the book may lose."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from riskplatform.desk.core import DeskCore

if TYPE_CHECKING:
    from riskplatform.desk.risk_books import Asked
    from riskplatform.desk.risking import BookQuestion
    from riskplatform.risk.book import RiskBook
    from riskplatform.risk.risk_report import RiskReport, TailReport
    from riskplatform.risk.slices import SlicedRisk
    from riskplatform.risk.tree_risk import TreeRisk

    Progress = Callable[[int, int], None]


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

    def risk(
        self,
        node: str | None = None,
        as_of: date | None = None,
        *,
        confidence: float = 0.99,
        horizon_days: float = 1.0,
        methods: Sequence[str] | None = None,
        scenarios: Sequence[Asked] | None = None,
        by: str | None = None,
        with_exposures: bool = False,
        with_tree: bool = False,
        days: int = 500,
        seed: int = 20260630,
        at_snapshot: int | None = None,
        only_built: bool = False,
        progress: Progress | None = None,
    ) -> RiskReport:
        """VaR and ES of a node by each method in each scenario set, and the measures beside them.

        ``methods`` are all that suit a set if not named; ``delta_gamma`` (or ``with_exposures``)
        adds three by sensitivities. ``by`` slices the first set, ``with_tree`` measures all nodes
        in it. A horizon beyond that of the scenarios is simulated where a method can, else scaled
        and labelled; a set of that horizon is asked for as ``{"maker": ..., "horizon_days": 10}``.
        ``only_built`` opens cubes and builds none.
        """
        from riskplatform.desk.risking import risk
        from riskplatform.risk.sample import Question

        return risk(
            self._me,
            node,
            self.as_of(as_of),
            Question(confidence=confidence, horizon_days=horizon_days, seed=seed),
            _where(scenarios, days, seed, at_snapshot, only_built, progress),
            methods=methods,
            by=by,
            with_exposures=with_exposures,
            with_tree=with_tree,
        )

    def decompose(
        self,
        node: str | None = None,
        by: str = "portfolio",
        as_of: date | None = None,
        *,
        confidence: float = 0.99,
        scenarios: Asked | None = None,
        incremental: bool = False,
        tails: int = 20,
        drivers: int = 5,
        days: int = 500,
        seed: int = 20260630,
        at_snapshot: int | None = None,
        only_built: bool = False,
        progress: Progress | None = None,
    ) -> SlicedRisk:
        """Volatility, VaR and ES of a node as components that add up to it, over drawn scenarios.

        ``by``: ``portfolio``, ``portfolio_id``, a slice of instruments, ``instrument_id`` for
        positions, or ``measure`` and ``factor`` for Taylor gains by sensitivity with what they do
        not explain. ``incremental`` recomputes the risk without each item.
        """
        from riskplatform.desk.risking import decompose

        return decompose(
            self._me,
            node,
            by,
            self.as_of(as_of),
            _where(_one(scenarios), days, seed, at_snapshot, only_built, progress),
            confidence=confidence,
            incremental=incremental,
            shown=tails,
            drivers=drivers,
        )

    def tails(
        self,
        node: str | None = None,
        as_of: date | None = None,
        *,
        by: str = "instrument_id",
        shown: int = 20,
        drivers: int = 5,
        **how: Any,
    ) -> TailReport:
        """The scenarios of the ES, worst first, and the items that lost most in each.

        ``how`` are the other choices of :meth:`decompose`.
        """
        from riskplatform.desk.risking import tails_of

        return tails_of(self.decompose(node, by, as_of, tails=shown, drivers=drivers, **how))

    def nodes_risk(
        self,
        as_of: date | None = None,
        *,
        confidence: float = 0.99,
        scenarios: Asked | None = None,
        with_positions: bool = False,
        days: int = 500,
        seed: int = 20260630,
        at_snapshot: int | None = None,
        only_built: bool = False,
        progress: Progress | None = None,
    ) -> TreeRisk:
        """Volatility, VaR and ES of every node of the tree, and its component in the whole."""
        from riskplatform.desk.risking import nodes_risk

        where = _where(_one(scenarios), days, seed, at_snapshot, only_built, progress)
        return nodes_risk(self._me, self.as_of(as_of), where, confidence, with_positions)

    def record_risk(self, found: RiskReport) -> str:
        """Keep a report in the lake's runs, with each node where it has them; its run id."""
        from riskplatform.desk.risk_recording import record_risk

        return record_risk(self._me, found)


def _one(scenarios: Asked | None) -> Sequence[Asked]:
    """One set: drawn scenarios where none is named."""
    from riskplatform.desk.risk_books import MONTE_CARLO

    return (MONTE_CARLO,) if scenarios is None else (scenarios,)


def _where(
    scenarios: Sequence[Asked] | None,
    days: int,
    seed: int,
    at_snapshot: int | None,
    only_built: bool,
    progress: Progress | None,
) -> BookQuestion:
    """Which book is meant; the usual sets where none is named."""
    from riskplatform.desk.risk_books import USUAL_SETS
    from riskplatform.desk.risking import BookQuestion

    return BookQuestion(
        scenarios=USUAL_SETS if scenarios is None else scenarios,
        days=days,
        seed=seed,
        at_snapshot=at_snapshot,
        only_built=only_built,
        progress=progress,
    )
