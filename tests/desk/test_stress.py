"""Stress of the small desk: every number by hand, and nothing changed by asking."""

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from riskplatform.desk import Desk
from riskplatform.errors import UnknownNameError, UserInputError
from riskplatform.project.strict_yaml import ContentError
from riskplatform.stress.stress_set import Stress
from tests.desk.conftest import DAYS

pytestmark = pytest.mark.slow

LAST = date(2026, 3, 6)
MINE = """\
title: mine
kind: hypothetical
parameters: {fall: -20 %}
shocks:
  - equity: {country: US}
    move: ${fall}
  - equity: {name: "ESM*"}
    move: -10 %
  - fx: EUR
    move: +5 %
"""
# growth: 2,000 ALFA at 52, 100 BETA at 50 euros, 5,100 euros; macro: -2 futures of 50 × 5,030.
GROWTH = -0.2 * 2_000 * 52.0 + 0.05 * 1.20 * (100 * 50.0 + 5_100.0)
MACRO = 0.1 * 2 * 50 * 5_030.0


@pytest.fixture
def mine(desk: Desk) -> Desk:
    rows = [
        {"curve_id": "USD.GOVT", "date": day, "times": [1.0, 10.0], "source": "test",
         "zero_rates": [0.03] * 2, "interpolation": "linear_zero"}
        for day in DAYS
    ]  # fmt: skip
    desk.lake.write("curves", pd.DataFrame(rows))
    desk.new_scenario("mine", MINE)
    return desk


def contents(desk: Desk) -> dict[str, str]:
    """Every file of the ledger, the lake and the content, by hash."""
    folder = desk.settings.desk
    kept = ("cubes", "scenario_sets")
    # What SQLite keeps beside a database while it is open, and locks.
    passing = (".lock", ".sqlite-shm", ".sqlite-wal")
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not set(kept) & set(path.parts) and path.suffix not in passing
    }


def test_a_scenario_of_the_desk_s_own_by_hand(mine: Desk) -> None:
    found = mine.run_scenarios(["mine"], as_of=LAST)
    assert found.base_currency == "USD"
    assert found.gain("mine", "growth") == pytest.approx(GROWTH, rel=1e-6)
    assert found.gain("mine", "fund") == pytest.approx(GROWTH, rel=1e-6)
    assert found.gain("mine", "macro") == pytest.approx(MACRO, rel=1e-6)
    assert found.gain("mine") == pytest.approx(GROWTH + MACRO, rel=1e-6)
    assert found.to_frame()["equity"].iloc[0] == pytest.approx(
        -0.2 * 104_000 + 0.05 * 1.20 * 5_000 + MACRO, rel=1e-6
    )


def test_parameters_change_the_answer_in_proportion(mine: Desk) -> None:
    deeper = mine.run_scenarios(["mine"], as_of=LAST, parameters={"fall": "-40 %"})
    assert deeper.gain("mine") == pytest.approx(GROWTH + MACRO - 0.2 * 104_000, rel=1e-6)
    with pytest.raises(UnknownNameError, match="fall"):
        mine.run_scenarios(["mine"], as_of=LAST, parameters={"fal": "-40 %"})
    with pytest.raises(UserInputError, match="one scenario"):
        mine.run_scenarios(None, as_of=LAST, parameters={"fall": "-40 %"})


def test_the_whole_library_runs_and_ranks_the_worst_first(mine: Desk) -> None:
    found = mine.run_scenarios(as_of=LAST, days=4)
    frame = found.to_frame()
    assert len(frame) >= 60
    assert frame["gain"].is_monotonic_increasing
    groups = frame[list(found.groups)].sum(axis=1) + frame["haircuts"]
    assert groups.tolist() == pytest.approx(frame["gain"].tolist(), abs=1e-6)
    # A history of four days is too short for these, and that spoils no other.
    failed = {failure.subject for failure in found.provenance.coverage.failures}
    assert {"last_20_days", "worst_10_days_equity"} <= failed
    assert not failed & set(found.labels)
    # The firm is the sum of its parts, scenario by scenario.
    table = found.by_node()
    parts = table.loc[["growth", "macro"]].sum(axis=0)
    assert list(parts) == pytest.approx(list(table.loc["firm"]), abs=1e-6)


