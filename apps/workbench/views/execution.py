"""What is traded: the switch, progress against schedule, orders, fills and costs."""

import streamlit as st

from riskplatform.ui import (
    cards,
    execution,
    execution_blotter,
    execution_costs,
    execution_data,
    execution_progress,
    execution_steps,
)
from riskplatform.ui.first_steps import first_steps, is_empty
from riskplatform.ui.frame import current_page
from riskplatform.ui.problems import guarded

page = current_page()
head = st.container()
# The switch needs one small read and is there at once; the head above it reads all orders.
with guarded():
    execution.switch_block(page.version)
with head:
    execution.head_block(page.version)
with guarded():
    execution.targets_block(page.version)
question = page.question
if question is None or is_empty(page.version):
    cards.heading("First steps", "this desk has nothing to trade yet")
    first_steps(page.version)
    st.stop()
if not execution_data.trading(page.version).blotter.parents:
    with guarded():
        execution_steps.nothing_traded(page.version)
    st.stop()
with guarded():
    execution_progress.progress_block(question)
with guarded():
    execution_blotter.blotter_block(question)
with guarded():
    execution_costs.costs_block(question)
