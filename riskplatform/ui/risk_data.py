"""What the Risk page is answered, remembered while nothing has changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from riskplatform.domain.provenance import Provenance
from riskplatform.risk.book import RiskBook, ScenarioView
from riskplatform.risk.methods import SideBySide, side_by_side
from riskplatform.risk.sample import Question as Asked
from riskplatform.risk.slices import SlicedRisk, sliced_risk
from riskplatform.ui.session import Question

if TYPE_CHECKING:
    from riskplatform.market.content import FloatArray

MODEL_ID = "cube-risk"


@dataclass(frozen=True, slots=True)
class Choice:
    """What is asked of the risk of a node: which scenarios, how sure, over how long."""

    view: str
    confidence: float
    horizon_days: float

    @property
    def asked(self) -> Asked:
        return Asked(confidence=self.confidence, horizon_days=self.horizon_days)


@st.cache_resource(show_spinner="Pricing everything that is held in every scenario", max_entries=4)
def book(question: Question) -> RiskBook:
    """The whole book of the day; the node of the question does not matter."""
    return question.desk.risk_book(question.as_of)


def book_of(question: Question) -> RiskBook:
    """The book, asked for without the node, so that all nodes share it."""
    return book(Question(question.version, None, question.as_of, question.base_currency))


def view_of(question: Question, choice: Choice) -> ScenarioView:
    return book_of(question).view(choice.view)


@st.cache_resource(show_spinner=False, max_entries=24)
def gains(question: Question, view: str) -> FloatArray:
    """What the node gains in each scenario."""
    return book_of(question).gains(question.node, view)


@st.cache_resource(show_spinner="Measuring by every method", max_entries=24)
def methods(question: Question, choice: Choice) -> SideBySide:
    """Every method that suits the scenarios."""
    sample = view_of(question, choice).sample(gains(question, choice.view))
    return side_by_side(sample, choice.asked)


@st.cache_resource(show_spinner="Taking the risk apart", max_entries=24)
def parts(question: Question, view: str, confidence: float, by: str) -> SlicedRisk:
    """By slice or by instrument, with the tail scenarios and, for slices, what each saves."""
    return sliced_risk(
        book_of(question), by, question.node, view, confidence,
        incremental=by != "instrument_id", drivers=8,
    )  # fmt: skip


def provenance(question: Question, choice: Choice) -> Provenance:
    """Where the figures on the page come from."""
    whole, chosen = book_of(question), view_of(question, choice)
    return Provenance(
        as_of=question.as_of,
        base_currency=question.base_currency,
        model_id=MODEL_ID,
        inputs={
            **whole.inputs,
            "portfolio": question.node or "all",
            "scenarios": f"{chosen.maker}, {len(chosen.labels):,}",
            "confidence": f"{choice.confidence:.4g}",
            "horizon days": f"{choice.horizon_days:g}",
        },
        coverage=whole.coverage,
    )
