"""What trading cost, against the prices that were decided on, met and left behind."""

from __future__ import annotations

from riskplatform.execution.tca.pieces import PARTS, Piece, pieces_of
from riskplatform.execution.tca.report import BENCHMARKS, BY, Cost, TcaReport, cost_of
from riskplatform.execution.tca.sources import Source
from riskplatform.execution.tca.worked import Execution, Worked

__all__ = [
    "BENCHMARKS",
    "BY",
    "PARTS",
    "Cost",
    "Execution",
    "Piece",
    "Source",
    "TcaReport",
    "Worked",
    "cost_of",
    "pieces_of",
]
