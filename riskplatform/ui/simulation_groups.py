"""The gains of the node apart: the worst scenarios and what drove them, groups of the book."""

from __future__ import annotations

import streamlit as st

from riskplatform.reporting import numbers
from riskplatform.reporting.columns import Column
from riskplatform.ui import cards, session, simulation_data
from riskplatform.ui import simulation_shapes as shapes
from riskplatform.ui.exposure_tree import group_name
from riskplatform.ui.overview import remark
from riskplatform.ui.problems import fragment
from riskplatform.ui.session import Question
from riskplatform.ui.tables import table

SLICES = {
    "Asset class": "asset_class", "Sector": "sector", "Currency": "currency",
    "Portfolio": "portfolio",
}  # fmt: skip


def name_of(question: Question, by: str, key: str) -> str:
    """A group's name: portfolios by theirs, all else as written or with a capital."""
    tree = session.portfolios(question.version)
    return tree.node(key).name if by == "portfolio" and key in tree else group_name(key)


def worst_block(question: Question, cube_id: str) -> None:
    """The worst scenarios, and which asset classes made them so."""
    profits = simulation_data.profits(question, cube_id)
    rows = shapes.worst(profits, lambda key: name_of(question, "asset_class", key))
    cards.heading(f"Worst {len(rows):,} scenarios", f"with asset classes, {remark(question)}")
    is_even = bool((profits.weights == profits.weights[0]).all())
    weight = [] if is_even else [
        Column("weight", "Weight", help="What the scenario counts", width=70)
    ]  # fmt: skip
    rows["weight"] = [numbers.percent(each, 4) for each in rows["weight"]]
    columns = [
        Column("scenario", "Scenario", width=82),
        *weight,
        Column("gain", f"Gain, {question.base_currency}", "signed", width=104),
        Column("lost", "Lost most", help="The asset classes that lost most", width=300),
        Column("gained", "Gained", help="The asset classes that gained most", width=262),
    ]
    table(rows, columns, key="worst", rows_shown=12)


@fragment
def groups_block(question: Question, cube_id: str) -> None:
    """Moments and quantiles of each group."""
    left, right = st.columns([1.5, 1], vertical_alignment="bottom")
    with right, st.container(horizontal=True, horizontal_alignment="right"):
        chosen = st.segmented_control(
            "By", list(SLICES), default="Asset class", key="gains-by", bind="query-params",
            label_visibility="collapsed",
        )  # fmt: skip
    by = SLICES[chosen or "Asset class"]
    profits = simulation_data.profits(question, cube_id, by)
    rows = shapes.groups(profits, lambda key: name_of(question, by, key))
    with left:
        cards.heading("Gains by group", f"{remark(question)}; quantiles and worsts do not add up")
    unit = question.base_currency
    columns = [
        Column("group", "Group", width=148),
        Column("mean", f"Mean, {unit}", "signed", width=92),
        Column("standard_deviation", f"Std deviation, {unit}", "amount", width=116),
        Column(
            "q05", "95 of 100 exceed", "signed", "The gain exceeded in 95 of 100 scenarios", 108
        ),
        Column(
            "q01", "99 of 100 exceed", "signed", "The gain exceeded in 99 of 100 scenarios", 108
        ),
        Column("worst", f"Worst, {unit}", "signed", width=98),
        Column("worst_scenario", "Worst in"),
    ]
    css = ["font-weight: 600" if place == 0 else "" for place in range(len(rows))]
    table(rows, columns, key=f"gains-{by}", rows_shown=13, row_css=css)
