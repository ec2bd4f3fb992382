"""The workbench: which pages there are, and the frame around them."""

from pathlib import Path

import streamlit as st

from riskplatform.errors import RiskPlatformError
from riskplatform.ui.frame import draw_frame, hand_over
from riskplatform.ui.problems import show_problem

HERE = Path(__file__).parent

st.set_page_config(page_title="riskplatform", layout="wide", page_icon=str(HERE / "icon.svg"))
st.logo(str(HERE / "logo.svg"), icon_image=str(HERE / "icon.svg"), size="large")
page = st.navigation(
    {
        "Book": [
            st.Page(HERE / "views" / "overview.py", title="Overview", default=True),
            st.Page(HERE / "views" / "exposures.py", title="Exposures"),
        ],
        "Risk": [
            st.Page(HERE / "views" / "risk.py", title="Risk"),
            st.Page(HERE / "views" / "what_if.py", title="What-if"),
            st.Page(HERE / "views" / "rebalance.py", title="Rebalance"),
            st.Page(HERE / "views" / "scenarios.py", title="Scenarios"),
            st.Page(HERE / "views" / "simulation.py", title="Simulation"),
        ],
        "Trading": [
            st.Page(HERE / "views" / "execution.py", title="Execution"),
        ],
        "Data": [
            st.Page(HERE / "views" / "data.py", title="Data"),
            st.Page(HERE / "views" / "jobs.py", title="Jobs"),
        ],
    }
)
try:
    hand_over(draw_frame(page.title))
except RiskPlatformError as error:
    show_problem(error)
    st.stop()
page.run()