def test_some_of_the_library_are_taken_from_its_cube(mine: Desk) -> None:
    whole = mine.run_scenarios(as_of=LAST, days=4)
    before = mine.cubes.list()
    some = mine.run_scenarios(["equity_down_20", "mine"], as_of=LAST, days=4)
    assert mine.cubes.list() == before
    assert some.labels == ("equity_down_20", "mine")
    for name in some.labels:
        assert some.gain(name) == whole.gain(name)
    alone = mine.run_scenarios(["mine"], as_of=LAST, days=3)
    assert len(mine.cubes.list()) > len(before)
    assert alone.gain("mine") == whole.gain("mine")


def test_haircuts_cost_whoever_holds_long_or_short(mine: Desk) -> None:
    shock = "shocks:\n  - liquidity: {asset_class: equity}\n    haircut: 2 %\n"
    text = "title: x\nkind: hypothetical\n" + shock
    found = mine.run_scenarios([mine.scenario_of_text(text, "x")], as_of=LAST)
    shares = 2_000 * 52.0 + 100 * 50.0 * 1.20
    assert found.gain("x", "growth") == pytest.approx(-0.02 * shares, rel=1e-6)
    assert found.gain("x", "macro") == pytest.approx(-0.02 * 2 * 50 * 5_030.0, rel=1e-6)
    assert found.gain("x") == pytest.approx(found.gain("x", "growth") + found.gain("x", "macro"))
    assert found.by_group.tolist() == pytest.approx(np.zeros(found.by_group.shape))


def test_a_bench_answers_as_a_run_does_and_keeps_nothing(mine: Desk) -> None:
    names = ["mine", "equity_down_20", "no_bids", "swiss_franc_2015", "pandemic"]
    found = mine.run_scenarios(names, as_of=LAST)
    cubes, sets = mine.cubes.list(), mine.scenario_sets.list()
    bench = mine.stress_bench(LAST, days=4)
    again = bench.run([mine.scenario(name) for name in names], "fund")
    assert again.labels == found.labels
    for name in names:
        for node in found.nodes:
            assert again.gain(name, node) == found.gain(name, node)
    assert again.path("pandemic", "growth")["gain"].tolist() == (
        found.path("pandemic", "growth")["gain"].tolist()
    )
    assert again.node == "fund"
    assert (mine.cubes.list(), mine.scenario_sets.list()) == (cubes, sets)


def test_a_path_tells_the_gain_after_each_step(mine: Desk) -> None:
    step = "  - days: 1\n    shocks:\n      - equity: {country: US}\n        move: %s\n"
    text = "title: p\nkind: hypothetical\npath:\n" + step % "-10 %" + step % "-10 %"
    found = mine.run_scenarios([mine.scenario_of_text(text, "p")], as_of=LAST)
    path = found.path("p")
    assert path["gain"].tolist() == pytest.approx([-0.1 * 104_000, -0.19 * 104_000], rel=1e-6)
    assert path["change"].sum() == pytest.approx(found.gain("p"))


def test_stress_is_a_view_of_the_book_of_risk(mine: Desk) -> None:
    book = mine.risk_book(LAST, scenarios=["historical", "stress"], days=4)
    view = book.view("stress")
    assert view.is_stress
    assert not view.is_history
    assert view.weights is None
    found = mine.run_scenarios(as_of=LAST, days=4)
    place = view.labels.index("mine")
    assert book.gains("growth", "stress")[place] == pytest.approx(found.gain("mine", "growth"))
    with pytest.raises(UserInputError, match="has changed"):
        mine.cube(Stress(scenarios=(("mine", "0" * 64),)), LAST)


