"""Acts of people on a page: done in a callback, which runs before anything is drawn, so that a page
that is busy drawing cannot lose one. What is refused stays until something else is asked there."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from riskplatform.errors import RiskPlatformError
from riskplatform.ui.problems import show_refusal


def ask_for(place: str, subject: str, act: Callable[[], object]) -> bool:
    """Whether it was done. ``place`` is a key of the page, ``subject`` what the act is of."""
    st.session_state.pop(place, None)
    try:
        act()
    except RiskPlatformError as error:
        st.session_state[place] = (subject, error)
        return False
    return True


def show_refused(place: str, subject: str) -> None:
    """The last refusal there, if it was about this subject."""
    said: tuple[str, RiskPlatformError] | None = st.session_state.get(place)
    if said is not None and said[0] == subject:
        show_refusal(said[1])
