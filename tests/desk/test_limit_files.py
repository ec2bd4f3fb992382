"""Limits in YAML and CSV: read, refused by file and line, written and read again."""

from __future__ import annotations

from pathlib import Path

import pytest

from riskplatform.desk import Desk
from riskplatform.desk.limit_files import limits_text, read_limits
from riskplatform.desk.limiting import MADE
from riskplatform.desk.scenarios import MAKERS
from riskplatform.domain.limits import Limit
from riskplatform.errors import UserInputError
from riskplatform.project.strict_yaml import ContentError

YAML = """\
limits:
  FUND.VAR:
    node: fund
    measure: var
    hard: 90e3
    soft: 80000
    scenarios: monte_carlo
    valid_from: 2026-01-01
    owner: A. Manager
  FIRM.DV01:
    node: firm
    measure: dv01
    gross: yes
    hard: 100
"""
CSV = """\
limit_id,node,measure,hard,soft,gross,scenarios,valid_from,owner
FUND.VAR,fund,var,90e3,80000,,monte_carlo,2026-01-01,A. Manager

FIRM.DV01,firm,dv01,100,,true,,,
"""


def written(folder: Path, name: str, text: str) -> Path:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def test_both_kinds_of_file_say_the_same(desk: Desk, tmp_path: Path) -> None:
    report = desk.set_limits(written(tmp_path, "l.yaml", YAML), reason="mandate")
    assert report.added == 2
    again = desk.set_limits(written(tmp_path, "l.csv", CSV))
    assert (again.added, again.unchanged) == (0, 2)
    dv01, var = desk.limits()
    assert (var.hard, var.soft, var.confidence, var.unit) == (90_000.0, 80_000.0, 0.99, "USD")
    assert dv01.gross is True
    assert desk.ledger.audit.entries()[-1].payload == {"reason": "mandate"}


@pytest.mark.parametrize("suffix", [".yaml", ".csv"])
def test_what_is_written_is_read_again(desk: Desk, tmp_path: Path, suffix: str) -> None:
    desk.set_limits(written(tmp_path, "l.yaml", YAML))
    file = tmp_path / f"again{suffix}"
    assert desk.export_limits(file) == 2
    assert tuple(each.limit for each in read_limits(file)) == desk.limits()
    assert desk.set_limits(file).unchanged == 2


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        (YAML.replace("soft: 80000", "soft: 95000"), 6, "beyond hard"),
        (YAML.replace("measure: var", "measure: vra"), 4, "'vra'. Did you mean var"),
        (YAML.replace("soft:", "sfot:"), 6, "no term 'sfot'. Did you mean soft"),
        (YAML.replace("node: fund", "node: fnud"), 3, "portfolio named 'fnud'. Did you mean fund"),
        (YAML.replace("monte_carlo", "montecarlo"), 7, "Did you mean monte_carlo"),
        (YAML.replace("90e3", "lots"), 5, "not a number"),
        (YAML.replace("2026-01-01", "soon"), 8, "not a date"),
        (YAML.replace("    hard: 100\n", ""), 10, "the term hard is missing"),
        (YAML.replace("limits:", "limit:"), 1, "no key 'limit' in a file of limits. Did you mean"),
        (YAML.replace("    owner: A", "    confidence: 99\n    owner: A"), 9, "percentage: 0.99"),
        (YAML.replace("    owner: A", "    unit: share\n    owner: A"), 9, "money of a currency"),
        (YAML.replace("FIRM.DV01", "FUND.VAR"), 10, "given twice"),
        (YAML.replace("    node: fund", "    limit_id: X\n    node: fund"), 3, "id of a limit is"),
        ("limits: 3\n", 1, "must be a mapping"),
        ("limits:\n  X: 3\n", 2, "must be a mapping of terms"),
    ],
)
def test_yaml_names_the_line(
    desk: Desk, tmp_path: Path, text: str, line: int, message: str
) -> None:
    with pytest.raises(ContentError) as caught:
        desk.set_limits(written(tmp_path, "l.yaml", text))
    assert str(caught.value).startswith(f"{tmp_path / 'l.yaml'}:{line}: ")
    assert message in str(caught.value)
    assert desk.limits() == ()


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        (CSV.replace("soft", "sfot"), 1, "no column 'sfot' of limits. Did you mean soft"),
        (CSV.replace("firm,dv01", "frim,dv01"), 4, "Did you mean firm"),
        (CSV.replace("90e3", "9o"), 2, "not a number"),
        (CSV.replace("true,,,", "true"), 4, "has 6 cells where the header has 9"),
        (CSV.replace("FIRM.DV01", "FUND.VAR"), 4, "given twice"),
    ],
)
def test_csv_names_the_line(desk: Desk, tmp_path: Path, text: str, line: int, message: str) -> None:
    with pytest.raises(ContentError) as caught:
        desk.set_limits(written(tmp_path, "l.csv", text))
    assert str(caught.value).startswith(f"{tmp_path / 'l.csv'}:{line}: ")
    assert message in str(caught.value)


def test_other_files_are_refused(desk: Desk, tmp_path: Path) -> None:
    with pytest.raises(UserInputError, match=r"cannot be read from l\.txt"):
        desk.set_limits(tmp_path / "l.txt")
    with pytest.raises(ContentError, match="cannot be read"):
        desk.set_limits(tmp_path / "absent.csv")
    file = tmp_path / "latin.csv"
    file.write_bytes("limit_id\nÄ\n".encode("latin-1"))
    with pytest.raises(ContentError, match="not UTF-8"):
        desk.set_limits(file)
    with pytest.raises(UserInputError, match=r"Accepted: \.yaml"):
        limits_text([], ".txt")


def test_a_list_is_checked_like_a_file(desk: Desk) -> None:
    good = Limit(limit_id="A", node="firm", measure="leverage", hard=2.0)
    with pytest.raises(UserInputError, match=r"Limit B: .*Did you mean firm"):
        desk.set_limits([good, Limit(limit_id="B", node="frm", measure="var", hard=1.0)])
    assert desk.limits() == ()
    assert desk.set_limits([good]).added == 1


def test_the_makers_of_scenarios_are_all_known() -> None:
    assert {maker.maker for maker in MAKERS} == set(MADE)
