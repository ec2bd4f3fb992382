"""What the book is exposed to: headline sensitivities, groups down to positions, ladders."""

import streamlit as st

from riskplatform.ui import cards, exposure_grid, exposure_ladders, exposures, session
from riskplatform.ui.first_steps import first_steps, is_empty
from riskplatform.ui.frame import current_page
from riskplatform.ui.problems import guarded

page = current_page()
if page.question is None or is_empty(page.version):
    cards.heading("First steps", "this desk has nothing to price yet")
    first_steps(page.version)
    st.stop()

question = page.question
with guarded():
    exposures.headline_strip(question)
with guarded():
    exposure_grid.grid_block(question)
rates, fx = st.columns([1.7, 1], gap="medium")
with rates, guarded():
    exposure_ladders.rates_block(question)
with fx, guarded():
    exposure_ladders.fx_block(question)
vega, credit = st.columns(2, gap="medium")
with vega, guarded():
    exposure_ladders.vega_block(question)
with credit, guarded():
    exposure_ladders.credit_block(question)
underlyings, betas = st.columns(2, gap="medium")
with underlyings, guarded():
    exposure_ladders.underlying_block(question)
with betas, guarded():
    exposure_ladders.beta_block(question)
with guarded():
    exposures.not_covered_block(question)
with guarded():
    exposures.gaps_block(question)
with guarded():
    cards.provenance_line(session.exposures(question).provenance)
