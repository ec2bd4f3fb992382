"""Verbs of the gate before the venue."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from riskplatform.desk.core import DeskCore

if TYPE_CHECKING:
    import pandas as pd

    from riskplatform.execution.gate import GateRules, Release


class GateVerbs(DeskCore):
    """What may go out."""

    def gate_rules(self) -> GateRules:
        """What each check does and where it begins to: ``gate.yaml``, or the usual."""
        from riskplatform.desk.executing import gate_rules

        return gate_rules(self._me)

    def gate_decisions(
        self, *, since: date | None = None, until: date | None = None, verdict: str | None = None
    ) -> pd.DataFrame:
        """What the gate said of every order, and why: allow, trim or block."""
        from riskplatform.desk.gate_decisions import decisions_table

        return decisions_table(self._me, since, until, verdict)

    def release_line(
        self,
        portfolio_id: str,
        instrument_id: str,
        side: str,
        *,
        reason: str,
        person: str | None = None,
        passphrase: str | None = None,
    ) -> Release:
        """Let a line go on that the gate stopped for repeating itself; ``person`` must be named in
        its rules, and is who acts if not given. Where people are registered they prove themselves
        with their passphrase."""
        from riskplatform.desk.gate_decisions import release_line

        self._me.people().prove(person or self.settings.actor, passphrase)
        return release_line(self._me, portfolio_id, instrument_id, side, reason, person)
