"""The algorithms: even in time, with the volume, at a share of it, or by cost against risk."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from riskplatform.errors import MissingDataError
from riskplatform.execution.algos.parts import trading_days
from riskplatform.execution.algos.schedule import Schedule
from riskplatform.execution.algos.task import Task, scheduled
from riskplatform.market.content import content_hash
from riskplatform.optimisation.almgren_chriss import Liquidation, Trajectory, best_trajectory
from riskplatform.optimisation.execution_costs import liquidation_of
from riskplatform.optimisation.trading_costs import CostModel, Liquidity

TWAP, VWAP, POV, SHORTFALL = "twap", "vwap", "pov", "implementation shortfall"


def twap(task: Task) -> Schedule:
    """The same in each minute of trading."""
    parts = task.parts()
    return scheduled(task, TWAP, parts, [part.length.total_seconds() for part in parts])


def vwap(task: Task) -> Schedule:
    """As the volume of a day is spread, by the profile of the task."""
    parts = task.parts()
    return scheduled(task, VWAP, parts, task.profile.volumes(parts, 1.0))


def pov(task: Task) -> Schedule:
    """The task's participation of the volume expected, until the parent is done.

    It is a forecast to plan by: while trading, :func:`step` follows the volume that there is.
    """
    parts = task.parts()
    volumes = task.volumes(parts)
    if volumes is None or not volumes.sum() > 0.0:
        raise MissingDataError(
            f"The volume of {task.instrument_id} is not known.",
            hint="A share of the volume needs the day_volume of the task.",
        )
    size = float(abs(task.quantity))
    reached = np.minimum(np.cumsum(volumes * task.participation), size)
    return scheduled(replace(task, randomness=0.0), POV, parts, np.diff(reached, prepend=0.0))


def shortfall(
    task: Task, model: CostModel, markets: Liquidity, aversion: float
) -> tuple[Schedule, Trajectory]:
    """The least expected cost plus ``aversion`` times its variance, by Almgren and Chriss.

    The costs are the optimiser's own. ``markets`` know the instrument; the aversion is per unit
    of money, and 0 trades evenly.
    """
    parts = task.parts()
    problem = liquidation_of(
        model, markets.chosen([task.instrument_id]), [float(task.quantity)],
        days=trading_days(parts), steps=len(parts),
    )  # fmt: skip
    schedule, trajectory = along(task, problem, aversion)
    costs = {"cost_model": content_hash(model)[:16], "markets": markets.content_hash()[:16]}
    return replace(schedule, inputs={**schedule.inputs, **costs}), trajectory


def along(task: Task, problem: Liquidation, aversion: float) -> tuple[Schedule, Trajectory]:
    """The best trajectory of a problem that is given, as slices.

    Its steps are equal; parts of other lengths (of another session) take what it sells in them.
    """
    parts = task.parts()
    trajectory = best_trajectory(problem, aversion)
    each = np.array([part.length / part.session.usual for part in parts])
    ends = np.concatenate([[0.0], np.cumsum(each)]) / each.sum() * problem.days
    left = np.interp(ends, trajectory.times, trajectory.holdings[:, 0])
    shares = np.abs(np.diff(left))
    schedule = scheduled(task, SHORTFALL, parts, shares)
    return replace(schedule, inputs={**schedule.inputs, "aversion": f"{aversion:g}"}), trajectory
