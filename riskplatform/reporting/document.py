"""A report as data: sections of remarks, figures, tables and pictures, drawn by others.

The same document goes to the terminal, to a page of HTML and to a workbook, so that all three say
the same. A tone says how a reader should take something: good, caution, bad, or nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from riskplatform.reporting.columns import Column

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go

Tone = Literal["", "good", "caution", "bad"]


@dataclass(frozen=True, slots=True)
class Remark:
    """One sentence."""

    text: str
    tone: Tone = ""


@dataclass(frozen=True, slots=True)
class Fact:
    """A figure with its label and what has to be said of it."""

    label: str
    figure: str
    note: str = ""
    tone: Tone = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """A strip of figures."""

    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """A table; ``tones`` are those of its rows, ``most`` how many rows paper shows.

    A workbook and a page have all rows.
    """

    title: str
    frame: pd.DataFrame
    columns: tuple[Column, ...]
    note: str = ""
    tones: tuple[Tone, ...] = ()
    most: int = 12

    def tone(self, row: int) -> Tone:
        """Of one row."""
        return self.tones[row] if row < len(self.tones) else ""


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart, made when it is drawn; ``text`` stands for it where nothing can be drawn."""

    title: str
    figure: Callable[[], go.Figure]
    note: str = ""
    text: tuple[str, ...] = ()


Block = Remark | Facts | Grid | Picture


@dataclass(frozen=True, slots=True)
class Section:
    """A heading, what is to be said beside it, and its content."""

    title: str
    blocks: tuple[Block, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """A report: the most important section first; ``footer`` says where its numbers are from."""

    title: str
    subtitle: str
    sections: tuple[Section, ...]
    footer: tuple[str, ...] = ()

    def grids(self) -> Sequence[Grid]:
        """All tables, in order."""
        return [
            block
            for section in self.sections
            for block in section.blocks
            if isinstance(block, Grid)
        ]
