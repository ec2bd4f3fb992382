"""The desk: one book, one market, one verb per use case.

Every verb answers from the store; nothing is remembered between calls but open connections, so
that two processes on one desk see the same numbers.
"""

from __future__ import annotations

from riskplatform.desk.ask_verbs import AskVerbs
from riskplatform.desk.backtest_verbs import BacktestVerbs
from riskplatform.desk.book_verbs import BookVerbs
from riskplatform.desk.core import utc_now
from riskplatform.desk.execution_verbs import ExecutionVerbs
from riskplatform.desk.explain_verbs import ExplainVerbs
from riskplatform.desk.file_verbs import FileVerbs
from riskplatform.desk.gate_verbs import GateVerbs
from riskplatform.desk.job_verbs import JobVerbs
from riskplatform.desk.limit_verbs import LimitVerbs
from riskplatform.desk.number_verbs import NumberVerbs
from riskplatform.desk.paper_verbs import PaperVerbs
from riskplatform.desk.people_verbs import PeopleVerbs
from riskplatform.desk.procedure_verbs import ProcedureVerbs
from riskplatform.desk.rebalance_verbs import RebalanceVerbs
from riskplatform.desk.reverse_verbs import ReverseVerbs
from riskplatform.desk.risk_verbs import RiskVerbs
from riskplatform.desk.scenario_verbs import ScenarioVerbs
from riskplatform.desk.stress_verbs import StressVerbs
from riskplatform.desk.tca_verbs import TcaVerbs
from riskplatform.desk.what_if_verbs import WhatIfVerbs


class Desk(
    BookVerbs,
    FileVerbs,
    NumberVerbs,
    ScenarioVerbs,
    RiskVerbs,
    StressVerbs,
    ReverseVerbs,
    ProcedureVerbs,
    BacktestVerbs,
    ExplainVerbs,
    LimitVerbs,
    WhatIfVerbs,
    AskVerbs,
    JobVerbs,
    PeopleVerbs,
    RebalanceVerbs,
    PaperVerbs,
    ExecutionVerbs,
    TcaVerbs,
    GateVerbs,
):
    """One desk, opened from its folder."""


__all__ = ["Desk", "utc_now"]
