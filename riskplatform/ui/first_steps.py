"""What to do on a desk that has nothing to show yet: the steps, and which of them are done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

import streamlit as st

from riskplatform.ui import session
from riskplatform.ui.session import Version


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do: why, and the command that does it."""

    needs: str
    title: str
    text: str
    command: str


STEPS = (
    Step("portfolios", "Name the portfolios",
         "A tree of any depth: firm, fund, book, strategy. Positions belong to its leaves.",
         "riskplatform portfolio add FIRM --title 'My firm' --level firm"),
    Step("instruments", "Bring in the instruments",
         "Terms from CSV, Excel, Parquet or IBKR Flex XML; here on the Data page under Import, or:",
         "riskplatform portfolio import instruments.csv --what instruments"),
    Step("transactions", "Bring in positions or transactions",
         "A statement of holdings opens the book; transactions move it from there.",
         "riskplatform portfolio import positions.csv"),
    Step("prices", "Bring in prices",
         "At least one mark for each instrument that is held, and rates for foreign currencies.",
         "riskplatform portfolio import prices.csv --what prices"),
)  # fmt: skip


def is_empty(version: Version) -> bool:
    """Whether there is nothing to value."""
    counts = session.counts(version)
    return not (counts["portfolios"] and counts["transactions"] and counts["prices"])


def first_steps(version: Version) -> None:
    """Draw the steps."""
    draw_steps(STEPS, session.counts(version))
    st.caption("To see a desk at work first: `riskplatform demo create demo-desk`")


def draw_steps(steps: Sequence[Step], counts: Mapping[str, int]) -> None:
    """Steps in their order; one is done when there is something of what it brings."""
    inner = "".join(_step(number, step, counts) for number, step in enumerate(steps, 1))
    st.html(f'<div class="rp-steps">{inner}</div>')


def _step(number: int, step: Step, counts: Mapping[str, int]) -> str:
    is_done = bool(counts[step.needs])
    state = "done" if is_done else "to do"
    tone = "rp-gain" if is_done else ""
    return (
        f'<div class="rp-step"><span class="number">{number}</span>'
        f'<span class="title">{escape(step.title)}</span>'
        f'<span class="state {tone}">{state}</span>'
        f'<span class="text">{escape(step.text)}</span><code>{escape(step.command)}</code></div>'
    )
