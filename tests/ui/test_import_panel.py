"""What the import panel reports, good and bad."""

from __future__ import annotations

from pathlib import Path

import pytest

from riskplatform.desk import Desk
from riskplatform.ui.data_import import run_import
from tests.ui.small_desk import build

pytestmark = pytest.mark.slow

HEADER = "Account,Symbol,Currency,Quantity,Avg Price\n"


def test_a_refused_file_is_an_answer(small_desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "bad.csv"
    file.write_text(HEADER + "EQ.US,ALPHA.US,USD,many,12\n", encoding="utf-8")
    before = small_desk.ledger.last_recorded_at()
    report = run_import(small_desk, file, "positions", {})
    assert not report["taken"]
    [refusal] = report["refusals"]
    assert (refusal["line"], refusal["value"]) == (2, "many")
    assert small_desk.ledger.last_recorded_at() == before


def test_a_good_file_is_taken_once(tmp_path: Path) -> None:
    file = tmp_path / "good.csv"
    file.write_text(
        "instrument_id,date,close\nALPHA.US,2024-03-21,71.5\nBETA.US,2024-03-21,200\n",
        encoding="utf-8",
    )
    with build(tmp_path / "desk") as desk:
        first = run_import(desk, file, "prices", {})
        again = run_import(desk, file, "prices", {})
    assert first["taken"]
    assert first["hint"].startswith("2 new")
    assert again["hint"].startswith("0 new")
    assert first["refusals"] == []
