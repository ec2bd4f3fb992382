"""Limits: what may be measured and bounded, how a state of the book stands, and what still fits."""

from __future__ import annotations

from riskplatform.domain.limits import Direction, Limit, LimitTermError
from riskplatform.risk.limits.changes import Changes, spread_up
from riskplatform.risk.limits.definition import completed, limit_from, limit_terms
from riskplatform.risk.limits.headroom_report import Headroom, HeadroomReport, Side
from riskplatform.risk.limits.largest_trades import headroom, headroom_table
from riskplatform.risk.limits.limit_book import LimitBook, judge
from riskplatform.risk.limits.measures import LIMIT_MEASURES, LimitMeasure, limit_measure
from riskplatform.risk.limits.report import Light, LimitCheck, LimitReport

__all__ = [
    "LIMIT_MEASURES",
    "Changes",
    "Direction",
    "Headroom",
    "HeadroomReport",
    "Light",
    "Limit",
    "LimitBook",
    "LimitCheck",
    "LimitMeasure",
    "LimitReport",
    "LimitTermError",
    "Side",
    "completed",
    "headroom",
    "headroom_table",
    "judge",
    "limit_from",
    "limit_measure",
    "limit_terms",
    "spread_up",
]
