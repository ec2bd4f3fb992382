"""Keeps a page alive: a block that cannot be computed says why, and the others go on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import ParamSpec

import streamlit as st

from riskplatform.errors import RiskPlatformError
from riskplatform.ui.markdown import literal

P = ParamSpec("P")


@contextmanager
def guarded() -> Iterator[None]:
    """Show an error of ours in the place of the block; any other is a bug and is raised."""
    try:
        yield
    except RiskPlatformError as error:
        show_problem(error)


def fragment(draw: Callable[P, None]) -> Callable[P, None]:
    """A block that reruns by itself when its own widgets are used, guarded inside.

    Streamlit shows what a fragment raises before a guard around it could, hence this decorator.
    """

    @st.fragment
    @wraps(draw)
    def block(*args: P.args, **kwargs: P.kwargs) -> None:
        with guarded():
            draw(*args, **kwargs)

    return block


def show_refusal(error: RiskPlatformError) -> None:
    """What somebody asked for and did not get, in the desk's own words."""
    words = [literal(each) for each in (error.message, error.hint) if each]
    st.error("  \n".join(["**Refused**", *words]))


def show_problem(error: RiskPlatformError) -> None:
    """The message and what to do next, as plain text whatever a file or name put into it."""
    with st.container(border=True, gap=None):
        st.markdown(":red[**Not available**]")
        st.text(error.message)
        if error.hint:
            st.text(error.hint)
