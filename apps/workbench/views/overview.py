"""The book at a glance: what it is worth, what it made, what it holds, what is not known."""

import streamlit as st

from riskplatform.ui import cards, holdings, overview, overview_parts, session
from riskplatform.ui.first_steps import first_steps, is_empty
from riskplatform.ui.frame import current_page
from riskplatform.ui.problems import guarded

page = current_page()
if page.question is None or is_empty(page.version):
    cards.heading("First steps", "this desk has nothing to value yet")
    first_steps(page.version)
    st.stop()

question = page.question
with guarded():
    overview.headline_strip(question)
history, allocation = st.columns([1.7, 1], gap="medium")
with history, guarded():
    overview.history_block(question)
with allocation, guarded():
    overview.allocation_block(question)
if overview_parts.has_children(question):
    children, contributors = st.columns([1.7, 1], gap="medium")
    with children, guarded():
        overview_parts.children_block(question)
else:
    contributors = st.container()
with contributors, guarded():
    overview_parts.contributors_block(question)
with guarded():
    holdings.holdings_block(question)
with guarded():
    overview.not_valued_block(question)
with guarded():
    cards.provenance_line(session.valuation(question).provenance)
