"""What a backtest of a node answers with: its P&L, every model's run, the scorecard, the alert."""

from __future__ import annotations

import html
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from riskplatform.domain.outcome import Coverage, Failure
from riskplatform.domain.provenance import Provenance
from riskplatform.risk.backtests.attribution import Attribution
from riskplatform.risk.backtests.histories import PnlHistory
from riskplatform.risk.backtests.ranking import Alert, ModelScore
from riskplatform.risk.backtests.rolling import RollingBacktest
from riskplatform.risk.backtests.scorecard import Scorecard
from riskplatform.risk.backtests.strip import by_year, daily_strip
from riskplatform.risk.backtests.verdict import verdict_table

MODEL_ID = "var-backtest"


@dataclass(frozen=True, eq=False, kw_only=True)
class BacktestResult:
    """``attribution`` is FRTB's, or the reason why it is not there, or None if not asked for.

    ``provenance`` covers both what is not in the P&L and what could not be run on it.
    """

    history: PnlHistory
    run: RollingBacktest
    card: Scorecard
    attribution: Attribution | Failure | None
    provenance: Provenance
    notes: tuple[str, ...] = ()

    @property
    def node(self) -> str:
        return self.history.node

    @property
    def coverage(self) -> Coverage:
        return self.provenance.coverage

    @property
    def alert(self) -> Alert | None:
        return self.card.alert

    @property
    def recommendation(self) -> str:
        return self.card.recommendation

    @property
    def champion(self) -> ModelScore | None:
        """The score of the model in use, where one was named."""
        return None if self.card.champion is None else self.card.score(self.card.champion)

    @cached_property
    def years(self) -> pd.DataFrame:
        """Exceptions by model and year, below the days and the number expected."""
        return by_year(self.run)

    def strip(self, model: str | None = None) -> pd.DataFrame:
        """Day by day what a chart needs, of a model; of the one in use, or else of the best."""
        name = model or self.card.champion or self.card.best.name
        return daily_strip(self.run, self.card.score(name))

    def tests(self, model: str | None = None) -> pd.DataFrame:
        """Every test in plain words: of one model, or of all, with a column ``model``."""
        chosen = self.card.scores if model is None else (self.card.score(model),)
        tables = [
            verdict_table([one.light, *one.verdicts]).assign(model=one.name) for one in chosen
        ]
        table = pd.concat(tables, ignore_index=True)
        return table[["model", *(name for name in table.columns if name != "model")]]

    def to_frame(self) -> pd.DataFrame:
        """The scorecard: one row per model, best first."""
        return self.card.to_frame()

    def to_dict(self) -> dict[str, Any]:
        attribution = None if self.attribution is None else self.attribution.to_dict()
        return {
            "node": self.node,
            "of": self.history.kind.value,
            "provenance": self.provenance.to_dict(),
            "notes": list(self.notes),
            "scorecard": self.card.to_dict(),
            "exceptions_by_year": self.years.to_dict("index"),
            "attribution": attribution,
        }

    def _repr_html_(self) -> str:
        title = f"Backtest of {self.node}, {self.history.kind} P&L, {self.provenance}"
        return f"<p>{html.escape(title)}</p>{self.card._repr_html_()}"
