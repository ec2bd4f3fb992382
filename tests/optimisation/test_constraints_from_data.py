"""Constraints as they are written: read, refused with the nearest right word, written back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from riskplatform.errors import RiskPlatformError, TermsError, UserInputError
from riskplatform.optimisation.constraints import (
    KINDS,
    Box,
    Exposure,
    Group,
    Holdings,
    LotSizes,
    Participation,
    RealisedGain,
    StressLossCap,
    Turnover,
    ValueAtRiskCap,
    constraints_from_data,
    constraints_from_document,
)
from riskplatform.project.strict_yaml import ContentError, document_of

FILE = """
constraints:
  - {kind: box, low: 0, high: 0.1}
  - {kind: box, label: small caps, high: 0.02, assets: [C, D]}
  - {kind: group, by: sector, of: Energy, high: 0.3}
  - {kind: group, label: issuer X, assets: [A, D], high: 0.15}
  - {kind: exposure, factor: duration, low: 2, high: 5, missing: 0}
  - {kind: net, low: 1, high: 1}
  - {kind: gross, high: 1.6}
  - {kind: leverage, high: 2, notionals: {D: 10}}
  - {kind: turnover, high: 0.2}
  - {kind: participation, share: 0.1}
  - {kind: restricted, assets: [B]}
  - {kind: holdings, most: 3, least: 0.01}
  - {kind: volatility, high: 0.01}
  - {kind: tracking_error, high: 0.004}
  - {kind: expected_shortfall, high: 0.03, confidence: 0.975}
  - {kind: stress_loss, high: 0.2, losses: {crash: {A: 0.4, B: 0.3, C: 0.1, D: 0.2}}}
  - {kind: stress_loss, label: named, high: 0.1, scenarios: [crash, bank-run]}
  - {kind: value_at_risk, high: 0.02, confidence: 0.99}
  - {kind: realised_gain, high: 0.01, steps: {A: [[0.1, -0.2], [0.2, 0.5]]}}
  - {kind: lots, lots: {A: 100}, least_trade: 1000, dust: 50}
