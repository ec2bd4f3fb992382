"""The pictures of the proposal that is open: frontier, parts of risk, and the tree of likeness."""

from __future__ import annotations

import streamlit as st

from riskplatform.reporting import cluster_charts, numbers, rebalance_charts
from riskplatform.reporting.charts import CONFIG
from riskplatform.ui import cards, rebalance_data
from riskplatform.ui.markdown import literal
from riskplatform.ui.problems import fragment
from riskplatform.ui.rebalance_pictures import FREE, GROUPS
from riskplatform.ui.rebalance_shown import Shown
from riskplatform.ui.session import Question


@fragment
def frontier_block(question: Question, open_: Shown) -> None:
    """The portfolio as it is held and as proposed, on the frontier of the universe."""
    cards.heading("Efficient frontier", f"of the lines that {open_.proposal.rule_id} allocates to")
    found = rebalance_data.frontier(question, open_.proposal)
    st.plotly_chart(
        rebalance_charts.frontier(found.curves, found.points, found.lines),
        config=CONFIG, theme=None, key="rebalance-frontier",
    )  # fmt: skip
    st.caption(literal(found.words))
    for failure in found.failures:
        st.caption(literal(failure.message))
    if found.curves and FREE not in found.curves:
        st.caption("Only the frontier within the bounds is drawn.")


@fragment
def parts_block(question: Question, open_: Shown) -> None:
    """Components of ES before and after, which sum to it."""
    proposal = open_.proposal
    left, right = st.columns([1, 2.2], vertical_alignment="bottom")
    with right, st.container(horizontal=True, horizontal_alignment="right"):
        title = st.segmented_control(
            "By", list(GROUPS), default="Sector", key="rebalance-by", label_visibility="collapsed"
        )
    with left:
        cards.heading("What makes the risk", f"ES, {proposal.base_currency}")
    found = rebalance_data.parts(question, proposal)
    table = found.by(GROUPS[title or "Sector"])
    st.plotly_chart(
        rebalance_charts.contributions(table["before"], table["after"], proposal.base_currency),
        config=CONFIG, theme=None, key="rebalance-parts",
    )  # fmt: skip
    before, after = (float(found.lines[name].sum()) for name in ("before", "after"))
    view = found.view.replace("_", " ")
    st.caption(
        f"All of {literal(proposal.node)}: together {numbers.amount(before)} before and "
        f"{numbers.amount(after)} after, ES at {numbers.percent(found.confidence, 0)}, {view} "
        "scenarios."
    )


@fragment
def clusters_block(question: Question, open_: Shown) -> None:
    """The tree above the correlations in its order."""
    cards.heading("Which lines move together", "correlations in the order of the tree")
    found = rebalance_data.clusters(question, open_.proposal)
    figure = cluster_charts.clusters(
        found.tree, found.correlation, found.names, found.groups, found.cut
    )
    st.plotly_chart(figure, config=CONFIG, theme=None, key="rebalance-clusters")
    st.caption(f"{literal(found.words)} Hover over a merge to see what it joins.")
