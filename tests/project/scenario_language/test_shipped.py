"""Every file that is shipped can be used, and says where its moves are from."""

from __future__ import annotations

import json
import math
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from riskplatform.project.scenario_language import Library, Scenario, library_of, resolve
from riskplatform.project.scenario_language.json_schema import json_schema
from riskplatform.project.strict_yaml import document_of, read_document

FOLDER = Path(__file__).resolve().parents[3] / "scenarios"
LIBRARY = library_of([FOLDER])
IDS = LIBRARY.ids()


@pytest.fixture(scope="module")
def shipped() -> dict[str, Scenario]:
    return {name: resolve(name, LIBRARY) for name in IDS}


def test_there_are_enough_of_each_kind(shipped: dict[str, Scenario]) -> None:
    assert LIBRARY.problems == ()
    kinds = [each.kind for each in shipped.values()]
    assert len(kinds) >= 40
    assert kinds.count("historical") >= 14
    assert kinds.count("regulatory") >= 8
    assert kinds.count("replay") >= 3


@pytest.mark.parametrize("name", IDS)
def test_a_file_stands_in_the_folder_of_its_kind(name: str) -> None:
    found = resolve(name, LIBRARY)
    assert LIBRARY.files[name].parent.name == found.kind
    assert found.scenario_id == name
    assert found.title


@pytest.mark.parametrize("name", [n for n in IDS if LIBRARY.files[n].parent.name == "historical"])
def test_a_historical_scenario_states_source_and_date(name: str) -> None:
    found = resolve(name, LIBRARY)
    days = found.window or (found.date, found.date)
    assert all(isinstance(day, date) and day < date(2026, 1, 1) for day in days)
    assert len(found.source) > 40
    assert found.url.startswith("https://")
    assert found.description
    assert found.parts == ()
    # Where steps are dated, they lie in the window.
    for step in found.path:
        assert step.date is not None
        assert days[0] is not None
        assert days[1] is not None
        assert days[0] <= step.date <= days[1]


@pytest.mark.parametrize("name", [n for n in IDS if LIBRARY.files[n].parent.name == "regulatory"])
def test_a_regulatory_scenario_names_its_rule(name: str) -> None:
    found = resolve(name, LIBRARY)
    assert found.source
    assert found.url.startswith("https://")


def test_no_two_do_the_same(shipped: dict[str, Scenario]) -> None:
    hashes = [each.content_hash for each in shipped.values()]
    assert len(set(hashes)) == len(hashes)


# BCBS d368, annex 2, table 1: parallel, short and long sizes in basis points.
SIZES = {
    "AUD": (300, 450, 200), "BRL": (400, 500, 300), "CAD": (200, 300, 150), "CHF": (100, 150, 100),
    "CNY": (250, 300, 150), "EUR": (200, 250, 100), "GBP": (250, 300, 150), "HKD": (200, 250, 100),
    "INR": (400, 500, 300), "JPY": (100, 100, 100), "KRW": (300, 400, 200), "MXN": (400, 500, 300),
    "SEK": (200, 300, 150), "SGD": (150, 200, 100), "USD": (200, 300, 150), "ZAR": (400, 500, 300),
}  # fmt: skip


def published(rule: str, sizes: tuple[float, float, float], years: float) -> float:
    """Annex 2, paragraph 2, written out: the change of a zero rate in basis points."""
    parallel, short, long = sizes
    at_short = short * math.exp(-years / 4.0)
    at_long = long * (1.0 - math.exp(-years / 4.0))
    return {
        "irrbb_parallel_up": parallel,
        "irrbb_parallel_down": -parallel,
        "irrbb_short_up": at_short,
        "irrbb_short_down": -at_short,
        "irrbb_steepener": -0.65 * abs(at_short) + 0.9 * abs(at_long),
        "irrbb_flattener": 0.8 * abs(at_short) - 0.6 * abs(at_long),
    }[rule]


@pytest.mark.parametrize("rule", [name for name in IDS if name.startswith("irrbb_")])
def test_the_six_shocks_of_irrbb_are_those_published(rule: str) -> None:
    import numpy as np

    from riskplatform.stress.curve_shapes import rate_moves

    years = np.array([0.003, 0.25, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0])
    seen: dict[str, np.ndarray] = {}
    for shock in resolve(rule, LIBRARY).shocks:
        ((attribute, currencies),) = shock.selection.attributes
        assert attribute == "currency"
        parallel = shock.amount("parallel")
        moves = rate_moves(shock, years) + (parallel.fraction if parallel else 0.0)
        seen |= dict.fromkeys(currencies, moves)
    assert set(seen) == set(SIZES)
    for currency, sizes in SIZES.items():
        expected = [published(rule, sizes, t) / 1e4 for t in years.tolist()]
        assert seen[currency].tolist() == pytest.approx(expected, abs=1e-12), currency


def plain(value: Any) -> Any:
    """A document as JSON has it: days are texts."""
    return json.loads(json.dumps(value, default=str))


@pytest.mark.slow
def test_editors_find_no_fault_with_the_shipped_files() -> None:
    jsonschema = pytest.importorskip("jsonschema")
    schema = json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    for name in IDS:
        document = read_document(LIBRARY.files[name])
        assert list(validator.iter_errors(plain(document.data))) == [], name


def test_editors_see_what_the_validator_sees() -> None:
    jsonschema = pytest.importorskip("jsonschema")
    validator = jsonschema.Draft202012Validator(json_schema())
    for wrong in (
        {"titel": "x", "kind": "hypothetical"},
        {"title": "x", "kind": "historic"},
        {"title": "x", "shocks": [{"equity": "all", "move": "-20"}]},
        {"title": "x", "shocks": [{"rates": "all", "parallel": "1 %"}]},
        {"title": "x", "shocks": [{"rates": "all", "move": "100 bp"}]},
        {"title": "x", "shocks": [{"volatility": "all", "skew": "5 %"}]},
        {"title": "x", "shocks": [{"volatility": "all", "skew": "1 sigma"}]},
        {"title": "x", "shocks": [{"volatility": "all", "skew_tenors": {"1m": "5 %"}}]},
        {"title": "x", "shocks": [{"volatility": "all", "skw": "2 points"}]},
    ):
        assert not validator.is_valid(wrong), wrong
    right = {"volatility": "all", "skew": "+2 points", "skew_tenors": {"1m": "50 bp"}}
    assert validator.is_valid({"title": "x", "kind": "hypothetical", "shocks": [right]})


def test_a_library_of_two_folders_prefers_the_first(tmp_path: Path) -> None:
    own = tmp_path / "scenarios"
    own.mkdir()
    (own / "rates_up_100.yaml").write_text(
        "extends: no_bids\ntitle: mine\nkind: hypothetical\n", encoding="utf-8"
    )
    both: Library = library_of([own, FOLDER])
    assert resolve("rates_up_100", both).title == "mine"
    assert len(both.ids()) == len(IDS)


def test_the_example_of_the_read_me_is_right() -> None:
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    example = text.split("```yaml\n")[1].split("```")[0]
    known = LIBRARY.with_document("example", document_of(example.encode(), Path("README.md")))
    found = resolve("example", known)
    assert {shock.target for shock in found.shocks} >= {"equity", "rates", "fx", "default"}
