"""The charts of the Exposures page: ladders by tenor, and bars by currency, factor, underlying."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from riskplatform.pricing.exposures.measures import MEASURES
from riskplatform.reporting.bars import bars
from riskplatform.reporting.charts import CONFIG
from riskplatform.reporting.exposure_tables import by_factor, ladder_grid
from riskplatform.ui import cards, exposure_figures, session
from riskplatform.ui.exposure_tree import group_name
from riskplatform.ui.problems import fragment
from riskplatform.ui.session import Question

RATES = {"Zero rates": "dv01", "Par rates": "dv01_par"}
RATES_BY = {"Curve": "factor_id", "Asset class": "asset_class", "Currency": "currency"}
CREDIT_BY = {"Rating": "rating", "Sector": "sector", "Issuer": "factor_id"}
FAMILIES = {"Style": "STY", "Sector": "SEC", "Country": "CTY", "Currency": "FX"}
"""Families of factors, by the first part of their ids."""


@fragment
def rates_block(question: Question) -> None:
    """Key-rate DV01: against zero rates or against par rates."""
    left, right = st.columns([1.1, 1.5], vertical_alignment="bottom")
    with right, st.container(horizontal=True, horizontal_alignment="right"):
        rates = _choice("Rates", list(RATES), "rates")
        by = _choice("Rates by", list(RATES_BY), "rates-by")
    measure = RATES[rates]
    with left:
        _heading("Key-rate DV01", measure, question)
    _ladder(question, measure, RATES_BY[by], "rates-chart")


@fragment
def credit_block(question: Question) -> None:
    """CS01 by tenor."""
    left, right = st.columns([1, 1.2], vertical_alignment="bottom")
    with right, st.container(horizontal=True, horizontal_alignment="right"):
        by = _choice("Credit by", list(CREDIT_BY), "credit-by")
    with left:
        _heading("CS01 by tenor", "cs01", question)
    _ladder(question, "cs01", CREDIT_BY[by], "credit-ladder")


def _ladder(question: Question, measure: str, row: str, key: str) -> None:
    found = session.exposures(question)
    rows = found.ladder(measure) if row == "factor_id" else found.ladder(measure, row)
    grid = ladder_grid(rows, row)
    if row != "factor_id":
        grid = grid.rename(index=group_name)
    figure = exposure_figures.ladder(grid, MEASURES[measure].unit(question.base_currency))
    st.plotly_chart(figure, config=CONFIG, theme=None, key=key)


def vega_block(question: Question) -> None:
    """Vega by surface and expiry."""
    _heading("Vega by surface and expiry", "vega", question)
    found = session.exposures(question)
    figure = exposure_figures.heat(
        ladder_grid(found.ladder("vega")), MEASURES["vega"].unit(question.base_currency)
    )
    st.plotly_chart(figure, config=CONFIG, theme=None, key="vega-chart")


def fx_block(question: Question) -> None:
    """FX delta by currency."""
    _heading("FX delta", "fx_delta", question)
    _bars(question, "fx_delta", by_factor(session.exposures(question).ladder("fx_delta")), "fx")


@fragment
def underlying_block(question: Question) -> None:
    """The largest underlyings by delta or gamma."""
    left, right = st.columns([1.4, 1], vertical_alignment="bottom")
    with right, st.container(horizontal=True, horizontal_alignment="right"):
        chosen = _choice("Underlyings by", ["Delta", "Gamma"], "underlyings")
    measure = chosen.lower()
    with left:
        _heading(f"{chosen} by underlying", measure, question)
    _bars(question, measure, by_factor(session.exposures(question).ladder(measure)), "underlying")


@fragment
def beta_block(question: Question) -> None:
    """Factor exposures of one family; families overlap, so nothing is summed over them."""
    found = session.exposures(question)
    sums = by_factor(found.ladder("beta"))
    if sums.empty:
        _heading("Factor exposures", "beta", question)
        st.caption("There are no factor exposures.")
        if found.no_betas is not None:
            st.text(found.no_betas.message)
        return
    there = [name for name, prefix in FAMILIES.items() if len(family(sums, prefix))]
    left, right = st.columns([1, 1.2], vertical_alignment="bottom")
    with right, st.container(horizontal=True, horizontal_alignment="right"):
        chosen = _choice("Factors", there, "factors") if there else ""
    with left:
        _heading("Factor exposures", "beta", question)
    _bars(question, "beta", family(sums, FAMILIES[chosen]) if chosen else sums, "beta-chart")


def family(sums: pd.Series, prefix: str) -> pd.Series:
    """The factors whose ids begin with ``prefix``, named by what follows."""
    names = sums.index.astype(str)
    some = sums[names.str.startswith(f"{prefix}.")]
    return some.rename(lambda name: str(name).removeprefix(f"{prefix}.").replace("_", " "))


def _bars(question: Question, measure: str, sums: pd.Series, key: str) -> None:
    figure = bars(sums, MEASURES[measure].unit(question.base_currency))
    st.plotly_chart(figure, config=CONFIG, theme=None, key=key)


def _heading(text: str, measure: str, question: Question) -> None:
    unit = MEASURES[measure].unit(question.base_currency)
    cards.heading(text, f"{unit}, as of {question.as_of}")


def _choice(label: str, options: list[str], key: str) -> str:
    """One of a few, kept in the URL; the first when nothing is chosen."""
    chosen = st.segmented_control(
        label, options, default=options[0], key=key, bind="query-params",
        label_visibility="collapsed",
    )  # fmt: skip
    return chosen or options[0]
