"""Whether a rule of allocation would have been worth following: out of sample, after costs, beside
1/N and 60/40, and with the number of things that were tried taken off.

``walk_forward`` decides again and again on what was known; ``combinatorial`` makes many histories
out of one. ``report`` holds what both find.
"""

from riskplatform.optimisation.validation.baselines import EqualWeight, SixtyForty
from riskplatform.optimisation.validation.combinatorial import cross_validated
from riskplatform.optimisation.validation.costs import ModelCost, NoCost, ProportionalCost
from riskplatform.optimisation.validation.history import ReturnHistory
from riskplatform.optimisation.validation.holding import Run, TradingCost
from riskplatform.optimisation.validation.report import ValidationReport
from riskplatform.optimisation.validation.rules import Rule
from riskplatform.optimisation.validation.walk_forward import WalkForward, walked_forward

__all__ = [
    "EqualWeight",
    "ModelCost",
    "NoCost",
    "ProportionalCost",
    "ReturnHistory",
    "Rule",
    "Run",
    "SixtyForty",
    "TradingCost",
    "ValidationReport",
    "WalkForward",
    "cross_validated",
    "walked_forward",
]
