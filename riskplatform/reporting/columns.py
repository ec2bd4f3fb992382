"""Columns of tables as data: name, label, unit and format, the same on pages and on paper."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from riskplatform.reporting import numbers

FORMATS: dict[str, Callable[[Any], str]] = {
    "amount": numbers.amount,
    "amount_2": lambda value: numbers.amount(value, 2),
    "price": lambda value: numbers.amount(value, 4),
    "rate": numbers.significant,
    "signed": numbers.signed,
    "change": numbers.signed,
    "percent": numbers.percent,
    "signed_percent": numbers.signed_percent,
    "count": numbers.amount,
    "exposure": numbers.amount,
    "multiple": numbers.multiple,
    "quantity": numbers.quantity,
}
SIGNED = ("signed", "signed_percent")


@dataclass(frozen=True, slots=True)
class Column:
    """One column: ``kind`` is text, light, date, moment or one of the formats of numbers.

    A light is red, amber or green, or how it changes from one to another.
    """

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
        if column.kind in ("text", "light"):
            shown[column.name] = values.astype(object).where(values.notna(), "").astype(str)
        elif column.kind == "date":
            shown[column.name] = pd.to_datetime(values).dt.strftime("%Y-%m-%d").fillna("")
        elif column.kind == "moment":
            moments = pd.to_datetime(values, utc=True)
            shown[column.name] = moments.dt.strftime("%Y-%m-%d %H:%M:%S").fillna("")
        else:
            shown[column.name] = pd.to_numeric(values, errors="coerce").astype(float)
    return shown
