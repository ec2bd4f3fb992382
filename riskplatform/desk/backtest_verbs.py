"""Verbs of backtests: are the VaR models right, which is best, is the one in use red?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from riskplatform.desk.core import DeskCore

if TYPE_CHECKING:
    from riskplatform.desk.backtesting import BacktestAlerts
    from riskplatform.desk.var_models import Champion, VarModel
    from riskplatform.risk.backtests.histories import PnlHistory
    from riskplatform.risk.backtests.result import BacktestResult


class BacktestVerbs(DeskCore):
    """Whether its risk numbers have been right."""

    def backtest(
        self,
        node: str | None = None,
        as_of: date | None = None,
        *,
        confidence: float = 0.99,
        window_days: int | None = None,
        horizon_days: int = 1,
        of: str = "hypothetical",
        models: Sequence[str] | None = None,
        champion: str | None = None,
        days: int | None = None,
        with_attribution: bool = True,
    ) -> BacktestResult:
        """Models of VaR and ES on a node's P&L, rolled over history without look-ahead and judged.

        ``of``: today's book on each of the last ``days`` days (1,500 if not given), or what the
        node made (all its days). ``models`` are those of the register, all if not given, each with
        the window of its register entry unless ``window_days`` is given; ``champion`` is judged as
        the one in use, by default the registered one of the node. FRTB's attribution test takes
        sensitivities, a few seconds more.
        """
        from riskplatform.desk.backtesting import Question, backtest

        asked = Question(
            confidence=confidence,
            window_days=window_days,
            horizon_days=horizon_days,
            of=of,
            models=None if models is None else tuple(models),
            champion=champion,
            days=days,
            with_attribution=with_attribution,
        )
        return backtest(self._me, node, self.as_of(as_of), asked)

    def backtest_alerts(
        self,
        as_of: date | None = None,
        *,
        nodes: Sequence[str] | None = None,
        confidence: float = 0.99,
        of: str = "hypothetical",
        days: int | None = None,
    ) -> BacktestAlerts:
        """Where the model in use has turned red, each with the challenger that is proposed.

        Of ``nodes``; without them of the whole, what is just below it, and every portfolio with a
        model of its own.
        """
        from riskplatform.desk.backtesting import Question, backtest_alerts

        asked = Question(confidence=confidence, of=of, days=days, with_attribution=False)
        return backtest_alerts(self._me, self.as_of(as_of), asked, nodes)

    def pnl_history(
        self,
        node: str | None = None,
        as_of: date | None = None,
        *,
        of: str = "hypothetical",
        days: int | None = None,
        horizon_days: int = 1,
    ) -> PnlHistory:
        """A node's P&L by day: of today's book on past moves, or what it made, flows excluded."""
        from riskplatform.desk.backtesting import pnl_history

        day = self.as_of(as_of)
        return pnl_history(self._me, node, day, of=of, days=days, horizon_days=horizon_days)

    def var_models(self) -> tuple[VarModel, ...]:
        """The registered VaR models that are not retired."""
        from riskplatform.desk.var_models import var_models

        return var_models(self._me)

    def champion(self, node: str | None = None) -> Champion:
        """The VaR model in use for a node, and where that is said."""
        from riskplatform.desk.var_models import champion_of

        return champion_of(self._me, node)

    def record_backtest(self, found: BacktestResult) -> str:
        """Keep a backtest's summary in the lake; the run id under which it is found."""
        from riskplatform.desk.backtest_recording import record_backtest

        return record_backtest(self._me, found)
