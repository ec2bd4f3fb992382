"""The selectors of every page: portfolio, as-of day and currency, mirrored in the URL both ways.

The URL always names all three, so that a copied link shows the same page tomorrow.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from riskplatform.domain.portfolio import PortfolioTree
from riskplatform.errors import UnknownNameError, UserInputError
from riskplatform.ui.markdown import literal

EVERYTHING = "all"
"""Stands for all portfolios on a desk that has more than one firm."""

_NAMES = ("portfolio", "as_of", "currency")
_CHOSEN = "_chosen"
_INDENT = "\N{EM SPACE}"

Value = str | date


@dataclass(frozen=True, slots=True)
class Accepted:
    """What may be chosen; the first portfolio and currency and the last day are the defaults."""

    portfolios: Mapping[str, str]
    currencies: tuple[str, ...]
    last_day: date | None

    def defaults(self) -> dict[str, Value]:
        found: dict[str, Value] = {"currency": self.currencies[0]}
        if self.portfolios:
            found["portfolio"] = next(iter(self.portfolios))
        if self.last_day is not None:
            found["as_of"] = self.last_day
        return found

    def read(self, name: str, text: str) -> Value:
        """What a URL says, checked; raises :class:`UserInputError` in words."""
        if name == "as_of":
            return self._day(text)
        known = self.portfolios if name == "portfolio" else self.currencies
        if text not in known:
            raise UnknownNameError(name, text[:60], known)
        return text

    def _day(self, text: str) -> date:
        try:
            day = date.fromisoformat(text)
        except ValueError:
            raise UserInputError(
                f"{text[:60]!r} is not a day.", hint="Write it as 2026-11-20."
            ) from None
        if self.last_day is not None and day > self.last_day:
            raise UserInputError(f"There are no prices on {day}; the last are of {self.last_day}.")
        return day


@dataclass(frozen=True, slots=True)
class Choice:
    """What the selectors say. ``node`` is None for all portfolios."""

    node: str | None
    as_of: date | None
    base_currency: str


def portfolio_names(tree: PortfolioTree) -> dict[str, str]:
    """Id to indented name, parents before children, benchmarks last."""
    roots = sorted(tree.roots, key=lambda root: tree.node(root).level == "benchmark")
    names = {
        name: _INDENT * tree.depth(name) + tree.node(name).name
        for root in roots
        for name in tree.walk(root)
    }
    firms = [root for root in roots if tree.node(root).level != "benchmark"]
    return names if len(firms) == 1 or not names else {EVERYTHING: "All portfolios", **names}


def choose(accepted: Accepted, notices: DeltaGenerator) -> Choice:
    """Draw the selectors and return what they say; ``notices`` takes what could not be followed."""
    for problem in _settle(accepted):
        notices.warning(literal(str(problem)))
    state = st.session_state
    with st.container(horizontal=True, horizontal_alignment="right", key="selectors"):
        if accepted.portfolios:
            names = accepted.portfolios
            st.selectbox(
                "Portfolio", list(names), key="portfolio", format_func=names.__getitem__, width=290
            )
        if accepted.last_day is not None:
            st.date_input(
                "As of", key="as_of", max_value=accepted.last_day, width=130, format="YYYY-MM-DD"
            )
        st.selectbox("Currency", accepted.currencies, key="currency", width=96)
    _write_url()
    node = state.get("portfolio")
    return Choice(None if node == EVERYTHING else node, state.get("as_of"), state["currency"])


def open_portfolio(portfolio_id: str) -> None:
    """Choose a portfolio from elsewhere on a page; to be called before the selectors are drawn."""
    st.session_state["portfolio"] = portfolio_id


def _settle(accepted: Accepted) -> list[UserInputError]:
    """Bring the state up to date before the widgets read it; says what could not be followed.

    A selector that the person has just moved beats the URL, which the browser has yet to change.
    A URL that differs from the state by anything else was typed, pasted or gone back to.
    """
    state = st.session_state
    before: dict[str, Value] = state.get(_CHOSEN, {})
    was_moved = any(state.get(name) != value for name, value in before.items())
    problems = []
    for name, default in accepted.defaults().items():
        asked = st.query_params.get(name)
        if asked is not None and not was_moved:
            try:
                state[name] = accepted.read(name, asked)
            except UserInputError as error:
                problems.append(error)
        if name not in state or not _is_accepted(accepted, name, state[name]):
            state[name] = default
    return problems


def _is_accepted(accepted: Accepted, name: str, value: Value | None) -> bool:
    try:
        accepted.read(name, str(value))
    except UserInputError:
        return False
    return True


def _write_url() -> None:
    state = st.session_state
    chosen = {name: state[name] for name in _NAMES if name in state}
    state[_CHOSEN] = chosen
    said = {name: str(value) for name, value in chosen.items()}
    if any(st.query_params.get(name) != value for name, value in said.items()):
        st.query_params.update(said)
