"""Schedules that cut a parent into slices, and how well they are kept."""

from __future__ import annotations

from riskplatform.execution.algos.participation import Participation, came_back, step
from riskplatform.execution.algos.plans import along, pov, shortfall, twap, vwap
from riskplatform.execution.algos.schedule import Schedule, Slice
from riskplatform.execution.algos.task import Task
from riskplatform.execution.algos.tracking import Tracking, tracking
from riskplatform.execution.algos.volume_profile import (
    VolumeProfile,
    assumed_profile,
    learnt_profile,
)

__all__ = [
    "Participation",
    "Schedule",
    "Slice",
    "Task",
    "Tracking",
    "VolumeProfile",
    "along",
    "assumed_profile",
    "came_back",
    "learnt_profile",
    "pov",
    "shortfall",
    "step",
    "tracking",
    "twap",
    "vwap",
]
