"""The risk of the morning report, each part by the verb that answers it; what fails says why."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pandas as pd

from riskplatform.domain.outcome import Failure
from riskplatform.market.lookup import attempt
from riskplatform.reporting.morning_risk import MorningRisk
from riskplatform.risk.book import RiskBook
from riskplatform.risk.decomposition import Decomposition
from riskplatform.risk.figures import RiskFigures
from riskplatform.risk.methods import measure, side_by_side
from riskplatform.risk.sample import Question
from riskplatform.risk.slices import sliced_risk

if TYPE_CHECKING:
    from riskplatform.desk.desk import Desk

CONFIDENCE = 0.99
_HISTORICAL = "historical"


def morning_risk(desk: Desk, as_of: date, before: date, node: str | None) -> MorningRisk:
    """Of a node on a day, beside the market day before."""
    book = desk.risk_book(as_of)
    earlier = attempt(lambda: desk.risk_book(before, scenarios=(_HISTORICAL,)))
    asked = Question(confidence=CONFIDENCE)
    return MorningRisk(
        confidence=CONFIDENCE,
        currency=book.base_currency,
        figures=_figures(book, node),
        before=earlier if isinstance(earlier, Failure) else _figures(earlier, node),
        methods=tuple(
            side_by_side(view.sample(book.gains(node, view.name)), asked)
            for view in book.views.values()
        ),
        nodes=_nodes(book, earlier, node),
        parts=attempt(lambda: _parts(book, node)),
        names=dict(zip(book.instrument_ids, book.attributes["name"].astype(str), strict=True)),
        limits=attempt(lambda: desk.check_limits(as_of, node=node)),
        limits_before=attempt(lambda: desk.check_limits(before, node=node, only_built=True)),
        stress=attempt(lambda: desk.run_scenarios(None, node, as_of)),
        backtest=attempt(
            lambda: desk.backtest(node, as_of, confidence=CONFIDENCE, with_attribution=False)
        ),
    )


def _figures(book: RiskBook, node: str | None) -> RiskFigures | Failure:
    found = attempt(lambda: book.gains(node, _HISTORICAL))
    if isinstance(found, Failure):
        return found
    sample = book.view(_HISTORICAL).sample(found)
    return measure(_HISTORICAL, sample, Question(confidence=CONFIDENCE))


def _parts(book: RiskBook, node: str | None) -> Decomposition:
    found = sliced_risk(
        book, "instrument_id", node, _HISTORICAL, CONFIDENCE, incremental=False, drivers=3
    )
    return found.parts


def _nodes(book: RiskBook, earlier: RiskBook | Failure, node: str | None) -> pd.DataFrame:
    """The portfolios just below: alone, the day before, and as components of the whole."""
    found = sliced_risk(book, "portfolio", node, _HISTORICAL, CONFIDENCE, incremental=False)
    rows = found.to_frame()
    rows = rows[rows["portfolio"].isin(found.parts.items)]
    return pd.DataFrame(
        {
            "portfolio": rows["portfolio"],
            "name": [book.tree.node(name).name for name in rows["portfolio"]],
            "var": rows["var_alone"],
            "before": [_var_before(earlier, name) for name in rows["portfolio"]],
            "es": rows["es_alone"],
            "es_component": rows["es"],
            "share": rows["es_share"],
        }
    )


def _var_before(earlier: RiskBook | Failure, name: str) -> float:
    if isinstance(earlier, Failure):
        return float("nan")
    found = _figures(earlier, name)
    return float("nan") if isinstance(found, Failure) else found.var
