"""Tables as data: a list of columns says label, unit and format; sorting stays numeric."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal

import pandas as pd
import streamlit as st

from riskplatform.reporting import numbers, palette
from riskplatform.reporting.columns import FORMATS, SIGNED, Column, prepare

ROW_HEIGHT = 30
MOST_ROWS = 200
"""A page draws so many rows at most; a download has all of them."""


def styled(
    shown: pd.DataFrame, columns: Sequence[Column], row_css: Sequence[str] | None = None
) -> Any:
    """Formats, signed colours and rows that stand out, as display values beside the true ones."""
    styler: Any = shown.style
    formats = {c.name: FORMATS[c.kind] for c in columns if c.kind in FORMATS}
    signed = [c.name for c in columns if c.kind in SIGNED]
    exposures = [c.name for c in columns if c.kind == "exposure"]
    styler = styler.format(formats, na_rep=numbers.UNKNOWN).map(_sign_colour, subset=signed)
    styler = styler.map(_pale_zero, subset=exposures)
    lights = [c.name for c in columns if c.kind == "light"]
    styler = styler.map(_light_colour, subset=lights)
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
    is_number = column.kind in FORMATS
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
    return "" if abs(value) >= 0.5 else f"color: {palette.FAINT}"


_LIGHTS = {"red": palette.LOSS, "amber": palette.CAUTION, "green": palette.GAIN}


def _light_colour(words: str) -> str:
    """Of where it stands, or goes to; what could not be measured is no green."""
    last = words.rpartition(" ")[2]
    if last == "measured":
        return f"color: {palette.CAUTION}"
    weight = "; font-weight: 600" if last == "red" else ""
    return f"color: {_LIGHTS[last]}{weight}" if last in _LIGHTS else ""


def _sign_colour(value: float) -> str:
    if value < 0:
        return f"color: {palette.LOSS}"
    return f"color: {palette.GAIN}" if value > 0 else ""
