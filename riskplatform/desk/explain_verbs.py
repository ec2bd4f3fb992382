"""Verbs of P&L: why it was what it was, against what, and at which rate of return."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from riskplatform.desk.core import DeskCore

if TYPE_CHECKING:
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
    ) -> ExplainResult:
        """The P&L of a node from the evening of ``since`` to that of ``as_of``, term by term.

        One market day if ``since`` is not given. ``way`` is ``revaluation`` (step by step, the
        mean over all orders of the steps) or ``taylor`` (sensitivities times moves).
        """
        from riskplatform.desk.explaining import explain
        from riskplatform.risk.explain.terms import way_named

        return explain(self._me, self._scope(node), since, self.as_of(as_of), way_named(way))
