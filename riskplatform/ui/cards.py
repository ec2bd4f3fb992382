"""The strip of headline figures, section headings and the provenance line, as escaped HTML."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

import streamlit as st

from riskplatform.domain.provenance import Provenance
from riskplatform.reporting import numbers


@dataclass(frozen=True, slots=True)
class Card:
    """One figure: ``unit`` stands small behind it, ``note`` below, ``help`` appears on hovering.

    ``tone`` is "", gain, loss or caution.
    """

    label: str
    figure: str
    unit: str = ""
    note: str = ""
    help: str = ""
    tone: str = ""


def tone_of(number: float | None) -> str:
    """The colour of a signed number."""
    if number is None or not numbers.is_known(number) or number == 0:
        return ""
    return "gain" if number > 0 else "loss"


def cards_html(cards: Iterable[Card]) -> str:
    """The strip. Every text is escaped, whoever wrote it."""
    return f'<div class="rp-cards">{"".join(_card(card) for card in cards)}</div>'


def _card(card: Card) -> str:
    tone = f" rp-{card.tone}" if card.tone else ""
    unit = f" <small>{escape(card.unit)}</small>" if card.unit else ""
    return (
        f'<div class="rp-card" title="{escape(card.help)}">'
        f'<div class="label">{escape(card.label)}</div>'
        f'<div class="figure{tone}">{escape(card.figure)}{unit}</div>'
        f'<div class="note" title="{escape(card.note)}">{escape(card.note) or "&nbsp;"}</div></div>'
    )


def strip(cards: Iterable[Card]) -> None:
    """Draw the strip."""
    st.html(cards_html(cards))


def heading(text: str, note: str = "") -> None:
    """A section's heading with a remark (unit, currency, as-of) in grey."""
    st.html(f'<h2 class="rp">{escape(text)}<span>{escape(note)}</span></h2>')


def title(text: str) -> None:
    """A page's title."""
    st.html(f'<h1 class="rp">{escape(text)}</h1>')


def facts(rows: Iterable[tuple[str, str]]) -> None:
    """Short facts as two columns."""
    inner = "".join(f"<dt>{escape(k)}</dt><dd>{escape(v)}</dd>" for k, v in rows)
    st.html(f'<dl class="rp-facts">{inner}</dl>')


def provenance_html(provenance: Provenance) -> str:
    """Where the numbers of a page come from."""
    parts = {
        "As of": provenance.as_of.isoformat(),
        "Currency": provenance.base_currency,
        "Model": provenance.model_id,
        "Run": provenance.run_id,
        **{name.capitalize(): value for name, value in provenance.inputs.items()},
        "Coverage": str(provenance.coverage),
    }
    inner = "".join(f"<span>{escape(k)} <b>{escape(v)}</b></span>" for k, v in parts.items())
    return f'<div class="rp-provenance">{inner}</div>'


def provenance_line(provenance: Provenance) -> None:
    """Draw the provenance at the foot of a page."""
    st.html(provenance_html(provenance))
