"""A document as one file of HTML that needs nothing else: no network, no fonts, no scripts beside.

Charts answer to the mouse, tables sort by their headings and can be searched. Every text is
escaped, whoever wrote it, and the page forbids itself to load anything.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any

import pandas as pd

from riskplatform.reporting import palette
from riskplatform.reporting.columns import FORMATS, SIGNED, Column, prepare
from riskplatform.reporting.document import Block, Document, Fact, Facts, Grid, Picture, Remark
from riskplatform.reporting.document_assets import SCRIPT, STYLE

_POLICY = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
    "img-src data: blob:; font-src data:"
)


_COLOURS = (
    "ink", "muted", "faint", "line", "wash", "paper", "accent", "gain", "loss", "caution",
)  # fmt: skip


def html_text(document: Document) -> str:
    """The whole page."""
    body = "".join(_body(document))
    has_pictures = any(
        isinstance(block, Picture) for section in document.sections for block in section.blocks
    )
    root = "".join(f"--{name}:{getattr(palette, name.upper())};" for name in _COLOURS)
    library = f"<script>{_plotly()}</script>" if has_pictures else ""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(document.title)}</title>"
        f"<style>:root{{{root}--font:{palette.FONT}}}{STYLE}</style>{library}</head>"
        f"<body><main>{body}</main><script>{SCRIPT}</script></body></html>"
    )


def write_html(document: Document, path: Path | str) -> Path:
    """Write the page; it can be mailed as it is."""
    file = Path(path)
    file.write_text(html_text(document), encoding="utf-8", errors="replace")
    return file


def _plotly() -> str:
    from plotly.offline import get_plotlyjs

    return str(get_plotlyjs())


def _body(document: Document) -> Iterator[str]:
    yield f"<header><h1>{escape(document.title)}</h1><p>{escape(document.subtitle)}</p></header>"
    for section in document.sections:
        note = f"<span>{escape(section.note)}</span>" if section.note else ""
        yield f"<section><h2>{escape(section.title)}{note}</h2>"
        for block in section.blocks:
            yield _block(block)
        yield "</section>"
    yield "".join(f"<footer>{escape(line)}</footer>" for line in document.footer)


def _block(block: Block) -> str:
    match block:
        case Remark(text, tone):
            return f'<p class="remark {tone}">{escape(text)}</p>'
        case Facts(facts):
            return f'<div class="facts">{"".join(_fact(fact) for fact in facts)}</div>'
        case Grid():
            return _grid(block)
        case Picture():
            return _picture(block)


def _fact(fact: Fact) -> str:
    return (
        f'<div class="fact"><div class="label">{escape(fact.label)}</div>'
        f'<div class="figure {fact.tone}">{escape(fact.figure)}</div>'
        f'<div class="note">{escape(fact.note) or "&nbsp;"}</div></div>'
    )


def _grid(block: Grid) -> str:
    columns = [column for column in block.columns if not column.is_hidden]
    shown = prepare(block.frame, columns)
    head = "".join(
        f'<th class="{_align(column)}" title="{escape(column.help or "")}">'
        f"{escape(column.label)}</th>"
        for column in columns
    )
    rows = "".join(
        f'<tr class="{block.tone(place)}">'
        + "".join(_cell(value, column) for value, column in zip(row, columns, strict=True))
        + "</tr>"
        for place, row in enumerate(shown.itertuples(index=False, name=None))
    )
    note = f"<span>{escape(block.note)}</span>" if block.note else ""
    many = len(shown) > block.most
    search = '<input type="search" placeholder="Search" aria-label="Search">' if many else ""
    return (
        f'<div class="grid{" many" if many else ""}"><h3>{escape(block.title)}{note}{search}</h3>'
        f"<div><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div></div>"
    )


def _align(column: Column) -> str:
    return "number" if column.kind in FORMATS else ""


def _cell(value: Any, column: Column) -> str:
    if column.kind not in FORMATS:
        return f"<td>{escape(str(value))}</td>"
    tone = ""
    if column.kind in SIGNED and value == value and value != 0:
        tone = " gain" if value > 0 else " loss"
    key = "" if pd.isna(value) else repr(float(value))
    return f'<td class="number{tone}" data-key="{key}">{escape(FORMATS[column.kind](value))}</td>'


def _picture(block: Picture) -> str:
    note = f"<span>{escape(block.note)}</span>" if block.note else ""
    # "</" cannot end the script early, because the text of a chart may come from anyone.
    data = json.dumps(json.loads(block.figure().to_json())).replace("</", "<\\/")
    return (
        f'<div class="picture"><h3>{escape(block.title)}{note}</h3><div class="chart"></div>'
        f'<script type="application/json">{data}</script></div>'
    )
