"""What the book would lose if: the library, worst first, and scenarios of one's own."""

import streamlit as st

from riskplatform.ui import cards, stress, stress_ask, stress_data, stress_editor, stress_procedure
from riskplatform.ui.first_steps import first_steps, is_empty
from riskplatform.ui.frame import current_page
from riskplatform.ui.problems import guarded

page = current_page()
if page.question is None or is_empty(page.version):
    cards.heading("First steps", "this desk has nothing to stress yet")
    first_steps(page.version)
    st.stop()

question = page.question
with guarded():
    stress.headline_strip(question)
with guarded():
    stress.library_block(question)
with guarded():
    stress_editor.editor_block(question)
with guarded():
    stress_ask.ask_block(question)
with guarded():
    stress.heat_block(question)
with guarded():
    stress_procedure.procedure_block(question)
with guarded():
    stress.broken_block(question)
with guarded():
    cards.provenance_line(stress_data.results(question).provenance)