"""
GROUPS = {"sector": {"A": "Energy", "B": "Energy", "C": "Banks", "D": "Banks"}}
SENSITIVITIES = {"duration": {"A": 5.0, "B": 2.0}}
LOSSES = {"crash": dict.fromkeys("ABCD", 0.3), "bank-run": dict.fromkeys("ABCD", 0.2)}
FILLED: dict[str, dict[str, Any]] = {
    "participation": {"capital": 1e6, "daily_volumes": dict.fromkeys("ABCD", 1e5)}
}


def test_every_kind_is_read_and_written_back() -> None:
    read = constraints_from_data(
        yaml.safe_load(FILE),
        groups=GROUPS,
        sensitivities=SENSITIVITIES,
        scenario_losses=LOSSES,
        filled=FILLED,
    )
    assert {each.kind for each in read} == set(KINDS)
    assert read[0] == Box(low=0.0, high=0.1)
    assert read[2] == Group("sector Energy", ("A", "B"), high=0.3)
    assert read[4] == Exposure("duration", {"A": 5.0, "B": 2.0}, 2.0, 5.0, 0.0)
    assert read[11] == Holdings(3, 0.01)
    assert read[16] == StressLossCap(0.1, LOSSES, label="named")
    assert read[17] == ValueAtRiskCap(0.02)
    assert read[18] == RealisedGain(0.01, {"A": ((0.1, -0.2), (0.2, 0.5))})
    assert read[19] == LotSizes({"A": 100.0}, 1000.0, 50.0)
    again = constraints_from_data([each.to_dict() for each in read])
    assert again == read
    # Also through a file.
    text = yaml.safe_dump({"constraints": [each.to_dict() for each in read]})
    assert constraints_from_data(yaml.safe_load(text)) == read


@pytest.mark.parametrize(
    ("terms", "said"),
    [
        ({"kind": "turnovr", "high": 0.1}, "no kind 'turnovr'. Did you mean turnover"),
        ({"kind": "turnover", "hihg": 0.1}, "unknown key 'hihg'. Did you mean high"),
        ({"kind": "turnover"}, "'high' is missing"),
        ({"kind": "turnover", "high": "much"}, "high is 'much', not a number"),
        ({"kind": "turnover", "high": True}, "high is True, not a number"),
        ({"kind": "turnover", "high": -1}, "high is -1. Give a number from 0 on"),
        ({"kind": "box", "low": 0.2, "high": 0.1}, "low is 0.2 and high is 0.1"),
        ({"kind": "box"}, "neither low nor high"),
        ({"kind": "box", "high": 0.1, "assets": "A"}, "Write a list"),
        ({"kind": "group", "by": "sektor", "of": "Energy", "high": 1}, "Did you mean sector"),
        ({"kind": "group", "by": "sector", "of": "Enery", "high": 1}, "Did you mean Energy"),
        ({"kind": "exposure", "factor": "durations", "high": 1}, "Did you mean duration"),
        ({"kind": "holdings", "most": 2.5}, "Give a whole number"),
        ({"kind": "holdings", "most": 0}, "give 1 or more"),
        ({"kind": "expected_shortfall", "high": 0.1, "confidence": 95}, "0.95"),
        ({"kind": "leverage", "high": 2, "notionals": [1]}, "a mapping by asset"),
        ({"kind": "stress_loss", "high": 1, "losses": {"crash": {"A": "x"}}}, "crash: A is 'x'"),
        ("box", "Write a mapping with a kind"),
        ({"kind": "stress_loss", "high": 1, "scenarios": ["crsh"]}, "Did you mean crash"),
        ({"kind": "stress_loss", "high": 1, "scenarios": "crash"}, "Write a list"),
        ({"kind": "stress_loss", "high": 1, "scenarios": ["crash"], "losses": {}}, "one of the"),
        ({"kind": "realised_gain", "high": 1, "steps": {"A": [0.1]}}, "[[weight, gain], ...]"),
        ({"kind": "realised_gain", "high": 1, "steps": {"A": [[0.1, "x"]]}}, "is 'x', not a"),
        ({"kind": "realised_gain", "high": 1, "steps": {"A": [[0, 0.1]]}}, "a weight above 0"),
        ({"kind": "lots", "lots": {"A": 0}}, "lot of A is 0"),
        ({"kind": "lots", "least_trade": -5}, "least_trade is -5"),
        ({"kind": "value_at_risk", "high": 0.1, "confidence": 99}, "0.99"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_the_nearest_right_word(terms: Any, said: str) -> None:
    with pytest.raises(TermsError) as refused:
        constraints_from_data(
            [terms], groups=GROUPS, sensitivities=SENSITIVITIES, scenario_losses=LOSSES
        )
    assert said in str(refused.value)
    assert "Constraint 1" in str(refused.value)


def test_a_wrong_key_of_the_file_and_two_of_one_name_are_refused() -> None:
    with pytest.raises(TermsError, match="Did you mean constraints"):
        constraints_from_data({"constraint": []})
    with pytest.raises(UserInputError, match="2 constraints are named 'turnover'"):
        constraints_from_data([Turnover(0.1).to_dict(), Turnover(0.2).to_dict()])
    assert constraints_from_data({"constraints": None}) == ()


def test_a_capital_of_nothing_is_refused() -> None:
    with pytest.raises(RiskPlatformError, match="capital"):
        Participation(0.1, {"A": 1.0}, 0.0)


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("a: 1\nconstraints:\n  - kind: turnover\n    hihg: 0.1\n", 4, "Did you mean high"),
        ("constraints:\n  - kind: net\n    low: 1\n  - kind: boxx\n", 4, "Did you mean box"),
        ("constraints:\n  - kind: gross\n    high: much\n", 3, "not a number"),
        ("constraints:\n  - kind: net\n    low: 1\n  - kind: turnover\n", 4, "'high' is missing"),
        ("constraints:\n  - kind: group\n    high: 1\n    by: sectr\n", 4, "Did you mean sector"),
        (
            "constraints:\n  - kind: stress_loss\n    high: 1\n    scenarios: [bankrun]\n",
            4,
            "Did you mean bank-run",
        ),
        ("constraints:\n  - kind: net\n    low: 2\n    high: 1\n", 2, "low is 2 and high is 1"),
        ("constraints: box\n", 1, "Write a list of them"),
        (
            "constraints:\n  - {kind: gross, high: 1}\n  - {kind: gross, high: 2}\n",
            1,
            "2 constraints are named 'gross'",
        ),
    ],
)
def test_in_a_file_the_line_is_named(tmp_path: Path, text: str, line: int, said: str) -> None:
    document = document_of(text.encode(), tmp_path / "rule.yaml")
    with pytest.raises(ContentError) as refused:
        constraints_from_document(document, groups=GROUPS, scenario_losses=LOSSES)
    assert said in str(refused.value)
    assert f"rule.yaml:{line}: " in str(refused.value)


def test_a_list_deeper_in_a_file(tmp_path: Path) -> None:
    text = "parameters:\n  constraints:\n    - {kind: net, low: 1, high: 1}\n    - {kind: nett}\n"
    document = document_of(text.encode(), tmp_path / "rule.yaml")
    with pytest.raises(ContentError, match=r"rule\.yaml:4: .*Did you mean net"):
        constraints_from_document(document, "parameters", "constraints")
    assert constraints_from_document(document, "parameters", "limits") == ()
    good = document_of(text.rsplit("    - ", 1)[0].encode(), tmp_path / "rule.yaml")
    found = constraints_from_document(good, "parameters", "constraints")
    assert [each.kind for each in found] == ["net"]
