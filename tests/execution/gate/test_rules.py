"""The gate's rules as a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from riskplatform.execution.gate import GateRules, Mode, read_rules, rules_of
from riskplatform.project.strict_yaml import ContentError


def test_what_is_not_written_blocks(tmp_path: Path) -> None:
    file = tmp_path / "gate.yaml"
    file.write_text("limits: {mode: trim, soft: off}\nsession: off\nsize:\n  notional: 5000000\n")
    rules = read_rules(file)
    assert (rules.limits.mode, rules.limits.soft) == (Mode.TRIM, Mode.OFF)
    assert rules.session.mode is Mode.OFF
    assert (rules.size.mode, rules.size.notional) == (Mode.BLOCK, 5e6)
    assert rules.collar == GateRules().collar
    assert rules.collar.mode is Mode.BLOCK


def test_rules_have_a_name_of_their_own() -> None:
    assert rules_of("collar: warn").digest == rules_of("collar: {mode: warn}").digest
    assert rules_of("collar: warn").digest != GateRules().digest


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("limit: trim", 1, "there is no check 'limit'. Did you mean limits?"),
        ("fresh: warn\ncollar: trim", 2, "it cannot trim it"),
        ("size:\n  notionl: 3", 2, "Did you mean notional?"),
        ("size:\n  mode: block\n  notional: -1", 3, "give a number above 0"),
        ("size: {notional: lots}", 1, "notional is 'lots', which is not a number"),
        ("fresh: [1]", 1, "write a mode or a mapping"),
        ("limits: {soft: trim}", 1, "soft cannot trim"),
        ("collar: blok", 1, "Accepted: block, trim, warn, off."),
    ],
)
def test_what_is_wrong_is_said_by_file_and_line(text: str, line: int, words: str) -> None:
    with pytest.raises(ContentError) as raised:
        rules_of(text)
    assert str(raised.value).startswith(f"gate.yaml:{line}: ")
    assert words in str(raised.value)
