"""What surrounds every page: brand, title, path through the portfolios, selectors, foot."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import streamlit as st

from riskplatform.domain.portfolio import PortfolioTree
from riskplatform.reporting import numbers
from riskplatform.ui import cards, selectors, session
from riskplatform.ui.markdown import literal
from riskplatform.ui.selectors import Accepted, Choice
from riskplatform.ui.session import Question, Version
from riskplatform.ui.style import style_sheet

_PAGE = "_page"


@dataclass(frozen=True, slots=True)
class Page:
    """What a page is drawn for. ``question`` is None while there is nothing to ask about."""

    version: Version
    choice: Choice
    question: Question | None


def draw_frame(title: str) -> Page:
    """Draw what is above a page, and return what the page is for."""
    st.html(style_sheet())
    version = session.version_now(session.desk_folder())
    desk = session.open_desk(version.folder)
    tree = session.portfolios(version)
    last_day = session.last_price_day(version)
    notices = st.container()
    left, right = st.columns([1, 1], vertical_alignment="bottom")
    with right:
        accepted = Accepted(
            selectors.portfolio_names(tree), session.currencies(version, last_day), last_day
        )
        choice = selectors.choose(accepted, notices)
    with left, st.container(gap=None):
        cards.title(title)
        if len(tree):
            _path(tree, choice.node)
    with st.sidebar:
        cards.facts([("Desk", desk.settings.name), ("Prices to", numbers.day(last_day))])
    question = None
    if choice.as_of is not None and len(tree):
        question = Question(version, choice.node, choice.as_of, choice.base_currency)
    return Page(version, choice, question)


def _path(tree: PortfolioTree, node: str | None) -> None:
    """From the firm down to the node; each step but the last goes there."""
    steps = tree.path(node) if node is not None and node in tree else ()
    with st.container(horizontal=True, gap="xsmall", key="path"):
        for step in steps[:-1]:
            st.button(
                f"{literal(tree.node(step).name)} ›", key=f"path-{step}", type="tertiary",
                on_click=partial(selectors.open_portfolio, step),
            )  # fmt: skip
        here = tree.node(steps[-1]).name if steps else "All portfolios"
        st.button(literal(here), key="path-here", type="tertiary", disabled=True)


def hand_over(page: Page) -> None:
    """Make what a page is drawn for known to its file."""
    st.session_state[_PAGE] = page


def current_page() -> Page:
    """What the page that is running is drawn for."""
    page: Page = st.session_state[_PAGE]
    return page
