"""Delta-gamma methods of a node: its sensitivities, and the covariance of what they are of."""

from __future__ import annotations

import numpy as np
import pandas as pd

from riskplatform.domain.outcome import Failure, FailureReason
from riskplatform.factors.covariance.shrinkage import LedoitWolf
from riskplatform.market.content import FloatArray
from riskplatform.pricing.exposures.units import PERCENT
from riskplatform.risk.delta_gamma import WAYS, delta_gamma_figures
from riskplatform.risk.figures import RiskFigures
from riskplatform.risk.sample import Question
from riskplatform.risk.taylor import TaylorMoves, taylor_parts

_STEP = 1e-6
_NOTE = "Normal moves with the covariance of the daily history; sensitivities of today."


def node_delta_gamma(
    exposures: FloatArray, columns: pd.DataFrame, history: TaylorMoves, question: Question
) -> tuple[RiskFigures | Failure, ...]:
    """Exact, by Cornish and Fisher, and normal; ``history`` are daily moves, one row per day."""
    names = tuple(f"delta_gamma_{way}" for way in WAYS)
    if history.horizon_days != 1:
        message = f"The moves span {history.horizon_days} days; a daily covariance is needed"
        return tuple(Failure(FailureReason.NOT_SUPPORTED, message, name) for name in names)
    delta, gamma, theta = sensitivities(exposures, columns, history)
    moved = (history.moves != history.moves[:1]).any(axis=0)
    used = np.flatnonzero(((delta != 0.0) | gamma.any(axis=0)) & moved)
    if not used.size:
        message = "Nothing held is sensitive to anything that moves in the history"
        return tuple(Failure(FailureReason.INVALID_DATA, message, name) for name in names)
    covariance = LedoitWolf().fit(history.moves[:, used], [str(place) for place in used])
    found = [
        delta_gamma_figures(
            delta[used], gamma[np.ix_(used, used)], covariance, question.confidence,
            horizon_days=question.horizon_days, theta=theta, way=way, level=question.level,
        )
        for way in WAYS
    ]  # fmt: skip
    return tuple(each if isinstance(each, Failure) else each.with_notes(_NOTE) for each in found)


def sensitivities(
    exposures: FloatArray, columns: pd.DataFrame, moves: TaylorMoves
) -> tuple[FloatArray, FloatArray, float]:
    """Delta and gamma matrix by column of ``moves``, and theta per day.

    Read off the Taylor gains of a small move of each number by itself, so that one table says
    what a sensitivity is of.
    """
    count = moves.moves.shape[1]
    alone = TaylorMoves(_STEP * np.eye(count), moves.places, 1)
    is_gamma = (columns["measure"] == "gamma").to_numpy()
    parts = taylor_parts(np.where(is_gamma, 0.0, exposures), columns, alone)
    theta = float(parts.pop("theta", np.zeros(1))[0])
    delta = sum(parts.values(), np.zeros(count)) / _STEP
    gamma = np.zeros((count, count))
    for place in np.flatnonzero(is_gamma & (exposures != 0.0)):
        move = alone.of_underlying(str(columns["factor_id"].iloc[place]))
        if move is not None:
            along = np.flatnonzero(move)
            slope = move[along] / _STEP
            gamma[np.ix_(along, along)] += exposures[place] / PERCENT * np.outer(slope, slope)
    return delta, gamma, theta
