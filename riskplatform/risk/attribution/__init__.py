"""Returns and where they come from.

Rates of return (:mod:`.returns`, :mod:`.rates`), Brinson-Fachler (:mod:`.brinson`), linking over
periods (:mod:`.linking`), and attributions of a node's days by group or factor (:mod:`.attribute`).
"""

from riskplatform.risk.attribution.brinson import BrinsonEffects, brinson, geometric
from riskplatform.risk.attribution.linking import Linking, compounded, linked
from riskplatform.risk.attribution.result import AttributionResult, ReturnsResult
from riskplatform.risk.attribution.returns import FlowTiming, daily_returns, money_weighted

__all__ = [
    "AttributionResult",
    "BrinsonEffects",
    "FlowTiming",
    "Linking",
    "ReturnsResult",
    "brinson",
    "compounded",
    "daily_returns",
    "geometric",
    "linked",
    "money_weighted",
]
