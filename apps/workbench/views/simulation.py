"""What the book gains in scenarios: build them, see the distribution and the worst."""

import streamlit as st

from riskplatform.ui import (
    cards,
    simulation,
    simulation_build,
    simulation_data,
    simulation_gains,
    simulation_groups,
    simulation_lists,
    simulation_remarks,
)
from riskplatform.ui.first_steps import first_steps, is_empty
from riskplatform.ui.frame import current_page
from riskplatform.ui.problems import guarded

page = current_page()
if page.question is None or is_empty(page.version):
    cards.heading("First steps", "this desk has nothing to simulate yet")
    first_steps(page.version)
    st.stop()

question, folder = page.question, page.version.folder
with guarded():
    simulation_build.build_block(question)
cube_id = None
with guarded():
    cube_id = simulation.choose_cube(question)
if cube_id is not None:
    with guarded():
        simulation.headline_strip(question, cube_id)
    with guarded():
        simulation_gains.gains_strip(question, cube_id)
    with guarded():
        simulation_gains.gains_block(question, cube_id)
    with guarded():
        simulation_groups.worst_block(question, cube_id)
    with guarded():
        simulation_groups.groups_block(question, cube_id)
    with guarded():
        simulation_remarks.missing_block(question, cube_id)
    notes, still = st.columns([1.5, 1], gap="medium")
    with notes, guarded():
        simulation_remarks.notes_block(question, cube_id)
    with still, guarded():
        simulation_remarks.still_block(question, cube_id)
with guarded():
    simulation_lists.cubes_block(folder, cube_id)
with guarded():
    simulation_lists.sets_block(folder)
if cube_id is not None:
    with guarded():
        cards.provenance_line(simulation_data.provenance(question, cube_id))