def test_running_changes_nothing_but_its_own_recorded_run(mine: Desk) -> None:
    before = contents(mine)
    found = mine.run_scenarios(["mine", "crash_1987", "bank_default"], as_of=LAST)
    assert contents(mine) == before
    first = mine.record_stress(found)
    assert mine.record_stress(found) == first == found.provenance.run_id
    runs = mine.lake.read("runs", where={"kind": "stress"})
    assert runs["run_id"].tolist() == [first]
    assert '"mine"' in runs["summary"].iloc[0]
    # A recorded run does not make what is remembered look old.
    cubes = mine.cubes.list()
    again = mine.run_scenarios(["mine", "crash_1987", "bank_default"], as_of=LAST)
    assert mine.cubes.list() == cubes
    assert again.provenance.run_id == first


def test_a_changed_file_is_seen_at_once(mine: Desk) -> None:
    before = mine.run_scenarios(["mine"], as_of=LAST)
    path = mine.settings.path("scenarios") / "hypothetical" / "mine.yaml"
    path.write_text(MINE.replace("-20 %", "-30 %"), encoding="utf-8")
    after = mine.run_scenarios(["mine"], as_of=LAST)
    assert after.gain("mine") == pytest.approx(before.gain("mine") - 0.1 * 104_000, rel=1e-6)
    assert after.provenance.run_id != before.provenance.run_id


def test_the_library_prefers_the_desk_s_own_and_tells_what_is_broken(mine: Desk) -> None:
    folder = mine.settings.path("scenarios") / "hypothetical"
    (folder / "rates_up_100.yaml").write_text(
        "title: own\nkind: hypothetical\nshocks:\n  - rates: all\n    parallel: +1 bp\n"
    )
    (folder / "broken.yaml").write_text(
        "title: broken\nkind: hypothetical\nshocks:\n  - equty: all\n"
    )
    (folder / "Not An Id.yaml").write_text(MINE)
    library = mine.scenarios()
    assert library.scenarios["rates_up_100"].title == "own"
    assert "rates_up_100" in library.own
    told = {str(each.subject): each.message for each in library.failures}
    assert "Did you mean equity" in told["broken"]
    assert "Rename it" in told["Not An Id.yaml"]
    frame = library.to_frame().set_index("scenario_id")
    assert frame.loc["mine", "from"] == "desk"
    found = mine.run_scenarios(["broken", "mine"], as_of=LAST)
    assert found.labels == ("mine",)
    assert not found.provenance.coverage.is_complete


def test_new_scenarios_are_written_once_and_only_if_they_are_right(mine: Desk) -> None:
    path = mine.new_scenario("second")
    assert path == mine.settings.path("scenarios") / "hypothetical" / "second.yaml"
    assert mine.scenario("second").shocks
    assert mine.validate_scenarios() == []
    with pytest.raises(UserInputError, match="already"):
        mine.new_scenario("second")
    with pytest.raises(UserInputError, match="cannot be an id"):
        mine.new_scenario("../outside")
    with pytest.raises(UserInputError, match="kind"):
        mine.new_scenario("third", kind="guess")
    with pytest.raises(ContentError, match="sector"):
        mine.new_scenario("third", MINE.replace("country", "secotr"))
    assert not list(mine.settings.desk.rglob("third.yaml"))


def test_a_file_outside_the_desk_is_checked_too(mine: Desk, tmp_path: Path) -> None:
    file = tmp_path / "outside.yaml"
    file.write_text(MINE.replace("move: -10 %", "move: -10"))
    (finding,) = mine.validate_scenarios([file])
    assert finding.line == 8
    assert "without a unit" in finding.message


def test_results_explain_themselves(mine: Desk) -> None:
    found = mine.run_scenarios(["mine", "swiss_franc_2015"], as_of=LAST)
    plain = found.to_dict()
    assert plain["provenance"]["coverage"]["total"] > 0
    assert "mine" in found.to_frame()["scenario_id"].tolist()
    assert "Swiss" in found._repr_html_()
    assert any("Nothing that is held" in note for note in found.notes()["swiss_franc_2015"])
    compared = mine.compare_scenarios(["mine", "swiss_franc_2015"], as_of=LAST).set_index("group")
    assert compared.loc["total", "mine"] == pytest.approx(GROWTH + MACRO, rel=1e-6)
    with pytest.raises(UnknownNameError, match="mine"):
        mine.run_scenarios(["mien"], as_of=LAST)
    with pytest.raises(UnknownNameError):
        found.gain("mine", "nowhere")
