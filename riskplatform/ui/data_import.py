"""The Data page's import panel: upload, look at the proposed map, import, read what was refused."""

from __future__ import annotations

import hashlib
import re
import tempfile
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from riskplatform.errors import ImportRefusedError, RiskPlatformError
from riskplatform.ingest import WHATS, ColumnMap, Preview
from riskplatform.reporting.columns import Column
from riskplatform.reporting.export import csv_text
from riskplatform.ui import cards, session
from riskplatform.ui.markdown import literal
from riskplatform.ui.problems import show_problem
from riskplatform.ui.session import Version
from riskplatform.ui.tables import table

_KINDS = ["csv", "tsv", "txt", "xlsx", "xls", "parquet", "xml"]
_REPORT = "_import-report"
_NOT_READ = "(not read)"


def import_block(version: Version, as_of: date | None) -> None:
    """One file from the person's machine into the desk: all of it, or nothing."""
    cards.heading("Import a file", "CSV, Excel, Parquet or IBKR Flex XML; looked at before taken")
    left, right = st.columns([1, 3], vertical_alignment="bottom", gap="medium")
    with left:
        what = st.selectbox("What the file holds", WHATS, key="import-what", format_func=str.title)
    with right:
        upload = st.file_uploader("File", _KINDS, key="import-file", label_visibility="collapsed")
    report = st.session_state.get(_REPORT)
    if upload is None:
        st.session_state.pop(_REPORT, None)
        return
    content = upload.getvalue()
    key = hashlib.sha256(content + what.encode()).hexdigest()[:16]
    if report is not None and report["key"] == key:
        _show_report(report)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, safe_name(upload.name))
        path.write_bytes(content)
        try:
            _ask(version, path, what, key, as_of)
        except RiskPlatformError as error:
            show_problem(error)


def safe_name(name: str) -> str:
    """The file's own name without anything that could lead out of a folder."""
    plain = re.sub(r"[^\w .()-]", "_", Path(name.replace("\\", "/")).name).strip(" .")
    return plain[-120:] or "upload"


def _ask(version: Version, path: Path, what: str, key: str, as_of: date | None) -> None:
    """The preview, the map to correct, and the button."""
    desk = session.open_desk(version.folder)
    first = desk.preview(path, what)
    column_map = _edit_map(first, key)
    is_changed = dict(column_map.columns) != dict(first.column_map.columns)
    preview = desk.preview(path, what, column_map=column_map) if is_changed else first
    _show_preview(preview)
    portfolios = list(desk.portfolios().all_leaves)
    one, two, three = st.columns([2, 2, 1], vertical_alignment="bottom")
    with one:
        portfolio = st.selectbox(
            "Portfolio of rows that name none", portfolios, index=None, key="import-portfolio",
            disabled=what not in ("positions", "transactions"),
        )  # fmt: skip
    with two:
        good_rows_only = st.checkbox(
            "Take the good rows even when others are refused", key="import-good-rows"
        )
    with three:
        asked = st.button("Import", type="primary", width="stretch", key="import-go")
    if asked:
        options: dict[str, Any] = {
            "column_map": column_map,
            "default_portfolio": portfolio,
            "good_rows_only": good_rows_only,
        }
        if what == "positions" and as_of is not None:
            options["as_of"] = as_of
        st.session_state[_REPORT] = {"key": key, **run_import(desk, path, what, options)}
        st.rerun()


def run_import(desk: Any, path: Path, what: str, options: dict[str, Any]) -> dict[str, Any]:
    """Import, and what came of it as plain data; a refused file is an answer, not an error."""
    try:
        report = desk.import_file(path, what, **options)
    except ImportRefusedError as error:
        rows = [refusal.to_dict() for refusal in error.refusals]  # type: ignore[attr-defined]
        return {"taken": False, "summary": error.message, "hint": error.hint, "refusals": rows}
    batch = report.batch
    return {
        "taken": True,
        "summary": batch.summary(),
        "hint": f"{report.added:,} new, {report.unchanged:,} already there.",
        "refusals": [refusal.to_dict() for refusal in batch.refusals],
        "warnings": list(report.warnings),
    }


def _edit_map(preview: Preview, key: str) -> ColumnMap:
    """Each field of ours with the file's column that is read for it, to be corrected."""
    proposed = preview.column_map
    cards.heading(
        "Proposed columns",
        f"{preview.file}: {preview.format}, {preview.rows_read:,} rows, header in line "
        f"{preview.header_line}",
    )
    rows = pd.DataFrame(
        [
            (name, header, proposed.confidence.get(name, 1.0) * 100)
            for name, header in proposed.columns.items()
        ],
        columns=["field", "column", "confidence"],
    )
    edited = st.data_editor(
        rows, hide_index=True, key=f"map-{key}", disabled=["field", "confidence"], row_height=30,
        column_config={
            "field": st.column_config.TextColumn("Field", width=160),
            "column": st.column_config.SelectboxColumn(
                "Column of the file", options=[*preview.headers, _NOT_READ], required=True
            ),
            "confidence": st.column_config.ProgressColumn(
                "Confidence", min_value=0, max_value=100, format="%.0f%%", width=120
            ),
        },
    )  # fmt: skip
    columns = {
        str(name): str(header)
        for name, header in zip(edited["field"], edited["column"], strict=True)
        if header != _NOT_READ
    }
    if proposed.unmapped:
        st.caption("Columns that are not read: " + literal(", ".join(proposed.unmapped[:30])))
    return replace(proposed, columns=columns)


def _show_preview(preview: Preview) -> None:
    """The first rows as they would be understood, and every problem in words."""
    cards.heading("As it would be read", f"first {len(preview.rows)} rows")
    if preview.rows:
        st.dataframe(pd.DataFrame(list(preview.rows)), hide_index=True, row_height=28)
    for text in preview.problems:
        st.text(f"Problem: {text}")
    for text in preview.warnings:
        st.text(f"Note: {text}")


def _show_report(report: dict[str, Any]) -> None:
    """What came of the last import of this file."""
    with st.container(border=True, gap="small"):
        st.markdown(":green[**Imported**]" if report["taken"] else ":red[**Not imported**]")
        st.text(report["summary"])
        if report.get("hint"):
            st.text(report["hint"])
        for warning in report.get("warnings", ()):
            st.text(f"Note: {warning}")
        if report["refusals"]:
            refused = pd.DataFrame(report["refusals"])
            columns = [
                Column("line", "Line", "count", width=60),
                Column("column", "Column", width=120),
                Column("value", "Value", width=150),
                Column("reason", "Reason"),
                Column("hint", "What to do"),
            ]
            table(refused, columns, key="refusals", rows_shown=10)
            st.download_button(
                "Download refused rows", csv_text(refused).encode(), "refused.csv", "text/csv",
                on_click="ignore",
            )  # fmt: skip
