"""``exposures show`` and ``value show --model``: numbers, formats, exit codes, ways out."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

import pytest

from riskplatform.cli import exposure_names
from riskplatform.cli.main import run
from riskplatform.desk import Desk
from riskplatform.pricing.exposures.book import Exposures
from riskplatform.pricing.exposures.measures import SHOWN, SUMMED
from tests.ui.modelled_lines import BOND, OPTION
from tests.ui.small_desk import AS_OF, WITHOUT_PRICE, build

pytestmark = pytest.mark.slow


Capture = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    desk = build(tmp_path_factory.mktemp("exposures") / "small")
    yield desk
    desk.close()


@pytest.fixture(scope="module")
def found(desk: Desk) -> Exposures:
    return desk.exposures(None, AS_OF)


@pytest.fixture(autouse=True)
def _named(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RISKPLATFORM_DESK", str(desk.settings.desk))


def show(*options: str, code: int = 3) -> None:
    assert run(["exposures", "show", *options]) == code


def as_json(capsys: Capture, *options: str, code: int = 3) -> list[dict[str, Any]]:
    show(*options, "--output", "json", code=code)
    rows: list[dict[str, Any]] = json.loads(capsys.readouterr().out)
    return rows


def test_what_is_shown_unasked_is_the_catalogue_s() -> None:
    assert ",".join(SHOWN) == exposure_names.SHOWN


def test_by_asset_class_is_the_desk_s_answer(found: Exposures, capsys: Capture) -> None:
    rows = {row["asset_class"]: row for row in as_json(capsys)}
    expected = found.by("asset_class").set_index("asset_class")
    assert list(rows) == list(expected.index)
    for name in ("value", "delta", "vega", "dv01", "cs01", "fx_delta"):
        said = {group: row[name] for group, row in rows.items()}
        assert said == pytest.approx(expected[name].to_dict(), rel=1e-12)


@pytest.mark.parametrize(
    "options", [("--by", "portfolio,kind"), ("--by", "portfolio", "--by", "kind")]
)
def test_slices_with_commas_or_repeated(
    found: Exposures, capsys: Capture, options: tuple[str, ...]
) -> None:
    rows = as_json(capsys, *options, "--measures", "all")
    assert list(rows[0])[:2] == ["portfolio", "kind"]
    assert set(SUMMED) <= set(rows[0])
    assert len(rows) == len(found.by("portfolio", "kind"))


def test_what_is_not_covered_has_no_numbers(capsys: Capture) -> None:
    rows = {row["instrument_id"]: row for row in as_json(capsys, "--by", "instrument_id")}
    assert rows[WITHOUT_PRICE]["value"] is None
    assert rows[WITHOUT_PRICE]["delta"] is None
    assert rows[WITHOUT_PRICE]["not_covered"] == 1
    assert rows[BOND]["dv01"] < 0


def test_the_table_says_units_origin_and_coverage(found: Exposures, capsys: Capture) -> None:
    show("--measures", "dv01,vega")
    out, err = capsys.readouterr()
    assert "dv01: USD per +1 bp; vega: USD per +1 vol point" in out
    assert found.provenance.run_id in out
    assert f"as of {AS_OF}, in USD, model full-revaluation" in out
    coverage = found.provenance.coverage
    assert f"coverage {coverage.done} of {coverage.total} lines (1 missing data), 100.00%" in out
    assert f"{WITHOUT_PRICE} needs the price" in err


def test_a_complete_node_is_exit_code_zero(capsys: Capture) -> None:
    show("--node", "LS", "--currency", "EUR", code=0)
    out, err = capsys.readouterr()
    assert "EUR per +1 bp" in out
    assert "(complete)" in out
    assert err == ""


def test_a_ladder_as_a_grid_adds_up_both_ways(found: Exposures, capsys: Capture) -> None:
    show("--ladder", "dv01")
    out = capsys.readouterr().out
    assert "USD.OIS" in out
    rows = [[cell.strip() for cell in line.split("│")[1:-1]] for line in out.splitlines()]
    numbers = {row[0]: float(row[-1].replace(",", "")) for row in rows if len(row) > 2}
    assert numbers["total"] == pytest.approx(found.totals()["dv01"], rel=1e-2)
    assert numbers["total"] == pytest.approx(sum(numbers.values()) - numbers["total"], rel=1e-3)


def test_a_ladder_for_programs_is_long(found: Exposures, capsys: Capture) -> None:
    show("--ladder", "cs01", "--output", "csv")
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert list(rows[0]) == ["factor_id", "tenor", "years", "value"]
    assert sum(float(row["value"]) for row in rows) == pytest.approx(found.totals()["cs01"])
    assert {row["tenor"] for row in rows} <= {"1Y", "3Y", "5Y", "10Y"}


def test_a_ladder_by_slice(found: Exposures, capsys: Capture) -> None:
    rows = as_json(capsys, "--ladder", "dv01", "--by", "asset_class")
    assert {row["asset_class"] for row in rows} == {"credit", "equity"}
    assert sum(row["value"] for row in rows) == pytest.approx(found.totals()["dv01"])


def test_what_has_no_tenor_is_sorted_by_size(capsys: Capture) -> None:
    rows = as_json(capsys, "--ladder", "fx_delta")
    sizes = [abs(row["value"]) for row in rows]
    assert sizes == sorted(sizes, reverse=True)
    assert list(rows[0]) == ["factor_id", "value"]


def test_betas_that_are_not_there_are_explained(capsys: Capture) -> None:
    show("--ladder", "beta")
    assert "factor returns" in capsys.readouterr().err


def test_missing_and_gaps(found: Exposures, capsys: Capture) -> None:
    (missing,) = as_json(capsys, "--missing")
    assert missing["instrument_id"] == WITHOUT_PRICE
    assert missing["share"] is None
    gaps = as_json(capsys, "--gaps", "--least", "0.001")
    assert {row["instrument_id"] for row in gaps} == {BOND, OPTION}
    show("--gaps", "--least", "1000")


def test_a_day_without_a_book(capsys: Capture) -> None:
    show("--as-of", "2022-03-01", code=0)
    assert "Nothing is held on 2022-03-01" in capsys.readouterr().err
    show("--as-of", "2022-03-01", "--ladder", "dv01", code=0)
    show("--as-of", "2022-03-01", "--missing", code=0)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--measures", "dv1"), "Did you mean dv01"),
        (("--measures", "zzz"), "There are delta, gamma"),
        (("--measures", "beta"), "--ladder beta"),
        (("--ladder", "vgea"), "vega"),
        (("--by", "sektor"), "Did you mean sector"),
        (("--node", "FIRN"), "Did you mean FIRM"),
        (("--ladder", "dv01", "--gaps"), "one of"),
        (("--as-of", "soon"), "soon"),
    ],
)
def test_wrong_use(options: tuple[str, ...], says: str, capsys: Capture) -> None:
    show(*options, code=2)
    out, err = capsys.readouterr()
    assert says in err
    assert out == ""


def test_value_by_marks_beside_models(found: Exposures, capsys: Capture) -> None:
    assert run(["value", "show", "--model", "--by", "kind", "--output", "json"]) == 3
    rows = {row["kind"]: row for row in json.loads(capsys.readouterr().out)}
    both = found.lines.dropna(subset=["value", "model_value"])
    for kind, part in both.groupby("kind"):
        gap = (part["model_value"] - part["value"]).sum()
        assert rows[str(kind)]["gap"] == pytest.approx(gap, abs=1e-6)
    assert run(["value", "show", "--model", "--by", "kidn"]) == 2
    assert run(["value", "show", "--model", "--node", "LS"]) == 0
    assert "Total gap" in capsys.readouterr().out
