"""A desk's content as a whole: one finding per thing that is wrong, with file and line."""

from pathlib import Path

import pytest

from riskplatform.errors import UserInputError
from riskplatform.project.models import read_model
from riskplatform.project.template import write_desk_folder
from riskplatform.project.validate import validate


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    folder = tmp_path / "desk"
    write_desk_folder(folder, name='The "first" desk', base_currency="EUR")
    return folder


def test_a_new_desk_has_no_findings(desk: Path) -> None:
    assert validate(desk) == []
    assert read_model(desk / "models" / "marks").status == "approved"


def test_a_folder_in_use_is_left_alone(desk: Path) -> None:
    before = sorted(desk.rglob("*"))
    with pytest.raises(UserInputError, match="is not empty"):
        write_desk_folder(desk, name="other", base_currency="USD")
    assert sorted(desk.rglob("*")) == before


def test_a_mistyped_key_is_named_with_its_line_and_the_right_word(desk: Path) -> None:
    file = desk / "models" / "marks" / "model.yaml"
    file.write_text(file.read_text().replace("owner:", "ovner:"))
    (finding,) = validate(desk)
    assert (finding.severity, finding.file, finding.line) == ("error", "models/marks/model.yaml", 3)
    assert "'ovner'" in finding.message
    assert "owner" in finding.message.split("mean")[1]


def test_every_broken_file_is_found_in_one_pass(desk: Path) -> None:
    (desk / "models" / "empty").mkdir()
    (desk / "pyproject.toml").write_text("[tool.riskplatform]\nbase_curency = 'USD'\n")
    (desk / "scenarios" / "mine.yaml").write_text("title: mine\n")
    found = {(finding.severity, finding.file) for finding in validate(desk)}
    assert found == {
        ("error", "models/empty/model.yaml"),
        ("error", "pyproject.toml"),
        ("error", "scenarios/mine.yaml"),
    }


def test_a_scenario_may_extend_one_that_is_shipped_and_is_checked(desk: Path) -> None:
    mine = desk / "scenarios" / "hypothetical" / "mine.yaml"
    mine.write_text("extends: equity_down_20\ntitle: mine\nparameters: {fall: -25 %}\n")
    assert validate(desk) == []
    mine.write_text("extends: equity_down_2\ntitle: mine\n")
    (finding,) = validate(desk)
    assert (finding.file, finding.line) == ("scenarios/hypothetical/mine.yaml", 1)
    assert "equity_down_20" in finding.message


def test_a_question_that_is_kept_is_checked(desk: Path) -> None:
    (desk / "queries").mkdir()
    (desk / "queries" / "mine.yaml").write_text("measures: gain\nscenaros: [crash_1987]\n")
    (finding,) = validate(desk)
    assert (finding.severity, finding.file, finding.line) == ("error", "queries/mine.yaml", 2)
    assert "Did you mean scenarios" in finding.message
