"""The gate before the venue: every order is held to limits, prices, sizes and conduct."""

from __future__ import annotations

from riskplatform.execution.gate.decision import Decision, Found, Outcome, Verdict
from riskplatform.execution.gate.gate import Gate
from riskplatform.execution.gate.rules import GateRules, Mode, read_rules, rules_of
from riskplatform.execution.gate.throttles import Release

__all__ = [
    "Decision",
    "Found",
    "Gate",
    "GateRules",
    "Mode",
    "Outcome",
    "Release",
    "Verdict",
    "read_rules",
    "rules_of",
]
