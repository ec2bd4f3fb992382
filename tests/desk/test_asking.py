"""Questions to the small desk: by hand, as other verbs answer, and pricing no more than needed."""

from __future__ import annotations

import math
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from riskplatform.desk import Desk
from riskplatform.desk.stress_bench import StressBench
from riskplatform.domain.instruments import Equity, Tags
from riskplatform.errors import UnknownNameError, UserInputError
from riskplatform.project.strict_yaml import ContentError
from tests.desk.conftest import DAYS, node, now
from tests.desk.risk_desk import BEFORE, LAST, make
from tests.desk.test_stress import contents

pytestmark = pytest.mark.slow

NEW, MARK = "NEWCO.XNAS", 80.0
# growth: 2,000 ALFA at 52, 100 BETA at 50 euros of 1.20, 5,100 euros; macro: -2 futures of
# 50 × 5,030.
ALFA, BETA, FUTURE = 104_000.0, 6_000.0, 503_000.0
FALL = "{equity: {country: US}, move: -20 %}"


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The desk of risk with its cubes, a share that nobody holds, an empty portfolio."""
    folder = tmp_path_factory.mktemp("asking") / "desk"
    with make(folder) as desk:
        desk.put_portfolios([node("spare", "firm", "book")])
        tags = Tags(sector="Energy", country="US")
        desk.put_instruments(
            [
                Equity(instrument_id=NEW, name="New", currency="USD", calendar="XNYS", tags=tags),
                Equity(instrument_id="NOPRICE.XNAS", name="None", currency="USD", tags=tags),
            ]
        )
        steps = np.random.default_rng(7).normal(0.0, 0.02, len(BEFORE) + len(DAYS))
        path = np.round(MARK * np.exp(steps.cumsum() - steps.sum()), 4)
        rows = [
            (NEW, day, close, 500.0, "test")
            for day, close in zip([*BEFORE, *DAYS], path, strict=True)
        ]
        columns = ["instrument_id", "date", "close", "volume", "source"]
        desk.lake.write("prices", pd.DataFrame(rows, columns=columns))
        desk.run_scenarios(as_of=LAST)
        desk.risk_book(LAST, scenarios=["historical"])
    return folder


@pytest.fixture(scope="module")
def ready(template: Path) -> Iterator[Desk]:
    """Only read. A copy knows no cubes: they are remembered for a lake, which is a place."""
    with Desk.open(template, clock=now) as opened:
        yield opened


@pytest.fixture
def desk(template: Path, tmp_path: Path) -> Iterator[Desk]:
    shutil.copytree(template, tmp_path / "desk")
    with Desk.open(tmp_path / "desk", clock=now) as opened:
        yield opened


@pytest.fixture
def priced(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """What benches price, one list for each time."""
    found: list[list[str]] = []
    whole = StressBench.priced

    def told(self, scenarios, moves, places):  # type: ignore[no-untyped-def]
        found.append([self.ground.book.units[place].instrument_id for place in places])
        return whole(self, scenarios, moves, places)

    monkeypatch.setattr(StressBench, "priced", told)
    return found


def test_a_scenario_written_in_the_question_by_hand(desk: Desk, priced: list[list[str]]) -> None:
    found = desk.ask(f"gain of growth, fund, macro in {FALL}", LAST)
    assert found.number(node="growth") == pytest.approx(-0.2 * ALFA, rel=1e-6)
    assert found.number(node="fund") == pytest.approx(-0.2 * ALFA, rel=1e-6)
    assert found.number(node="macro") == 0.0
    # Only the share that it moves was priced.
    assert priced == [["ALFA.XNYS"]]
    assert found.rows[0].origin.startswith("1 of ")
    traded = desk.ask(f"gain of growth in {FALL} with growth: ALFA -50%", LAST)
    assert traded.number() == pytest.approx(-0.1 * ALFA, rel=1e-6)
    assert traded.rows[0].base == pytest.approx(-0.2 * ALFA, rel=1e-6)
    assert traded.rows[0].difference == pytest.approx(0.1 * ALFA, rel=1e-6)


def test_columns_of_the_library_are_read_and_nothing_is_priced(
    ready: Desk, priced: list[list[str]]
) -> None:
    before = contents(ready)
    cubes = ready.cubes.list()
    found = ready.ask("gain of growth, macro in regulatory, pandemic, four_sigma_day", LAST)
    assert priced == []
    assert (contents(ready), ready.cubes.list()) == (before, cubes)
    run = ready.run_scenarios(as_of=LAST)
    for row in found.rows:
        assert row.value == pytest.approx(run.gain(row.scenario, row.node), rel=1e-12, abs=1e-9)
        assert row.origin == f"cube {run.provenance.inputs['cube 1']}"
    assert len(found.scenarios) >= 12
    (told,) = found.notes
    assert told.startswith("four_sigma_day infers the rest")
    assert found.scenarios["pandemic"] == ready.scenario("pandemic").content_hash


def test_every_scenario_priced_by_what_it_touches_is_what_all_of_it_gives(desk: Desk) -> None:
    """Without the library's cube each is priced in memory; to the last bit the same."""
    run = desk.run_scenarios(as_of=LAST)
    desk.prune_cubes(keep=0)
    found = desk.ask("gain in all", LAST)
    assert {row.origin.split(" ")[-1] for row in found.rows} == {"priced"}
    assert len(found.rows) == len(run.labels)
    for row in found.rows:
        assert row.value == pytest.approx(run.gain(row.scenario), rel=1e-12, abs=1e-9)


