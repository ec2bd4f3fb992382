"""The gains of the node in the scenarios of a cube: distribution, quantiles, download."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
import streamlit as st

from riskplatform.reporting import numbers
from riskplatform.reporting.charts import CONFIG
from riskplatform.reporting.export import csv_text, write_excel
from riskplatform.ui import cards, simulation_data, simulation_figures
from riskplatform.ui import simulation_shapes as shapes
from riskplatform.ui.cards import Card
from riskplatform.ui.overview import remark
from riskplatform.ui.session import Question
from riskplatform.ui.simulation_groups import name_of

_EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def gains_block(question: Question, cube_id: str) -> None:
    """The distribution of gains, its moments, and the vector for download."""
    profits = simulation_data.profits(question, cube_id)
    gains, currency = shapes.total(profits), question.base_currency
    left, right = st.columns([4, 1], vertical_alignment="bottom")
    with left:
        cards.heading("Distribution of gains", f"{_horizon(question, cube_id)}, {remark(question)}")
    with right:
        _downloads(question, cube_id)
    found = shapes.moments(gains, profits.weights, profits.labels)
    marks = {name: found[name] for name in ("mean", "q05", "q01")}
    st.plotly_chart(
        simulation_figures.distribution(shapes.bins(gains, profits.weights), marks, currency),
        config=CONFIG, theme=None, key="gains",
    )  # fmt: skip


def gains_strip(question: Question, cube_id: str) -> None:
    """Moments and quantiles of the node's gains, said as what they are."""
    profits = simulation_data.profits(question, cube_id)
    found = shapes.moments(shapes.total(profits), profits.weights, profits.labels)
    currency = question.base_currency

    def card(label: str, name: str, note: str, tone: bool = True) -> Card:
        value = found[name]
        figure, unit = numbers.compact(value, sign=name != "standard_deviation")
        return Card(
            label, figure, f"{unit} {currency}".strip(), note,
            f"{numbers.signed(value)} {currency}", cards.tone_of(value) if tone else "",
        )  # fmt: skip

    exact = {name: numbers.amount(found[name]) for name in ("mean", "standard_deviation")}
    cards.strip(
        [
            card("Mean gain", "mean", exact["mean"]),
            card("Standard deviation", "standard_deviation", exact["standard_deviation"], False),
            card("Exceeded in 95 of 100", "q05", numbers.amount(found["q05"])),
            card("Exceeded in 99 of 100", "q01", numbers.amount(found["q01"])),
            card("Worst", "worst", f"in {found['worst_scenario']}"),
            card("Best", "best", f"in {found['best_scenario']}"),
        ]
    )


def _horizon(question: Question, cube_id: str) -> str:
    found = simulation_data.cube(question.version.folder, cube_id)
    return f"over {simulation_data.days(int(found.key['horizon_days']))}"


def _downloads(question: Question, cube_id: str) -> None:
    name = f"gains-{question.node or 'all'}-{question.as_of}-{cube_id[:8]}"
    with st.popover("Download", width="stretch"):
        for label, file, kind, make in (
            ("Gains by scenario, CSV", f"{name}.csv", "text/csv", _csv),
            ("Gains by scenario, Excel", f"{name}.xlsx", _EXCEL, workbook),
        ):
            st.download_button(
                label, partial(make, question, cube_id), file_name=file, mime=kind,
                key=f"download-{kind}", on_click="ignore", width="stretch",
            )  # fmt: skip


def _vector(question: Question, cube_id: str) -> pd.DataFrame:
    return shapes.vector(
        simulation_data.profits(question, cube_id),
        lambda key: name_of(question, "asset_class", key),
    )


def _csv(question: Question, cube_id: str) -> bytes:
    return csv_text(_vector(question, cube_id)).encode()


def workbook(question: Question, cube_id: str) -> bytes:
    """The vector, what is missing from it, and where it comes from."""
    origin = simulation_data.provenance(question, cube_id)
    about = {
        "as of": origin.as_of.isoformat(),
        "currency": origin.base_currency,
        "model": origin.model_id,
        "run": origin.run_id,
        **origin.inputs,
        "coverage": str(origin.coverage),
    }
    lacking = [failure.to_dict() for failure in origin.coverage.failures]
    sheets = {
        "about": pd.DataFrame(about.items(), columns=["name", "value"]),
        "gains": _vector(question, cube_id),
        "missing": pd.DataFrame(lacking, columns=["subject", "reason", "message"]),
    }
    with TemporaryDirectory() as folder:
        return write_excel(sheets, Path(folder) / "gains.xlsx").read_bytes()
