"""One question, one number: desk, command line, REST and a kept file agree to the last bit."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from riskplatform.cli.main import run
from riskplatform.desk import Desk
from tests.desk.risk_desk import LAST

pytestmark = pytest.mark.slow

QUESTIONS = (
    "gain of growth, macro in crash_1987, four_sigma_day by sector",
    "gain of firm in {equity: all, move: -10 %} + {fx: EUR, move: +5 %} with growth: ALFA -50%",
    "es, delta, value of growth at 95% with growth: BETA.XETR +40",
)


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_same_number_everywhere(
    question: str, client: Any, served: Desk, served_folder: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    found = json.loads(json.dumps([row.to_dict() for row in served.ask(question, LAST).rows]))
    assert found
    assert client.post("/query", json={"question": question}).json()["numbers"] == found
    told = served.ask(question, LAST).to_dict()["asked"]
    assert client.post("/query", json={"question": told}).json()["numbers"] == found
    capsys.readouterr()
    on = ["--desk", str(served_folder), "--as-of", LAST.isoformat(), "--output", "json"]
    assert run(["ask", question, *on]) == 0
    assert json.loads(capsys.readouterr().out)["numbers"] == found
    served.save_query("asked_everywhere", question)
    assert run(["ask", "asked_everywhere", *on]) == 0
    assert json.loads(capsys.readouterr().out)["numbers"] == found
    (again,) = served.run_saved_queries(["asked_everywhere"], LAST, record=False).answers
    assert json.loads(json.dumps([row.to_dict() for row in again.rows])) == found


def test_a_gain_is_that_of_a_scenario_run(client: Any, served: Desk) -> None:
    found = served.run_scenarios(["crash_1987"], "growth", LAST)
    asked = served.ask("gain of growth in crash_1987", LAST).number()
    assert asked == pytest.approx(found.gain("crash_1987"), rel=1e-12)
    what_if = served.what_if("growth: ALFA -50%", "growth", LAST, with_limits=False)
    rows = what_if.to_frame().set_index("measure")
    changed = served.ask("gain of growth in crash_1987 with growth: ALFA -50%", LAST)
    assert changed.number() == pytest.approx(rows.loc["crash_1987", "scenario"], rel=1e-12)