def test_what_is_not_held_is_priced_alone(ready: Desk, priced: list[list[str]]) -> None:
    question = f"gain of growth in equity_down_20, {FALL} with growth: NEWCO +250"
    found = ready.ask(question, LAST)
    assert priced == [[NEW], ["ALFA.XNYS", NEW]]
    worth = 250 * MARK
    assert found.number(scenario="typed") == pytest.approx(-0.2 * (ALFA + worth), rel=1e-6)
    row = next(row for row in found.rows if row.scenario == "equity_down_20")
    assert row.origin.endswith("1 units priced")
    assert row.base == pytest.approx(ready.run_scenarios(["equity_down_20"], "growth", LAST)
                                     .gain("equity_down_20"), rel=1e-12)  # fmt: skip
    assert row.difference == pytest.approx(-0.2 * worth, rel=1e-6)


def test_a_portfolio_that_holds_nothing_can_buy(desk: Desk) -> None:
    found = desk.ask(f"gain, value of spare in {FALL} with spare: ALFA +10", LAST)
    assert found.number() == pytest.approx(-0.2 * 520.0, rel=1e-6)
    assert found.number("value") == pytest.approx(0.0, abs=1e-9)
    bought = desk.ask({"measures": "value", "nodes": "spare", "changes": "spare: ALFA +10",
                       "self_financed": False}, LAST)  # fmt: skip
    assert bought.number("value") == pytest.approx(520.0)


def test_groups_add_up_and_haircuts_stand_apart(desk: Desk) -> None:
    text = f"{FALL} + {{liquidity: {{asset_class: equity}}, haircut: 2 %}}"
    whole = desk.ask(f"gain of growth in {text} with growth: BETA.XETR +100", LAST)
    parts = desk.ask(f"gain of growth in {text} by sector with growth: BETA.XETR +100", LAST)
    by = {row.group: row for row in parts.rows}
    assert by["Energy"].value == pytest.approx(-0.2 * ALFA, rel=1e-6)
    assert by["haircuts"].base == pytest.approx(-0.02 * (ALFA + BETA), rel=1e-6)
    assert by["haircuts"].value == pytest.approx(-0.02 * (ALFA + 2 * BETA), rel=1e-6)
    assert sum(row.value for row in parts.rows) == pytest.approx(whole.number(), rel=1e-9)
    nodes = desk.ask(f"gain of firm in {text} by portfolio", LAST)
    assert {row.group for row in nodes.rows} >= {"fund", "macro"}


def test_risk_and_exposures_are_those_of_a_what_if(desk: Desk) -> None:
    change = "growth: ALFA.XNYS +500"
    found = desk.ask(f"var, es, volatility, value, gross, delta of growth with {change}", LAST)
    what_if = desk.what_if(change, "growth", LAST, scenarios=["historical"], with_limits=False,
                           with_stress=False)  # fmt: skip
    other = what_if.to_frame().set_index("measure")
    for measure, name in {
        "var": "VaR, historical, 0.99", "es": "ES, historical, 0.99", "value": "value",
        "volatility": "volatility, historical, 0.99", "gross_value": "gross value",
        "delta": "delta",
    }.items():  # fmt: skip
        (row,) = [row for row in found.rows if row.measure == measure]
        assert (row.base, row.value) == (other.loc[name, "base"], other.loc[name, "scenario"])
        assert row.unit == other.loc[name, "unit"]
    parts = desk.ask(f"delta of growth by sector with {change}", LAST)
    assert sum(row.value for row in parts.rows) == pytest.approx(found.number("delta"))
    other_set = desk.ask("es of growth at 95% over factor_model", LAST)
    assert other_set.rows[0].scenario == "factor_model"
    assert math.isfinite(other_set.number("es"))


def test_a_session_answers_again_without_planning_again(
    desk: Desk, priced: list[list[str]]
) -> None:
    session = desk.ask_session(LAST)
    first = session.ask(f"gain of growth in {FALL}")
    assert session.ask(f"gain of macro in {FALL}").number() == 0.0
    assert len(priced) == 1
    assert first.provenance.inputs["ledger"]
    assert not session.is_stale
    desk.put_portfolios([node("later", "firm", "book")])
    assert session.is_stale


