"""What trades and other changes would do, before anybody does them."""

import streamlit as st

from riskplatform.ui import cards, what_if
from riskplatform.ui.first_steps import first_steps, is_empty
from riskplatform.ui.frame import current_page
from riskplatform.ui.problems import guarded

page = current_page()
if page.question is None or is_empty(page.version):
    cards.heading("First steps", "this desk has nothing to change yet")
    first_steps(page.version)
    st.stop()

question = page.question
with guarded():
    what_if.what_if_block(question)
with guarded():
    what_if.hedges_block(question)
with guarded():
    cards.provenance_line(what_if.session_of(question).ask([], question.node).provenance)
