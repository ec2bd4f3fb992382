"""Writing a scenario: sliders, a table of shocks, or the text itself, answered while typing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st
import yaml

from riskplatform.errors import RiskPlatformError
from riskplatform.reporting import numbers, stress_charts
from riskplatform.reporting.charts import CONFIG
from riskplatform.stress.result import StressResult
from riskplatform.ui import cards, stress_data
from riskplatform.ui.overview import remark
from riskplatform.ui.problems import fragment, show_problem
from riskplatform.ui.session import Question

SLIDERS: dict[str, tuple[str, int, int, str]] = {
    "Shares, %": ("equity", -60, 40, "%"),
    "Rates, bp": ("rates", -300, 300, "bp"),
    "Credit spreads, bp": ("credit", -200, 800, "bp"),
    "Volatility, points": ("volatility", -15, 60, "points"),
    "Skew, points": ("skew", -5, 10, "points"),
    "Dollar, %": ("fx", -20, 20, "%"),
    "Commodities, %": ("commodity", -60, 60, "%"),
    "Crypto, %": ("crypto", -80, 60, "%"),
}
"""What each slider moves: target, from, to, unit."""

USUAL = {"Shares, %": -10, "Rates, bp": 25}
"""Where the sliders begin."""

MOVES = {"rates": "parallel", "credit": "spread", "volatility": "level", "skew": "skew"}
TARGETS = ("equity", "rates", "credit", "volatility", "skew", "fx", "commodity", "crypto", "factor")
BY_TABLE, BY_TEXT = "Sliders and table", "Text"


@fragment
def editor_block(question: Question) -> None:
    """A scenario of one's own: what it does to the node, its file, and saving it."""
    cards.heading("Your scenario", f"answered as you change it, {remark(question)}")
    left, right = st.columns([1.15, 1], gap="medium")
    with left:
        how = st.segmented_control(
            "How", [BY_TABLE, BY_TEXT], default=BY_TABLE, key="scenario-how",
            label_visibility="collapsed",
        )  # fmt: skip
        text = _by_text() if how == BY_TEXT else _by_table()
    with right:
        try:
            _answer(question, stress_data.typed(question, text))
        except RiskPlatformError as error:
            show_problem(error)
            return
        _keep(question, text)


def _by_table() -> str:
    values = {}
    columns = st.columns(4)
    for place, (label, (_, low, high, unit)) in enumerate(SLIDERS.items()):
        with columns[place % 4]:
            step = 5 if unit == "bp" else 1
            values[label] = st.slider(
                label, low, high, USUAL.get(label, 0), step, key=f"slider-{label}"
            )
    rows = st.data_editor(
        pd.DataFrame({"of": ["equity"], "which": ["sector: Energy"], "move": ["0 %"]}),
        num_rows="dynamic", hide_index=True, key="shock-table", width="stretch",
        column_config={
            "of": st.column_config.SelectboxColumn("What", options=list(TARGETS), width=110),
            "which": st.column_config.TextColumn(
                "Which", help="all, a name, names with commas, or attributes such as "
                "sector: Energy; country: GB", width=260,
            ),
            "move": st.column_config.TextColumn(
                "Move", help="Such as -20 %, +50 bp, +5 points, -3 sigma", width=110
            ),
        },
    )  # fmt: skip
    text = text_of(values, rows.to_dict("records"))
    with st.expander("As a file"):
        st.code(text, language="yaml")
    return text


def _by_text() -> str:
    text = st.text_area(
        "Scenario file", text_of(USUAL, []), height=330, key="scenario-text",
        label_visibility="collapsed",
        help="The same words as in the files of scenarios/; `riskplatform scenario schema` writes "
        "their JSON Schema.",
    )  # fmt: skip
    return text or ""


def text_of(sliders: Mapping[str, float], rows: list[dict[Any, Any]]) -> str:
    """The file that sliders and rows stand for; what does not move is left out."""
    shocks: list[dict[str, Any]] = []
    for label, value in sliders.items():
        target, _, _, unit = SLIDERS[label]
        if value:
            # A dearer dollar is cheaper for all others.
            amount = -value if target == "fx" else value
            shocks.append(_shock(target, "all", f"{amount:+g} {unit}"))
    for row in rows:
        chosen, move = str(row.get("of") or ""), str(row.get("move") or "").strip()
        if chosen and move and move.split()[0].strip("+-") not in ("0", "None"):
            which = selection_of(str(row.get("which") or "all"))
            shocks.append(_shock(chosen, which, move))
    whole = {
        "title": "A scenario of my own",
        "kind": "hypothetical",
        "description": "Written in the workbench.",
        "shocks": shocks or [{"equity": "all", "move": "0 %"}],
    }
    return yaml.safe_dump(whole, sort_keys=False, allow_unicode=True)


def _shock(chosen: str, which: Any, move: str) -> dict[str, Any]:
    """A skew is one of the moves of volatility."""
    target = "volatility" if chosen == "skew" else chosen
    return {target: which, MOVES.get(chosen, "move"): move}


def selection_of(text: str) -> Any:
    """ "all", names with commas, or attributes as ``sector: Energy; country: GB, FR``."""
    if ":" not in text:
        names = [part.strip() for part in text.split(",") if part.strip()]
        return names[0] if len(names) == 1 else names or "all"
    found: dict[str, Any] = {}
    for part in text.split(";"):
        name, _, values = part.partition(":")
        if name.strip():
            found[name.strip()] = [each.strip() for each in values.split(",") if each.strip()]
    return found


def _answer(question: Question, found: StressResult) -> None:
    gain, currency = float(found.total()[0]), question.base_currency
    figure, unit = numbers.compact(gain, sign=True)
    st.markdown(
        f":{'red' if gain < 0 else 'green'}[**{figure} {unit} {currency}**] "
        f"({numbers.signed(gain)})"
    )
    parts = pd.Series(found.by_group[:, 0], index=list(found.groups))
    st.plotly_chart(
        stress_charts.waterfall(parts, currency, height=280), config=CONFIG, theme=None,
        key="own-waterfall",
    )  # fmt: skip
    for note in (found.band_words(found.labels[0]), *found.scenarios[0].notes):
        if note:
            st.caption(note)


def _keep(question: Question, text: str) -> None:
    name, save, load = st.columns([1.4, 1, 1], vertical_alignment="bottom")
    with name:
        wanted = st.text_input("Save as", key="scenario-name", placeholder="rates_up_and_oil")
    with save:
        if st.button("Save", key="scenario-save", width="stretch", disabled=not wanted):
            path = question.desk.new_scenario(wanted, text)
            st.toast(f"Saved as {path.name}; it is in the library now.")
    with load:
        st.download_button(
            "Download", text, file_name=f"{wanted or 'scenario'}.yaml", mime="application/yaml",
            key="scenario-download", on_click="ignore", width="stretch",
        )  # fmt: skip
