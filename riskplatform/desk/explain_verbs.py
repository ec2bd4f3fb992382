"""Verbs of P&L: why it was what it was, against what, and at which rate of return."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from riskplatform.desk.core import DeskCore

if TYPE_CHECKING:
    from riskplatform.risk.attribution import AttributionResult, ReturnsResult
    from riskplatform.risk.explain import ExplainResult


class ExplainVerbs(DeskCore):
    """What was gained, and why."""

    def explain(
        self,
        node: str | None = None,
        as_of: date | None = None,
        since: date | None = None,
        *,
        way: str = "revaluation",
        daily: bool = False,
    ) -> ExplainResult:
        """The P&L of a node from the evening of ``since`` to that of ``as_of``, term by term.

        One market day if ``since`` is not given. ``way`` is ``revaluation`` (step by step, the
        mean over all orders of the steps) or ``taylor`` (sensitivities times moves). ``daily``
        explains each market day by itself and adds them up, so that what is traded on the way is
        in the book from its day on; it takes as long as so many days.
        """
        from riskplatform.desk.explaining import explain, explain_daily
        from riskplatform.risk.explain.terms import way_named

        work = explain_daily if daily else explain
        return work(self._me, self._scope(node), since, self.as_of(as_of), way_named(way))

    def attribution(
        self,
        node: str | None,
        start: date,
        end: date | None = None,
        *,
        benchmark: str | None = None,
        by: str = "sector",
        method: str = "brinson",
        linking: str = "carino",
    ) -> AttributionResult:
        """Why a node did better or worse than its benchmark, by day and linked.

        ``brinson`` is against ``benchmark``, a portfolio (the node's own if not given), by a
        slice; ``factor`` takes the node's return as betas times factor returns and a rest.
        """
        from riskplatform.desk.attributing import attribution
        from riskplatform.risk.attribution.linking import linking_named

        return attribution(
            self._me,
            self._scope(node),
            start,
            self.as_of(end),
            benchmark=benchmark,
            by=by,
            method=method,
            rule=linking_named(linking),
        )

    def returns(
        self,
        node: str | None,
        start: date,
        end: date | None = None,
        *,
        timing: str = "end",
        by: str = "asset_class",
    ) -> ReturnsResult:
        """Time- and money-weighted returns by day, month and year, and contributions ``by``.

        ``timing`` says when in its day money comes or goes: ``end`` or ``start``.
        """
        from riskplatform.desk.attributing import returns
        from riskplatform.risk.attribution.returns import timing_named

        return returns(
            self._me, self._scope(node), start, self.as_of(end), timing_named(timing), by
        )
