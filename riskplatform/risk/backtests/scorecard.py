"""All tests on all models of a rolling backtest, ranked, with a recommendation and an alert."""

from __future__ import annotations

import html
import math
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from riskplatform.domain.outcome import Coverage
from riskplatform.domain.provenance import Provenance
from riskplatform.errors import MissingDataError, UnknownNameError
from riskplatform.market.content import FloatArray
from riskplatform.risk.backtests.acerbi_szekely import Tail
from riskplatform.risk.backtests.arrangements import SEED
from riskplatform.risk.backtests.confidence_set import ConfidenceSet, confidence_set
from riskplatform.risk.backtests.inputs import BoolArray
from riskplatform.risk.backtests.judging import judged
from riskplatform.risk.backtests.ranking import (
    Alert,
    ModelScore,
    alert_of,
    recommendation,
    sort_key,
)
from riskplatform.risk.backtests.rolling import ModelRun, RollingBacktest
from riskplatform.risk.backtests.scores import fissler_ziegel_scores, quantile_scores
from riskplatform.risk.backtests.tail_nulls import ParetoTail
from riskplatform.risk.backtests.traffic_light import BASEL_DAYS, light_table
from riskplatform.risk.backtests.verdict import LEVEL

MODEL_ID = "var-scorecard"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scorecard:
    """``scores`` best first; the champion is the model in use, if one was named."""

    scores: tuple[ModelScore, ...]
    confidence_set: ConfidenceSet
    recommendation: str
    champion: str | None
    alert: Alert | None
    confidence: float
    first_day: date
    last_day: date
    provenance: Provenance
    horizon_days: int = 1

    @property
    def coverage(self) -> Coverage:
        return self.provenance.coverage

    @property
    def best(self) -> ModelScore:
        return self.scores[0]

    def score(self, name: str) -> ModelScore:
        for one in self.scores:
            if one.name == name:
                return one
        raise UnknownNameError("model in this scorecard", name, [one.name for one in self.scores])

    def to_frame(self) -> pd.DataFrame:
        """One row per model, best first."""
        return pd.DataFrame([one.to_dict() for one in self.scores])

    def to_dict(self) -> dict[str, Any]:
        return {
            "provenance": self.provenance.to_dict(),
            "confidence": self.confidence,
            "horizon_days": self.horizon_days,
            "first_day": self.first_day.isoformat(),
            "last_day": self.last_day.isoformat(),
            "recommendation": self.recommendation,
            "champion": self.champion,
            "alert": None if self.alert is None else self.alert.to_dict(),
            "models": [one.to_dict() for one in self.scores],
            "verdicts": {
                one.name: [verdict.to_dict() for verdict in one.verdicts] for one in self.scores
            },
        }

    def _repr_html_(self) -> str:
        lines = [self.recommendation] + ([self.alert.message] if self.alert else [])
        text = "".join(f"<p>{html.escape(line)}</p>" for line in lines)
        return text + str(self.to_frame().to_html(index=False))


