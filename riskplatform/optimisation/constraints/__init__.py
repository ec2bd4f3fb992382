"""Constraints as data: frozen values that are written in files, and compile to rows.

``weights`` bounds what is held, ``trading`` what is done to get there, ``risk_caps`` what may be
lost, ``gains`` what may be realised, ``lots`` how trades are rounded; ``from_data`` reads all of
them and ``checks`` measures them on any weights. An asset for which no box gives a low is held
long, and without a net the weights sum to one.
"""

from riskplatform.optimisation.constraints.checks import ConstraintChecks, checked_constraints
from riskplatform.optimisation.constraints.contract import Constraint, draft_of, named_twice
from riskplatform.optimisation.constraints.from_data import (
    KINDS,
    constraints_from_data,
    constraints_from_document,
)
from riskplatform.optimisation.constraints.gains import RealisedGain
from riskplatform.optimisation.constraints.lots import LotSizes
from riskplatform.optimisation.constraints.risk_caps import (
    ShortfallCap,
    StressLossCap,
    TrackingError,
    ValueAtRiskCap,
    VolatilityCap,
)
from riskplatform.optimisation.constraints.trading import (
    Holdings,
    Participation,
    Restricted,
    Turnover,
)
from riskplatform.optimisation.constraints.weights import Box, Exposure, Gross, Group, Leverage, Net

__all__ = [
    "KINDS",
    "Box",
    "Constraint",
    "ConstraintChecks",
    "Exposure",
    "Gross",
    "Group",
    "Holdings",
    "Leverage",
    "LotSizes",
    "Net",
    "Participation",
    "RealisedGain",
    "Restricted",
    "ShortfallCap",
    "StressLossCap",
    "TrackingError",
    "Turnover",
    "ValueAtRiskCap",
    "VolatilityCap",
    "checked_constraints",
    "constraints_from_data",
    "constraints_from_document",
    "draft_of",
    "named_twice",
]
