"""The Execution page: a wish to change an order that is open, and what was answered to it."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

import streamlit as st

from riskplatform.domain.orders import OrderType
from riskplatform.errors import UserInputError
from riskplatform.execution.controls import CONTROLS, REPLACES
from riskplatform.ui.asking import ask_for, show_refused
from riskplatform.ui.markdown import literal

if TYPE_CHECKING:
    from riskplatform.desk import Desk
    from riskplatform.desk.order_tables import OrderHistory

_SAID = "execution-replace-said"


def replace_block(desk: Desk, history: OrderHistory) -> None:
    """Another total quantity, or another limit of a limit order."""
    state, name = history.state, history.state.client_order_id
    has_limit = state.order.order_type is OrderType.LIMIT
    keys = {what: f"execution-replace-{what}-{name}" for what in ("quantity", "limit", "reason")}
    with st.form(f"execution-replace-{name}", border=False, enter_to_submit=False):
        first, second, words, button = st.columns([1, 1, 3, 1], vertical_alignment="bottom")
        with first:
            st.text_input("New total", key=keys["quantity"], placeholder=f"{state.quantity:f}")
        with second:
            st.text_input(
                "New limit", key=keys["limit"], disabled=not has_limit,
                placeholder=f"{state.limit_price:f}" if state.limit_price is not None else "none",
            )  # fmt: skip
        with words:
            st.text_input("Reason to change it, for the audit trail", key=keys["reason"])
        with button:
            st.form_submit_button(
                "Replace order", key="execution-replace", width="stretch", on_click=_ask,
                args=(desk, name, keys),
            )  # fmt: skip
    show_refused(_SAID, name)
    if told := last_word(history):
        st.caption(literal(told))


def last_word(history: OrderHistory) -> str:
    """Of the last wish to replace it: that it waits, or what the engine did."""
    told = [each for each in history.events if each.stream == CONTROLS]
    wishes = [each for each in told if each.subject.startswith(f"{REPLACES}/")]
    if not wishes:
        return ""
    wish = wishes[-1]
    person, reason = wish.body["person"], wish.body["reason"]
    answers = [each for each in told if each.body.get("wish") == wish.position]
    if not answers:
        return f"{person} asked the engine to replace it: {reason}. It has not answered yet."
    answer = answers[-1].body
    return (
        f"{person} wanted it replaced: {reason}. The engine {answer['action']}: {answer['reason']}"
    )


def _ask(desk: Desk, name: str, keys: dict[str, str]) -> None:
    def act() -> None:
        desk.replace_order(
            name,
            quantity=_number("The new total", keys["quantity"]),
            limit_price=_number("The new limit", keys["limit"]),
            reason=st.session_state.get(keys["reason"]) or "",
        )

    ask_for(_SAID, name, act)


def _number(what: str, key: str) -> Decimal | None:
    text = str(st.session_state.get(key) or "").strip().replace(",", "")
    if not text:
        return None
    try:
        return Decimal(text)
    except InvalidOperation:
        raise UserInputError(f"{what} is {text!r}.", hint="Write a number, such as 1500.") from None
