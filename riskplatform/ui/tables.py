"""Tables as data: a list of columns says label, unit and format; sorting stays numeric."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd
import streamlit as st

from riskplatform.ui import numbers, theme

ROW_HEIGHT = 30
MOST_ROWS = 200
"""A page draws so many rows at most; a download has all of them."""

_FORMATS: dict[str, Callable[[Any], str]] = {
    "amount": numbers.amount,
    "amount_2": lambda value: numbers.amount(value, 2),
    "price": lambda value: numbers.amount(value, 4),
    "rate": numbers.significant,
    "signed": numbers.signed,
    "percent": numbers.percent,
    "signed_percent": numbers.signed_percent,
    "count": numbers.amount,
    "exposure": numbers.amount,
    "multiple": numbers.multiple,
    "quantity": numbers.quantity,
}
_SIGNED = ("signed", "signed_percent")


@dataclass(frozen=True, slots=True)
class Column:
    """One column: ``kind`` is text, date, moment or one of the formats of numbers."""

    name: str
    label: str
    kind: str = "text"
    help: str | None = None
    width: int | None = None
    is_hidden: bool = False
    """Shown only when a person asks for it in the table's own menu."""


def prepare(frame: pd.DataFrame, columns: Sequence[Column]) -> pd.DataFrame:
    """The chosen columns, text without gaps and days as ISO text, ready to be drawn."""
    shown = frame[[column.name for column in columns]].copy()
    for column in columns:
        values = shown[column.name]
        if column.kind == "text":
            shown[column.name] = values.astype(object).where(values.notna(), "").astype(str)
        elif column.kind == "date":
            shown[column.name] = pd.to_datetime(values).dt.strftime("%Y-%m-%d").fillna("")
        elif column.kind == "moment":
            moments = pd.to_datetime(values, utc=True)
            shown[column.name] = moments.dt.strftime("%Y-%m-%d %H:%M:%S").fillna("")
        else:
            shown[column.name] = pd.to_numeric(values, errors="coerce").astype(float)
    return shown


def styled(
    shown: pd.DataFrame, columns: Sequence[Column], row_css: Sequence[str] | None = None
) -> Any:
    """Formats, signed colours and rows that stand out, as display values beside the true ones."""
    styler: Any = shown.style
    formats = {c.name: _FORMATS[c.kind] for c in columns if c.kind in _FORMATS}
    signed = [c.name for c in columns if c.kind in _SIGNED]
    exposures = [c.name for c in columns if c.kind == "exposure"]
    styler = styler.format(formats, na_rep=numbers.UNKNOWN).map(_sign_colour, subset=signed)
    styler = styler.map(_pale_zero, subset=exposures)
    if row_css is not None:
        styler = styler.apply(lambda row: [row_css[row.name]] * len(row), axis=1)
    return styler


def table(
    frame: pd.DataFrame,
    columns: Sequence[Column],
    *,
    key: str,
    rows_shown: int = 10,
    on_row: Callable[[int], None] | None = None,
    by: Literal["single-row", "single-cell"] = "single-row",
    row_css: Sequence[str] | None = None,
) -> None:
    """Draw the first :data:`MOST_ROWS` rows; ``on_row`` is told the place of a row clicked on.

    ``by`` says whether rows have boxes to tick or are clicked on anywhere, which needs a hidden
    column; ``row_css`` is the colour and weight of each row.
    """
    shown = prepare(frame.head(MOST_ROWS), columns).reset_index(drop=True)
    options: dict[str, Any] = {}
    forgotten = next((column.name for column in columns if column.is_hidden), None)
    if on_row is not None:
        options = {"on_select": lambda: _tell(key, on_row, forgotten), "selection_mode": by}
    st.dataframe(
        styled(shown, columns, row_css),
        hide_index=True,
        row_height=ROW_HEIGHT,
        height=ROW_HEIGHT * (min(max(len(shown), 1), rows_shown) + 1) + 2,
        column_order=[column.name for column in columns if not column.is_hidden],
        column_config={c.name: _config(c) for c in columns},
        key=key,
        placeholder=numbers.UNKNOWN,
        **options,
    )


def _config(column: Column) -> Any:
    is_number = column.kind in _FORMATS
    kind: Any = st.column_config.NumberColumn if is_number else st.column_config.TextColumn
    return kind(column.label, help=column.help, width=column.width)


def _tell(key: str, on_row: Callable[[int], None], forgotten: str | None) -> None:
    """Pass a click on, and forget it: the same row must be clickable when one comes back.

    The browser follows a selection that the server sets only when it differs from the one set
    before. One in a hidden column is none to the eye, and its row makes it a new one every time.
    """
    chosen = st.session_state[key].selection
    if chosen.rows:
        on_row(chosen.rows[0])
    elif chosen.cells:
        on_row(chosen.cells[0][0])
        clicks = st.session_state.get(f"{key}-clicks", 0) + 1
        st.session_state[f"{key}-clicks"] = clicks
        st.session_state[key] = {"selection": {"cells": [(clicks % 2, forgotten)]}}


def _pale_zero(value: float) -> str:
    """What is not there recedes, so that what is there is seen."""
    return "" if abs(value) >= 0.5 else f"color: {theme.FAINT}"


def _sign_colour(value: float) -> str:
    if value < 0:
        return f"color: {theme.LOSS}"
    return f"color: {theme.GAIN}" if value > 0 else ""
