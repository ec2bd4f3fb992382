"""The passphrase of who decides on a page, where the desk asks for one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    from riskplatform.desk import Desk


def passphrase_field(desk: Desk, key: str) -> None:
    """A field that shows dots; nothing on a desk where nobody is registered."""
    if desk.people().active:
        st.text_input(f"Passphrase of {desk.settings.actor}", type="password", key=key)


def taken(key: str) -> str | None:
    """What was typed there, which is gone then: it proves one act, and not whoever comes next to
    the same page. Only a callback may empty a field."""
    said: str | None = st.session_state.get(key) or None
    if said is not None:
        st.session_state[key] = ""
    return said
