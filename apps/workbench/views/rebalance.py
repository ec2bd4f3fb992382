"""What should be held instead: draft, look at it from all sides, propose, decide."""

import streamlit as st

from riskplatform.ui import (
    cards,
    rebalance,
    rebalance_data,
    rebalance_editor,
    rebalance_figures,
    rebalance_records,
    rebalance_shown,
)
from riskplatform.ui.first_steps import first_steps, is_empty
from riskplatform.ui.frame import current_page
from riskplatform.ui.problems import guarded

page = current_page()
if page.question is None or is_empty(page.version):
    cards.heading("First steps", "this desk has nothing to rebalance yet")
    first_steps(page.version)
    st.stop()

question = page.question
with guarded():
    rebalance_editor.editor_block(question)
with guarded():
    rebalance_records.list_block(question)
shown = None
with guarded():
    shown = rebalance_shown.shown(question)
if shown is not None:
    with guarded():
        rebalance.headline_block(question, shown)
    with guarded():
        rebalance_records.decisions_block(question, shown)
    left, right = st.columns(2, gap="medium")
    with left, guarded():
        rebalance_figures.frontier_block(question, shown)
    with right, guarded():
        rebalance_figures.parts_block(question, shown)
    left, right = st.columns(2, gap="medium")
    with left, guarded():
        rebalance_figures.clusters_block(question, shown)
    with right, guarded():
        rebalance.reasons_block(question, shown)
    with right, guarded():
        rebalance.weights_block(question, shown)
    left, right = st.columns(2, gap="medium")
    with left, guarded():
        rebalance.numbers_block(question, shown)
    with right, guarded():
        rebalance.trades_block(question, shown)
    with guarded():
        rebalance.limits_block(question, shown)
    with guarded():
        rebalance.ground_block(question, shown)
with guarded():
    session = rebalance_data.usual_session(question)
    cards.provenance_line(session.ask([], question.node).provenance)
