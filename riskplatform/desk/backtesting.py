"""The backtest of a node: its P&L, every model on it, the scorecard, the alert."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import pandas as pd

from riskplatform.desk.book_state import ledger_input
from riskplatform.desk.pnl_histories import actual, history_book, hypothetical, risk_theoretical
from riskplatform.desk.var_models import VarModel, champion_of, chosen, one_named, var_models
from riskplatform.domain.outcome import Coverage, Failure, FailureReason
from riskplatform.domain.provenance import Provenance
from riskplatform.errors import (
    MissingDataError,
    RiskPlatformError,
    UnknownNameError,
    UserInputError,
)
from riskplatform.project.champions import read_champions
from riskplatform.risk.backtests.attribution import FRTB_DAYS, Attribution, pnl_attribution
from riskplatform.risk.backtests.histories import PnlHistory, PnlKind
from riskplatform.risk.backtests.inputs import tail_of
from riskplatform.risk.backtests.multi_day import SQUARE_ROOT
from riskplatform.risk.backtests.ranking import Alert
from riskplatform.risk.backtests.recipes import with_window
from riskplatform.risk.backtests.result import MODEL_ID, BacktestResult
from riskplatform.risk.backtests.rolling import rolling_backtest
from riskplatform.risk.backtests.scorecard import scorecard
from riskplatform.risk.book import RiskBook

if TYPE_CHECKING:
    from riskplatform.desk.desk import Desk

KINDS = (PnlKind.HYPOTHETICAL, PnlKind.ACTUAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked of every node alike."""

    confidence: float = 0.99
    window_days: int | None = None
    horizon_days: int = 1
    of: str = PnlKind.HYPOTHETICAL
    models: tuple[str, ...] | None = None
    champion: str | None = None
    days: int | None = None
    with_attribution: bool = True

    def __post_init__(self) -> None:
        tail_of(self.confidence)
        if self.of not in KINDS:
            raise UnknownNameError("kind of P&L to backtest", self.of, KINDS)
        if self.horizon_days < 1:
            raise UserInputError(f"A horizon is 1 day or more; found {self.horizon_days}.")
        if self.days is not None and self.days < 1:
            raise UserInputError(f"A history is 1 day or more; found {self.days}.")


@dataclass(frozen=True, slots=True)
class NodeAlert:
    """The alert of a node whose model in use is red."""

    node: str
    alert: Alert

    def to_dict(self) -> dict[str, Any]:
        return {"node": self.node, **self.alert.to_dict()}


@dataclass(frozen=True, slots=True, kw_only=True)
class BacktestAlerts:
    """``alerts`` of the nodes in ``nodes``; those that could not be backtested are in coverage."""

    alerts: tuple[NodeAlert, ...]
    nodes: tuple[str, ...]
    provenance: Provenance

    @property
    def coverage(self) -> Coverage:
        return self.provenance.coverage

    def to_frame(self) -> pd.DataFrame:
        """node, champion, challenger, red_since, message."""
        columns = ["node", "champion", "challenger", "red_since", "message"]
        return pd.DataFrame([one.to_dict() for one in self.alerts], columns=columns)

    def to_dict(self) -> dict[str, Any]:
        return {
            "provenance": self.provenance.to_dict(),
            "nodes": list(self.nodes),
            "alerts": [one.to_dict() for one in self.alerts],
        }

    def _repr_html_(self) -> str:
        if not self.alerts:
            return f"<p>No model in use is red ({len(self.nodes)} portfolios).</p>"
        return str(self.to_frame().to_html(index=False))


def pnl_history(
    desk: Desk, node: str | None, as_of: date, *, of: str, days: int | None, horizon_days: int
) -> PnlHistory:
    """One row of P&L of a node."""
    asked = Question(of=of, days=days, horizon_days=horizon_days)
    return _history(desk, node, as_of, asked, _book(desk, as_of, asked))


def backtest(desk: Desk, node: str | None, as_of: date, asked: Question) -> BacktestResult:
    """Every model on a node's P&L, judged."""
    return _backtest(desk, node, as_of, asked, _book(desk, as_of, asked))


