"""One document, three surfaces: nothing is lost, nothing acts, numbers stay numbers."""

from __future__ import annotations

import io
import re
from pathlib import Path

import openpyxl
import pytest
from rich.console import Console

from riskplatform.reporting.document import Document
from riskplatform.reporting.document_excel import write_workbook
from riskplatform.reporting.document_html import html_text, write_html
from riskplatform.reporting.document_terminal import render
from tests.reporting.documents import HARM, document


def terminal(width: int = 120) -> str:
    console = Console(width=width, record=True, file=io.StringIO())
    console.print(render(document()))
    return console.export_text()


def test_the_terminal_has_every_section_and_says_what_it_leaves_out() -> None:
    text = terminal()
    for part in ("Breaches", "first things first", "One limit is breached.", "−1,500", "25.0%",
                 "2024 ▁▂", "and 25 more", "as of 2026-11-27"):  # fmt: skip
        assert part in text
    assert "–" in text, "what is not known is a dash"


def test_a_page_escapes_every_text_and_loads_nothing() -> None:
    text = html_text(document())
    assert HARM not in text
    assert "&lt;script&gt;alert" in text
    own = text[: text.index("<script>")] + text[text.index("<body>") :]
    assert not re.search(r"(src|href)\s*=", own)
    assert "default-src 'none'" in text


def test_the_data_of_a_chart_cannot_end_its_script() -> None:
    text = html_text(document())
    data = re.search(r'<script type="application/json">(.*?)</script>', text, re.DOTALL)
    assert data is not None
    assert data.group(1).endswith("}")
    assert "<\\/script>" in data.group(1)


def test_a_page_without_charts_carries_no_library() -> None:
    whole = document()
    plain = Document(whole.title, whole.subtitle, whole.sections[:1], whole.footer)
    assert len(html_text(plain)) < 20_000


def test_cells_keep_the_number_that_they_show_rounded(tmp_path: Path) -> None:
    text = write_html(document(), tmp_path / "report.html").read_text(encoding="utf-8")
    assert 'data-key="-1500.5">−1,500<' in text
    assert '<td class="number" data-key="">–</td>' in text


def test_a_workbook_has_a_cover_and_one_sheet_for_each_table(tmp_path: Path) -> None:
    book = openpyxl.load_workbook(write_workbook(document(), tmp_path / "report.xlsx"))
    assert book.sheetnames == ["Report", "Lines", "lines 2"]
    lines = book["Lines"]
    assert lines["B2"].value == pytest.approx(-1500.5)
    assert lines["C2"].number_format == "0.0%"
    assert lines["A2"].value.startswith("'="), "no text acts as a formula"
    assert lines["B4"].value is None
    assert book["lines 2"].max_row == 31
    said = [cell.value for cell in book["Report"]["A"]]
    assert "One limit is breached." in said
    assert "2025 ▂▁" in said
