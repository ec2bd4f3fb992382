"""A new desk's files say what holds without them, all of it."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

from riskplatform.execution.gate.rules import CHECKS, GateRules, read_rules
from riskplatform.optimisation.trading_costs import SQUARE_ROOT, cost_model_from_data
from riskplatform.optimisation.trading_costs.model import TERMS
from riskplatform.project.strict_yaml import read_document
from riskplatform.project.template import write_desk_folder


def test_the_gate_is_the_usual_one_and_every_term_of_it_is_there(tmp_path: Path) -> None:
    write_desk_folder(tmp_path / "desk", name="New", base_currency="USD")
    file = tmp_path / "desk" / "gate.yaml"
    assert read_rules(file) == GateRules()
    told = read_document(file).data
    assert list(told) == list(CHECKS)
    for check, rule in CHECKS.items():
        assert list(told[check]) == [each.name for each in fields(rule)], check


def test_costs_are_the_usual_ones_and_every_term_of_them_is_there(tmp_path: Path) -> None:
    write_desk_folder(tmp_path / "desk", name="New", base_currency="USD")
    told = read_document(tmp_path / "desk" / "costs.yaml").data
    assert cost_model_from_data(told) == SQUARE_ROOT
    assert list(told) == ["model_id", *TERMS]


def test_what_the_desk_makes_is_not_kept_by_git(tmp_path: Path) -> None:
    write_desk_folder(tmp_path / "desk", name="New", base_currency="USD")
    ignored = (tmp_path / "desk" / ".gitignore").read_text(encoding="utf-8").split()
    assert ignored == ["data/", "inbox/", "reports/"]
