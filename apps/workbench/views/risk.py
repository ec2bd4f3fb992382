"""What the book may lose: by every method, by what makes it, in which scenarios."""

import streamlit as st

from riskplatform.ui import (
    cards,
    risk,
    risk_backtest,
    risk_data,
    risk_limits,
    risk_parts,
    risk_tail,
)
from riskplatform.ui.first_steps import first_steps, is_empty
from riskplatform.ui.frame import current_page
from riskplatform.ui.problems import guarded

page = current_page()
if page.question is None or is_empty(page.version):
    cards.heading("First steps", "this desk has nothing to measure yet")
    first_steps(page.version)
    st.stop()

question = page.question
choice = None
with guarded():
    choice = risk.choose(question)
if choice is not None:
    with guarded():
        risk.headline_strip(question, choice)
    with guarded():
        risk_limits.limits_block(question)
    with guarded():
        risk.methods_block(question, choice)
    with guarded():
        risk_parts.parts_block(question, choice)
    with guarded():
        risk_tail.tail_block(question, choice)
    with guarded():
        risk_backtest.backtest_block(question, choice)
    with guarded():
        risk.distribution_block(question, choice)
    with guarded():
        cards.provenance_line(risk_data.provenance(question, choice))
