"""A question in one line is the same value as one in a file; a slip is told with the right word."""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from riskplatform.errors import RiskPlatformError, UserInputError
from riskplatform.pricing.attributes import SLICES
from riskplatform.pricing.exposures.measures import SUMMED
from riskplatform.project.query_language import EXPOSURES, MEASURES, parsed_query, query_of
from riskplatform.project.query_language.reading import query_from
from riskplatform.project.query_language.text import yaml_text
from riskplatform.project.strict_yaml import ContentError, document_of

WHOLE = (
    "gain, ES of GEQ, MAS in equity_down_20(fall=-30 %), "
    "{equity: {sector: [Energy, Utilities]}, move: -20 %} + {rates: all, parallel: +50 bp}, "
    "regulatory by sector at 97.5% over student_t on 2026-11-27 "
    "with GEQ.NAM.CORE: AAPL +1,000; scale MAS sector Consumer Goods of Daily Use 0.5"
)
FILE = """\
measures: [gain, es]
nodes: [GEQ, MAS]
scenarios:
  - scenario: equity_down_20
    parameters: {fall: -30 %}
  - shocks:
      - equity: {sector: [Energy, Utilities]}
        move: -20 %
      - rates: all
        parallel: +50 bp
  - regulatory
changes:
  - "GEQ.NAM.CORE: AAPL +1,000"
  - scale MAS sector Consumer Goods of Daily Use 0.5
by: sector
set: student_t
confidence: 0.975
as_of: 2026-11-27
"""


def from_file(text: str) -> Any:
    return query_of(document_of(text.encode(), Path("asked.yaml")))


def test_a_line_and_a_file_ask_the_same() -> None:
    line, file = parsed_query(WHOLE), from_file(FILE)
    assert line == file
    assert line.content_hash == file.content_hash
    assert line.as_of == date(2026, 11, 27)
    assert [each.scenario_id for each in line.scenarios] == [
        "equity_down_20",
        "typed",
        "regulatory",
    ]


def test_what_is_written_down_reads_as_the_same_question() -> None:
    query = parsed_query(WHOLE)
    again = from_file(yaml_text(query))
    assert again == query
    assert query_from(yaml.safe_load(yaml_text(query))) == query
    # JSON has no days: they are text there.
    plain = {**query.to_plain(), "as_of": "2026-11-27"}
    assert query_from(plain) == query


def test_two_that_differ_in_a_shock_differ() -> None:
    one, two = (parsed_query(f"gain in {{equity: all, move: {n} %}}") for n in (-1, -2))
    assert one != two
    assert one.content_hash != two.content_hash
    titled = from_file("title: words\n" + FILE)
    assert titled.content_hash == from_file(FILE).content_hash


@pytest.mark.parametrize(
    ("text", "measures"),
    [("in crash_1987", ("gain",)), ("P&L in a", ("gain",)), ("gross value, DV01", None),
     ("es of A", ("es",)), ("Pnl, gain in a", ("gain",))],
)  # fmt: skip
def test_measures_have_other_names_and_gain_is_usual(text: str, measures: Any) -> None:
    assert parsed_query(text).measures == (measures or ("gross_value", "dv01"))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "Nothing is asked"),
        ("gian in crash_1987", "Did you mean gain"),
        ("gain of", "after 'of'"),
        ("gain of A of B", "'of' stands twice"),
        ("gain in {equity: all, move: -20 %", "bracket"),
        ("gain in {equity: all, equity: all}", "given twice"),
        ("gain in equity_down_20(fall)", "no parameter"),
        ("gain in Bad Name", "scenarios is 'Bad Name'"),
        ("es at lots", "no confidence"),
        ("es at 0.2", "0.5 to 0.99999"),
        ("es on tomorrow", "a day is expected"),
        ("gain in {!!python/name:os.system : x}", "not"),
        ("x" * 30_000, "30,000 characters"),
    ],
)
def test_slips_are_told(text: str, words: str) -> None:
    with pytest.raises(UserInputError, match=words) as told:
        parsed_query(text)
    assert told.value.hint or words in ("given twice", "not")


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("measures: gian\n", 1, "Did you mean gain"),
        ("meassures: gain\n", 1, "Did you mean measures"),
        ("scenarios:\n  - 3\n", 2, "a scenario is 3"),
        ("scenarios:\n  - {scenario: a, parametres: {x: 1}}\n", 2, "parameters"),
        ("changes:\n  - 7\n", 2, "a change is 7"),
        ("confidence: 2\n", 1, "0.5 to"),
        ("self_financed: 1\n", 1, "true or false"),
        ("- gain\n", 1, "mapping"),
    ],
)
def test_slips_in_files_name_the_line(text: str, line: int, words: str) -> None:
    with pytest.raises(ContentError, match=r"asked\.yaml") as told:
        from_file(text)
    assert words in str(told.value)
    assert told.value.line == line


def test_a_scenario_written_out_keeps_the_lines_of_its_file() -> None:
    (asked,) = from_file("scenarios:\n  - title: x\n    shocks:\n      - equty: all\n").scenarios
    assert asked.document.line("shocks", 0, "equty") == 4


def test_the_words_are_those_of_exposures() -> None:
    assert EXPOSURES == SUMMED
    assert not set(MEASURES) & set(SLICES)


PIECES = [
    *WHOLE.split(),
    "in",
    "of",
    "with",
    "{",
    "}",
    "(",
    ")",
    "+",
    ",",
    ";",
    ":",
    "all",
    "%",
    "é",
]


@given(st.lists(st.sampled_from(PIECES), max_size=25))
def test_any_words_are_a_question_or_a_complaint(pieces: list[str]) -> None:
    with suppress(RiskPlatformError):
        found = parsed_query(" ".join(pieces))
        assert set(found.measures) <= set(MEASURES)
        assert from_file(yaml_text(found)) == found


@given(st.text(max_size=80))
def test_any_text_is_a_question_or_a_complaint(text: str) -> None:
    with suppress(RiskPlatformError):
        assert set(parsed_query(text).measures) <= set(MEASURES)
