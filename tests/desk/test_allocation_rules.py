"""Rules and policies as files: what is wrong is said with its line, and hinders no other rule."""

from __future__ import annotations

from pathlib import Path

import pytest

from riskplatform.cli.main import Exit, run
from riskplatform.desk import Desk
from riskplatform.desk.allocation_rules import (
    allocation_rules,
    approval_policies,
    policy_named,
    rule_findings,
    rule_named,
)
from riskplatform.errors import UnknownNameError
from riskplatform.project.strict_yaml import ContentError
from riskplatform.project.template import starter

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return Desk.create(tmp_path_factory.mktemp("rules") / "desk", name="Rules")


def changed(desk: Desk, model: str, old: str, new: str) -> Path:
    file = desk.settings.desk / "models" / model / "model.yaml"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")
    return file


def line_of(file: Path, word: str) -> int:
    lines = file.read_text(encoding="utf-8").splitlines()
    return next(place for place, line in enumerate(lines, start=1) if word in line)


@pytest.fixture(autouse=True)
def as_shipped(desk: Desk) -> None:
    """Each test begins with the files of the starter."""
    for source in (starter() / "models").glob("*/model.yaml"):
        target = desk.settings.desk / "models" / source.parent.name / "model.yaml"
        target.write_text(source.read_text(encoding="utf-8"), encoding="utf-8")


def test_what_is_shipped_has_no_findings(desk: Desk) -> None:
    assert rule_findings(desk.settings.desk) == []
    assert {"hrp-allocation", "steady-allocation"} <= set(allocation_rules(desk))
    assert set(approval_policies(desk)) == {"manual-approval", "within-bounds-approval"}


@pytest.mark.parametrize(
    ("model", "old", "new", "word", "says"),
    [
        ("hrp-allocation", "linkage: single", "linkge: single", "linkge", "Did you mean linkage?"),
        ("hrp-allocation", "linkage: single", "linkage: 3", "linkage: 3", "no str"),
        ("hrp-allocation", "_recipe: hrp", "_recipe: hpr", "hpr", "Did you mean hrp?"),
        ("hrp-allocation", "  policy:", "  polcy:", "polcy", "Did you mean policy?"),
        ("steady-allocation", "kind: turnover, high", "kind: turnover, hihg", "hihg",
         "Did you mean high?"),
        ("steady-allocation", "kind: turnover", "kind: trunover", "trunover",
         "Did you mean turnover?"),
        ("steady-allocation", "high: 0.1,", "high: ten,", "ten,", "not a number"),
        ("black-litterman-allocation", "from: equilibrium", "from: equilibrum", "equilibrum",
         "Did you mean equilibrium?"),
        ("black-litterman-allocation", "views: []", "views: [{annual: 0.1, ofs: {A: 1}}]", "ofs:",
         "Did you mean of?"),
        ("within-bounds-approval", "turnover: 0.25", "turnovr: 0.25", "turnovr",
         "Did you mean turnover?"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_line(
    desk: Desk, model: str, old: str, new: str, word: str, says: str
) -> None:
    file = changed(desk, model, old, new)
    (finding,) = rule_findings(desk.settings.desk)
    assert (finding.severity, finding.file) == ("error", f"models/{model}/model.yaml")
    assert says in finding.message
    assert finding.line == line_of(file, word)


def test_a_rule_that_cannot_be_read_hinders_no_other(desk: Desk) -> None:
    changed(desk, "hrp-allocation", "linkage: single", "linkge: single")
    changed(desk, "within-bounds-approval", "turnover: 0.25", "turnovr: 0.25")
    assert rule_named(desk, "steady").rule_id == "steady-allocation"
    assert policy_named(desk, "manual").policy_id == "manual-approval"
    for ask in (rule_named, policy_named):
        with pytest.raises(ContentError, match=r"model\.yaml:\d+: .*(linkge|turnovr)"):
            ask(desk, "hrp" if ask is rule_named else "within-bounds")
        with pytest.raises(UnknownNameError):
            ask(desk, "nothing")
    with pytest.raises(ContentError, match="linkge"):
        allocation_rules(desk)


def test_validate_tells_of_rules_and_says_nothing_twice(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = str(desk.settings.desk)
    assert run(["validate", "--desk", folder]) == Exit.DONE
    changed(desk, "hrp-allocation", "linkage: single", "linkge: single")
    changed(desk, "steady-allocation", "owner:", "ovner:")
    capsys.readouterr()
    assert run(["validate", "--desk", folder, "--output", "csv"]) == Exit.ERROR
    told = capsys.readouterr().out
    assert told.count("linkge") == 1
    assert told.count("'ovner'") == 1
