"""The group-by grid of the Exposures page: choose slices and measures, open rows, download."""

from __future__ import annotations

from functools import partial
from pathlib import Path as File
from tempfile import TemporaryDirectory

import pandas as pd
import streamlit as st

from riskplatform.pricing.exposures.book import Exposures
from riskplatform.pricing.exposures.measures import MEASURES, SHOWN, SUMMED
from riskplatform.reporting import palette
from riskplatform.reporting.columns import Column
from riskplatform.reporting.export import csv_text, write_excel
from riskplatform.ui import cards, exposure_tree, session
from riskplatform.ui.exposure_tree import Path, Tree
from riskplatform.ui.markdown import literal
from riskplatform.ui.overview import remark
from riskplatform.ui.problems import fragment
from riskplatform.ui.session import Question
from riskplatform.ui.tables import MOST_ROWS, table

SLICES = {
    "Asset class": "asset_class", "Kind": "kind", "Portfolio": "portfolio",
    "Book": "portfolio_id", "Sector": "sector", "Industry": "industry", "Country": "country",
    "Region": "region", "Currency": "currency", "Issuer": "issuer_id", "Rating": "rating",
    "Exchange": "exchange", "Instrument": "instrument_id",
}  # fmt: skip
NOTHING = "Nothing"
TITLES = {MEASURES[name].title: name for name in SUMMED}
_EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@fragment
def grid_block(question: Question) -> None:
    """Subtotals by two slices, down to the position; a click on a row opens or closes it."""
    found = session.exposures(question)
    head = st.container()
    slices, measures, order_by = _selectors()
    portfolios = session.portfolios(question.version)
    nodes = set(found.lines["portfolio"]) | set(found.lines["portfolio_id"])
    places = {node: portfolios.node(node).name for node in nodes}
    tree = exposure_tree.tree_of(found, slices, measures, places)
    key = f"opened-{'-'.join(tree.levels)}"
    opened: frozenset[Path] = st.session_state.get(key, frozenset())
    rows = exposure_tree.visible(tree, opened, order_by)
    with head:
        _head(question, found, tree, len(rows))
    paths = list(rows["path"])

    def open_row(place: int) -> None:
        if paths[place] is not None:
            st.session_state[key] = exposure_tree.toggled(opened, paths[place])

    table(
        rows, _columns(tree, question.base_currency), key="exposure-grid", rows_shown=24,
        on_row=open_row, by="single-cell", row_css=[_css(depth, path, opened) for depth, path in
                                  zip(rows["depth"], paths, strict=True)],
    )  # fmt: skip
    st.caption(literal("; ".join(_unit(name, question.base_currency) for name in measures)))


def _selectors() -> tuple[list[str], list[str], str]:
    """Slices, measures and the number by which rows are ordered."""
    first, second, what, order = st.columns([1, 1, 3.4, 1.1], vertical_alignment="bottom")
    with first:
        by = st.selectbox("By", list(SLICES), key="by", bind="query-params")
    with second:
        below = [NOTHING, *(name for name in SLICES if name != by)]
        then = st.selectbox("Then by", below, index=1, key="then", bind="query-params")
    with what:
        shown = [MEASURES[name].title for name in SHOWN]
        chosen = st.multiselect(
            "Measures", list(TITLES), default=shown, key="measures", bind="query-params",
            placeholder="Choose measures",
        )  # fmt: skip
    measures = [TITLES[title] for title in chosen]
    with order:
        orders = {"Value": "value", **{title: TITLES[title] for title in chosen}}
        order_by = st.selectbox("Largest first by", list(orders), key="order")
    slices = [SLICES[by], *([SLICES[then]] if then != NOTHING else [])]
    return slices, measures, orders.get(order_by, "value")


def _head(question: Question, found: Exposures, tree: Tree, count: int) -> None:
    left, right = st.columns([5, 1], vertical_alignment="bottom")
    with left:
        some = f"the first {MOST_ROWS:,} of {count:,} rows, " if count > MOST_ROWS else ""
        cards.heading(
            "By group and position", f"{some}{remark(question)}; select a row to open or close it"
        )
    name = f"exposures-{question.node or 'all'}-{question.as_of}"
    with right, st.popover("Download", width="stretch"):
        for label, file, kind, make in (
            ("Groups and subtotals, CSV", f"{name}.csv", "text/csv", partial(_grid_csv, tree)),
            ("Every number, CSV", f"{name}-long.csv", "text/csv", partial(_long_csv, found)),
            ("All of it, Excel", f"{name}.xlsx", _EXCEL, partial(workbook, found, tree)),
        ):
            st.download_button(
                label, make, file_name=file, mime=kind, key=f"download-{file}", on_click="ignore",
                width="stretch",
            )  # fmt: skip


def _grid_csv(tree: Tree) -> bytes:
    return csv_text(exposure_tree.everything(tree)).encode()


def _long_csv(found: Exposures) -> bytes:
    return csv_text(found.to_frame()).encode()


def workbook(found: Exposures, tree: Tree) -> bytes:
    """Groups, every number, what is missing, models against marks, and where it comes from."""
    origin = found.provenance
    about = {
        "as of": origin.as_of.isoformat(),
        "currency": origin.base_currency,
        "model": origin.model_id,
        "run": origin.run_id,
        **origin.inputs,
        "coverage": str(origin.coverage),
        **{name: MEASURES[name].unit(origin.base_currency) for name in MEASURES},
    }
    sheets = {
        "about": pd.DataFrame(about.items(), columns=["name", "value"]),
        "groups": exposure_tree.everything(tree),
        "numbers": found.to_frame(),
        "not covered": found.not_covered(),
        "model against mark": found.gaps(),
    }
    with TemporaryDirectory() as folder:
        return write_excel(sheets, File(folder) / "exposures.xlsx").read_bytes()


def _columns(tree: Tree, currency: str) -> list[Column]:
    measures = [
        Column(
            name, MEASURES[name].title, "exposure",
            f"{MEASURES[name].unit(currency)}. Moves: {MEASURES[name].bump}. "
            f"Found by: {MEASURES[name].method}.",
        )
        for name in tree.measures
    ]  # fmt: skip
    return [
        Column("label", "Group", width=270),
        Column("value", f"Value, {currency}", "exposure", "By marks", 108),
        *measures,
        Column("lines", "Lines", "count", "Positions", 56),
        Column(
            "model_value", f"Model value, {currency}", "exposure", "By models", 108, is_hidden=True
        ),
        Column("not_covered", "Missing", "exposure", "Lines without sensitivities", 62),
    ]


def _unit(measure: str, currency: str) -> str:
    return f"{MEASURES[measure].title}: {MEASURES[measure].unit(currency)}"


def _css(row_depth: int, path: Path | None, opened: frozenset[Path]) -> str:
    """The total stands out, and so do groups that are open."""
    if row_depth == 0 and path is None:
        return f"font-weight: 600; background-color: {palette.WASH}"
    return "font-weight: 600" if path in opened else ""