def backtest_alerts(
    desk: Desk, as_of: date, asked: Question, nodes: Sequence[str] | None
) -> BacktestAlerts:
    """Backtests of nodes, and those of their models in use that are red.

    Without ``nodes``: the whole, what is just below it, and what has a model of its own.
    """
    names = _watched(desk) if nodes is None else tuple(nodes)
    book = _book(desk, as_of, asked)
    alerts, failures = [], []
    for node in names:
        try:
            found = _backtest(desk, node, as_of, asked, book)
        except MissingDataError as error:
            failures.append(Failure(FailureReason.MISSING_DATA, error.message, node))
        except RiskPlatformError as error:
            failures.append(Failure(FailureReason.CALCULATION_FAILED, error.message, node))
        else:
            if found.alert is not None:
                alerts.append(NodeAlert(found.node, found.alert))
    inputs = {
        "ledger": ledger_input(desk),
        "nodes": ", ".join(names),
        "asked": repr(asked),
    }
    if book is not None:
        inputs |= dict(book.inputs)
    provenance = Provenance(
        as_of=as_of,
        base_currency=desk.settings.base_currency,
        model_id="var-backtest-alerts",
        inputs=inputs,
        coverage=Coverage(len(names) - len(failures), tuple(failures)),
    )
    return BacktestAlerts(alerts=tuple(alerts), nodes=names, provenance=provenance)


def _book(desk: Desk, as_of: date, asked: Question) -> RiskBook | None:
    """Today's book over history, where the question is about it."""
    if asked.of != PnlKind.HYPOTHETICAL:
        return None
    return history_book(
        desk,
        as_of,
        days=asked.days,
        horizon_days=asked.horizon_days,
        with_exposures=asked.with_attribution and asked.horizon_days == 1,
    )


def _history(
    desk: Desk, node: str | None, as_of: date, asked: Question, book: RiskBook | None
) -> PnlHistory:
    if book is not None:
        return hypothetical(desk, book, node)
    return actual(desk, node, as_of, days=asked.days, horizon_days=asked.horizon_days)


def _backtest(
    desk: Desk, node: str | None, as_of: date, asked: Question, book: RiskBook | None
) -> BacktestResult:
    known = var_models(desk)
    in_use, said_in = _in_use(desk, node, asked, known)
    models = chosen(known, asked.models) if asked.models is not None else known
    # The model in use is judged beside the others, whatever was chosen.
    models = tuple(dict.fromkeys((*models, in_use)))
    history = _history(desk, node, as_of, asked, book).checked()
    run = rolling_backtest(
        history.pnl,
        history.dates,
        [with_window(one.model, asked.window_days) for one in models],
        confidence=asked.confidence,
        horizon_days=asked.horizon_days,
        daily=history.daily,
        base_currency=desk.settings.base_currency,
    )
    names = run.names
    card = scorecard(run, champion=in_use.name if in_use.name in names else None)
    attribution = _attribution(desk, book, node, history)
    notes = [f"In use: {in_use.model_id} ({said_in})."]
    if in_use.name not in names:
        notes.append(f"{in_use.model_id} could not be run, so that there is no light for it.")
    by_root = run.provenance.inputs["by square root of time"]
    if by_root:
        notes.append(f"By the {SQUARE_ROOT}: {by_root}. The others learn from windows.")
    provenance = Provenance(
        as_of=as_of,
        base_currency=desk.settings.base_currency,
        model_id=MODEL_ID,
        inputs={
            **history.provenance.inputs,
            **card.provenance.inputs,
            "of": asked.of,
            "node": history.node,
        },
        coverage=history.coverage + run.coverage,
    )
    return BacktestResult(
        history=history,
        run=run,
        card=card,
        attribution=attribution,
        provenance=provenance,
        notes=(*notes, *history.notes),
    )


def _in_use(
    desk: Desk, node: str | None, asked: Question, known: tuple[VarModel, ...]
) -> tuple[VarModel, str]:
    if asked.champion is not None:
        return one_named(known, asked.champion), "as asked"
    found = champion_of(desk, node)
    return found.model, found.said_in


def _attribution(
    desk: Desk, book: RiskBook | None, node: str | None, history: PnlHistory
) -> Attribution | Failure | None:
    """FRTB's test of sensitivities against full revaluation, on the last 250 days."""
    if book is None:
        message = "P&L attribution compares sensitivities with the hypothetical P&L, not the actual"
        return Failure(FailureReason.NOT_SUPPORTED, f"{message}.", history.node)
    if history.horizon_days > 1:
        message = f"P&L attribution is of single days; the horizon is {history.horizon_days} days"
        return Failure(FailureReason.NOT_SUPPORTED, f"{message}.", history.node)
    if book.facts is None:
        return None
    model = risk_theoretical(desk, book, node, history, FRTB_DAYS)
    return pnl_attribution(history.pnl[-FRTB_DAYS:], model.pnl)


def _watched(desk: Desk) -> tuple[str, ...]:
    scope = desk._scope(None)
    own = read_champions(desk.settings.desk)
    below = dict.fromkeys(scope.child_of_leaf.values())
    whole = (scope.node,) if scope.node is not None else ()
    return tuple(dict.fromkeys((*whole, *below, *own)))