def scorecard(
    backtest: RollingBacktest,
    *,
    champion: str | None = None,
    tail: Tail | None = None,
    level: float = LEVEL,
    seed: int = SEED,
) -> Scorecard:
    """Judge every model of ``backtest``; ``champion`` is the one in use.

    ``tail`` is what the ES tests take the tail to be under their null, by default a Pareto tail
    with each day's VaR and ES.
    """
    if not backtest.runs:
        raise MissingDataError(f"No model could be backtested: {backtest.coverage}.")
    if champion is not None and champion not in backtest.names:
        raise UnknownNameError("model in this backtest", champion, backtest.names)
    tail = tail or ParetoTail()
    ticks = _quantile_table(backtest)
    joint = _joint_table(backtest)
    chosen = ticks if joint is None else joint
    # Windows that overlap remember each other for as long as they are.
    block = max(math.ceil(math.cbrt(len(chosen))), backtest.horizon_days)
    best_set = confidence_set(chosen, backtest.names, block_days=block, seed=seed)
    drafts = [
        _draft(backtest, run, tail, level, seed, float(ticks[:, place].mean()),
               None if joint is None else float(joint[:, place].mean()), best_set, place)
        for place, run in enumerate(backtest.runs)
    ]  # fmt: skip
    scores = _ranked(drafts, chosen.mean(axis=0))
    provenance = replace(
        backtest.provenance,
        model_id=MODEL_ID,
        inputs={**backtest.provenance.inputs, "tail of the null": tail.label,
                "level": f"{level:g}", "seed": str(seed), "champion": champion or "none"},
    )  # fmt: skip
    return Scorecard(
        scores=scores,
        confidence_set=best_set,
        recommendation=recommendation(scores),
        champion=champion,
        alert=None if champion is None else alert_of(champion, scores),
        confidence=backtest.confidence,
        first_day=backtest.dates[0],
        last_day=backtest.dates[-1],
        provenance=provenance,
        horizon_days=backtest.horizon_days,
    )


def red_since(
    exceptions: BoolArray,
    dates: tuple[date, ...],
    confidence: float,
    first_red: int | None = None,
) -> date | None:
    """The day on which the light of the last 250 days turned red and stayed so, if it is red."""
    days = min(BASEL_DAYS, exceptions.size)
    if first_red is None:
        first_red = light_table(days, confidence).first_red
    running = np.concatenate([[0], np.cumsum(exceptions)])
    is_red = running[days:] - running[:-days] >= first_red
    if not is_red.size or not is_red[-1]:
        return None
    calm = np.flatnonzero(~is_red)
    began = int(calm[-1]) + 1 if calm.size else 0
    return dates[days - 1 + began]


def _quantile_table(backtest: RollingBacktest) -> FloatArray:
    columns = [
        quantile_scores(backtest.pnl, run.value_at_risk, backtest.confidence)
        for run in backtest.runs
    ]
    return np.column_stack(columns)


def _joint_table(backtest: RollingBacktest) -> FloatArray | None:
    """Fissler-Ziegel scores, or None when they are not there for every model on every day."""
    if any((run.expected_shortfall <= 0.0).any() for run in backtest.runs):
        return None
    columns = [
        fissler_ziegel_scores(
            backtest.pnl, run.value_at_risk, run.expected_shortfall, backtest.confidence
        )
        for run in backtest.runs
    ]
    return np.column_stack(columns)


def _draft(
    backtest: RollingBacktest, run: ModelRun, tail: Tail, level: float, seed: int,
    tick: float, joint: float | None, best_set: ConfidenceSet, place: int,
) -> ModelScore:  # fmt: skip
    """A model's score, before its rank is known."""
    hits, confidence = run.exceptions, backtest.confidence
    found = judged(backtest, run, tail, level, seed)
    return ModelScore(
        name=run.name,
        rank=0,
        days=hits.size,
        exceptions=int(hits.sum()),
        expected=found.coverage.detail("expected"),
        light=found.light,
        coverage=found.coverage,
        conditional=found.conditional,
        dynamic=found.dynamic,
        shortfall=found.shortfall,
        verdicts=found.verdicts,
        quantile_score=tick,
        fissler_ziegel_score=joint,
        set_p_value=best_set.p_values[place],
        in_confidence_set=run.name in best_set.included,
        red_since=red_since(hits, backtest.dates, confidence, int(found.light.detail("first red"))),
    )


def _ranked(drafts: list[ModelScore], means: FloatArray) -> tuple[ModelScore, ...]:
    keys = [
        sort_key(float(mean), one.light, one.coverage, one.shortfall)
        for one, mean in zip(drafts, means, strict=True)
    ]
    order = sorted(range(len(drafts)), key=lambda place: keys[place])
    return tuple(replace(drafts[place], rank=rank) for rank, place in enumerate(order, start=1))