def test_answers_keep_where_they_come_from(desk: Desk) -> None:
    found = desk.ask("gain of growth in equity_down_20(fall=-30 %), crash_1987", LAST)
    assert found.number(scenario="equity_down_20(fall=-30 %)") < 0.0
    provenance = found.provenance
    assert (provenance.as_of, provenance.base_currency) == (LAST, "USD")
    recorded = desk.ledger.last_recorded_at()
    assert recorded is not None
    desk.run_scenarios(as_of=LAST)
    found = desk.ask("gain of growth in equity_down_20(fall=-30 %), crash_1987", LAST)
    provenance = found.provenance
    assert provenance.inputs["ledger"] == recorded.isoformat()
    assert provenance.inputs["taken from"].startswith("cube ")
    assert found.scenarios["crash_1987"] == desk.scenario("crash_1987").content_hash
    plain = found.to_dict()
    assert plain["asked"]["scenarios"][1] == "crash_1987"
    assert plain["numbers"][0]["node"] == "growth"
    assert "growth" in found._repr_html_()
    same = desk.ask("gain of growth in crash_1987", LAST).provenance.run_id
    assert desk.ask("gain of growth in crash_1987", LAST).provenance.run_id == same
    assert desk.ask("gain of growth in pandemic", LAST).provenance.run_id != same
    # Other words of the same file are not seen as another question.
    path = desk.new_scenario("mine", "title: a\nkind: hypothetical\nshocks:\n  - equity: all\n"
                             "    move: -1 %\n")  # fmt: skip
    one = desk.ask("gain in mine", LAST)
    path.write_text(path.read_text().replace("-1 %", "-2 %"))
    two = desk.ask("gain in mine", LAST)
    assert two.number() == pytest.approx(2 * one.number(), rel=1e-2)
    assert one.provenance.run_id != two.provenance.run_id


@pytest.mark.parametrize(
    ("question", "error", "words"),
    [
        ("gain of growth", UserInputError, "none is named"),
        ("es of growth in crash_1987", UserInputError, "not of a scenario"),
        ("es of growth by sector", UserInputError, "no sum of parts"),
        ("gain of grwoth in crash_1987", UnknownNameError, "growth"),
        ("gain in crash_1978", UnknownNameError, "crash_1987"),
        ("gain in {equty: all, move: -1 %}", UserInputError, "equity"),
        ("gain in {factor: spot.AFLA.XNYS, move: -1 %}", UserInputError, "ALFA"),
        ("gain in crash_1987 with ALFA 10", UserInputError, "buy or to sell"),
        ("gain in crash_1987 with growth: AFLA.XNYS +1", UnknownNameError, "ALFA"),
        ("gain in crash_1987 with growth: NOPRICE.XNAS +1", UserInputError, "cannot be priced"),
        ("gain in crash_1987 by secotr", UnknownNameError, "sector"),
        ("es over historcal", UnknownNameError, "historical"),
        ("es of growth at 99.99%", Exception, "too few|more scenarios|lower confidence"),
    ],
)
def test_what_cannot_be_asked_is_told(
    desk: Desk, question: str, error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        desk.ask(question, LAST)


def test_files_and_kept_questions(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "asked.yaml"
    file.write_text("measures: gain\nnodes: growth\nscenarios:\n  - shocks:\n      - equity: all\n"
                    "        move: -10 %\n")  # fmt: skip
    found = desk.ask(file, LAST)
    assert found.number() == desk.ask(str(file), LAST).number()
    desk.save_query("tenth", file)
    assert desk.ask("tenth", LAST).number() == found.number()
    listed = desk.queries().set_index("name")
    assert listed.loc["tenth", "nodes"] == "growth"
    with pytest.raises(UserInputError, match="cannot name"):
        desk.save_query("../out", file)
    file.write_text("scenarios:\n  - title: x\n    shocks:\n      - equty: all\n")
    with pytest.raises(ContentError, match=r"asked\.yaml:4"):
        desk.ask(file, LAST)
    file.write_text("measures: value\nchanges:\n  - growth: ALFA.XNYS +1\n  - growth: 5\n")
    with pytest.raises(ContentError, match=r"asked\.yaml:4"):
        desk.ask(file, LAST)


def test_kept_questions_are_asked_again_and_recorded(desk: Desk) -> None:
    desk.save_query("fall", f"gain of growth in {FALL}")
    desk.save_query("risk", "es of growth")
    (desk.settings.path("queries") / "broken.yaml").write_text("measures: gian\n")
    known = desk.cubes_table()
    found = desk.run_saved_queries(as_of=LAST)
    assert [each.name for each in found.answers] == ["fall", "risk"]
    (failure,) = found.failures
    assert "Did you mean gain" in failure.message
    assert not found.coverage.is_complete
    frame = found.to_frame().set_index("question")
    assert frame.loc["fall", "value"] == pytest.approx(-0.2 * ALFA, rel=1e-6)
    runs = desk.lake.read("runs", where={"kind": "query"}).set_index("run_id")
    assert set(runs.index) == set(found.run_ids)
    assert '"gain growth typed"' in str(runs.loc[found.run_ids[0], "summary"])
    # A recorded answer does not make the market look new.
    again = desk.run_saved_queries(["fall"], as_of=LAST)
    assert again.run_ids == found.run_ids[:1]
    assert len(desk.cubes_table()) == len(known)
    assert found.to_dict()["run_ids"] == list(found.run_ids)
