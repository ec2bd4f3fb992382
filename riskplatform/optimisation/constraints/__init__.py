"""Constraints as data: frozen values that are written in files, and compile to rows.

``weights`` bounds what is held, ``trading`` what is done to get there, ``risk_caps`` what may be
lost; ``from_data`` reads all of them. An asset for which no box gives a low is held long,
and without a net the weights sum to one.
"""

from riskplatform.optimisation.constraints.contract import Constraint, draft_of, named_twice
from riskplatform.optimisation.constraints.from_data import KINDS, constraints_from_data
from riskplatform.optimisation.constraints.risk_caps import (
    ShortfallCap,
    StressLossCap,
    TrackingError,
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
    "Exposure",
    "Gross",
    "Group",
    "Holdings",
    "Leverage",
    "Net",
    "Participation",
    "Restricted",
    "ShortfallCap",
    "StressLossCap",
    "TrackingError",
    "Turnover",
    "VolatilityCap",
    "constraints_from_data",
    "draft_of",
    "named_twice",
]
