"""The risk of one node in one set of scenarios: methods side by side, and the other measures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from riskplatform.domain.outcome import Failure
from riskplatform.market.content import FloatArray
from riskplatform.risk.benchmarks import AgainstIts, Benchmark, against_its
from riskplatform.risk.book import ScenarioView
from riskplatform.risk.figures import RiskFigures
from riskplatform.risk.measures import (
    Concentration,
    Drawdowns,
    concentration,
    diversification_ratio,
    drawdowns,
    maximum_loss,
    mean_pnl,
    semi_deviation,
    volatility,
)
from riskplatform.risk.methods import SideBySide, side_by_side
from riskplatform.risk.quantiles import tail_count
from riskplatform.risk.sample import Question, problem
from riskplatform.risk.standing import check_likelihood
from riskplatform.risk.state import BookState


@dataclass(frozen=True, kw_only=True)
class OtherMeasures:
    """Over the scenarios' own horizon; money of the base currency, losses positive.

    ``diversification`` is the volatility of the portfolios just below together over that of the
    node. ``drawdown`` is of a history of days, in their order; ``concentration`` of gross value by
    instrument, where values are known; ``benchmark`` where the node or one above it has one.
    """

    horizon_days: float
    mean: float
    volatility: float
    downside_deviation: float
    maximum_loss: float
    worst_scenario: str
    drawdown: Drawdowns | None = None
    diversification: float | None = None
    concentration: Concentration | None = None
    benchmark: AgainstIts | None = None

    def to_dict(self) -> dict[str, Any]:
        """Flat; what is not known is left out."""
        out: dict[str, Any] = {
            name: getattr(self, name)
            for name in ("horizon_days", "mean", "volatility", "downside_deviation",
                         "maximum_loss", "worst_scenario")
        }  # fmt: skip
        if self.drawdown is not None:
            out |= {
                "maximum_drawdown": float(self.drawdown.maximum),
                "drawdown_at_risk": float(self.drawdown.at_risk),
                "conditional_drawdown_at_risk": float(self.drawdown.conditional),
            }
        if self.diversification is not None:
            out["diversification_ratio"] = self.diversification
        if self.concentration is not None:
            out |= {
                "concentration_herfindahl": self.concentration.herfindahl,
                "effective_number_of_lines": self.concentration.effective_number,
                "largest_share_of_gross_value": self.concentration.largest_share,
            }
        return out | (self.benchmark.to_dict() if self.benchmark is not None else {})


@dataclass(frozen=True, eq=False)
class NodeRisk:
    """Of one scenario set. ``measures`` is a failure where no method can measure the P&L either."""

    node: str
    view: str
    scenario_set: str
    scenarios: int
    methods: SideBySide
    measures: OtherMeasures | Failure
    failures: tuple[Failure, ...] = ()

    def with_figures(self, *more: RiskFigures | Failure) -> NodeRisk:
        """The same with methods that need more than scenarios, after the others."""
        figures = [each for each in more if isinstance(each, RiskFigures)]
        failures = [each for each in more if isinstance(each, Failure)]
        old = self.methods
        together = replace(
            old, figures=(*old.figures, *figures), failures=(*old.failures, *failures)
        )
        return replace(self, methods=together)

    def to_frame(self) -> pd.DataFrame:
        """The methods, one row each, with the name of the scenario set before them."""
        frame = self.methods.to_frame()
        frame.insert(0, "scenario_set", self.view)
        return frame

    def to_dict(self) -> dict[str, Any]:
        known = isinstance(self.measures, OtherMeasures)
        return {
            "scenario_set": self.view,
            "scenario_set_id": self.scenario_set,
            "scenarios": self.scenarios,
            **self.methods.to_dict(),
            "measures": self.measures.to_dict() if known else None,
            "measure_failures": [
                each.to_dict()
                for each in (*([] if known else [self.measures]), *self.failures)
                if isinstance(each, Failure)
            ],
        }


def node_risk(
    state: BookState,
    node: str | None = None,
    view: str | None = None,
    question: Question | None = None,
    methods: Sequence[str] | None = None,
    *,
    benchmark: Benchmark | None = None,
) -> NodeRisk:
    """Every method that suits the scenarios, or those named, and the measures beside VaR and ES."""
    book, asked = state.book, question or Question()
    chosen = book.view(view)
    check_likelihood(chosen)
    gains = state.gains(node, chosen.name)
    sample = chosen.sample(gains)
    bad = problem(sample)
    named = book.nodes[book.row(node)]
    failures: list[Failure] = []
    measures: OtherMeasures | Failure
    if bad is not None:
        measures = replace(bad, subject=named or book.name)
    else:
        measures = _measures(state, node, chosen, gains, asked.confidence)
        if benchmark is not None:
            found = against_its(gains, state.held_by(node), chosen, benchmark)
            if isinstance(found, Failure):
                failures.append(found)
            else:
                measures = replace(measures, benchmark=found)
    return NodeRisk(
        node=named,
        view=chosen.name,
        scenario_set=chosen.scenario_set,
        scenarios=len(chosen.labels),
        methods=side_by_side(sample, asked, methods),
        measures=measures,
        failures=tuple(failures),
    )


def _measures(
    state: BookState, node: str | None, view: ScenarioView, gains: FloatArray, confidence: float
) -> OtherMeasures:
    weights = view.weights
    counted = gains if weights is None else np.where(weights > 0.0, gains, np.inf)
    enough = tail_count(gains.size, 1.0 - confidence) >= 1.0
    return OtherMeasures(
        horizon_days=float(view.horizon_days),
        mean=float(mean_pnl(gains, weights)),
        volatility=float(volatility(gains, weights)),
        downside_deviation=float(semi_deviation(gains, weights)),
        maximum_loss=float(maximum_loss(gains, weights)),
        worst_scenario=view.labels[int(np.argmin(counted))],
        drawdown=drawdowns(gains, confidence) if view.has_paths and enough else None,
        diversification=_diversification(state, node, view, gains),
        concentration=_concentration(state, node),
    )


def _diversification(
    state: BookState, node: str | None, view: ScenarioView, gains: FloatArray
) -> float | None:
    """Over the portfolios just below; of a leaf, over its positions."""
    names, _ = state.book.sliced("portfolio", node)
    here = state.book.nodes[state.book.row(node)]
    if names == (here,):
        held = state.held_by(node)
        places = np.flatnonzero(held)
        parts = np.zeros((1, 1)) if not places.size else view.each(places, held[places])
    else:
        parts = np.stack([state.gains(name, view.name) for name in names])
    whole = float(volatility(gains, view.weights))
    return diversification_ratio(volatility(parts, view.weights), whole) if whole > 0.0 else None


def _concentration(state: BookState, node: str | None) -> Concentration | None:
    """Gross value by instrument; what has no value is in none of it."""
    facts = state.book.facts
    if facts is None:
        return None
    sizes = np.abs(state.held_by(node) * facts.values)
    return concentration(sizes[np.isfinite(sizes)])
