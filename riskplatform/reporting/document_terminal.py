"""A document in a terminal of any width."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from riskplatform.reporting.columns import FORMATS, SIGNED, prepare
from riskplatform.reporting.document import Block, Document, Facts, Grid, Picture, Remark, Section

_STYLES = {"": "", "good": "green", "caution": "yellow", "bad": "bold red"}


def render(document: Document) -> RenderableType:
    """The whole report."""
    head = Panel(Text(document.subtitle), title=document.title, title_align="left")
    parts = [part for section in document.sections for part in _section(section)]
    return Group(head, *parts, *(Text(line, style="dim") for line in document.footer))


def _section(section: Section) -> Iterator[RenderableType]:
    heading = Text("\n" + section.title, style="bold underline")
    if section.note:
        heading.append(f"  {section.note}", style="not bold not underline dim")
    yield heading
    for block in section.blocks:
        yield _block(block)


def _block(block: Block) -> RenderableType:
    match block:
        case Remark(text, tone):
            return Text(text, style=_STYLES[tone])
        case Facts():
            return _facts(block)
        case Grid():
            return _grid(block)
        case Picture(title, _, note, lines):
            words = [title + (f" ({note})" if note else ""), *lines] if lines else []
            return Group(*(Text(line, no_wrap=True, overflow="ellipsis") for line in words))


def _facts(block: Facts) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="dim")
    table.add_column(justify="right", style="bold")
    table.add_column(style="dim")
    for fact in block.facts:
        table.add_row(fact.label, Text(fact.figure, style=_STYLES[fact.tone]), fact.note)
    return table


def _grid(block: Grid) -> RenderableType:
    title = block.title + (f" ({block.note})" if block.note else "")
    table = Table(title=title, title_justify="left", header_style="bold", expand=False)
    columns = [column for column in block.columns if not column.is_hidden]
    for column in columns:
        table.add_column(column.label, justify="right" if column.kind in FORMATS else "left")
    shown = prepare(block.frame.head(block.most), columns)
    for place, row in enumerate(shown.itertuples(index=False, name=None)):
        cells = [
            Text(_text(value, column.kind), style=_colour(value, column.kind))
            for value, column in zip(row, columns, strict=True)
        ]
        table.add_row(*cells, style=_STYLES[block.tone(place)])
    rest = len(block.frame) - len(shown)
    if rest > 0:
        return Group(table, Text(f"and {rest:,} more", style="dim"))
    return table


def _text(value: object, kind: str) -> str:
    return FORMATS[kind](value) if kind in FORMATS else str(value)


def _colour(value: object, kind: str) -> str:
    if kind not in SIGNED or not isinstance(value, float):
        return ""
    return "red" if value < 0 else "green" if value > 0 else ""
