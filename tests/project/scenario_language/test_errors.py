"""A wrong word is named with file, line and the nearest right one."""

from __future__ import annotations

import pytest

from riskplatform.errors import UnknownNameError
from riskplatform.project.scenario_language import resolve
from riskplatform.project.strict_yaml import ContentError
from tests.project.scenario_language.writing import EQUITY, HEAD, library, scenario

CASES = [
    # text after the head, line, words of the message
    ("shoks:\n  - equity: all\n", 3, ["'shoks'", "shocks"]),
    ("shocks:\n  - equty: all\n    move: -20 %\n", 4, ["'equty'", "equity"]),
    ("shocks:\n  - equity: all\n    mvoe: -20 %\n", 5, ["'mvoe'", "move"]),
    ("shocks:\n  - equity: {secotr: Energy}\n    move: -20 %\n", 4, ["'secotr'", "sector"]),
    ("shocks:\n  - equity: all\n    move: -20\n", 5, ["without a unit", "-20 %"]),
    ("shocks:\n  - equity: all\n    move: -20 pct\n", 5, ["'pct'", "%"]),
    ("shocks:\n  - equity: all\n    move: -20 sgima\n", 5, ["'sgima'", "sigma"]),
    ("shocks:\n  - equity: all\n    move: a lot\n", 5, ["'a lot'", "number and a unit"]),
    ("shocks:\n  - equity: all\n    move: -100 %\n", 5, ["above -100 %", "-99 %"]),
    ("shocks:\n  - equity: all\n    move: 100 bp\n", 5, ["in bp", "% or sigma"]),
    ("shocks:\n  - equity: all\n    move: 1e999 %\n", 5, ["number and a unit"]),
    ("shocks:\n  - equity: all\n    move: 99999 %\n", 5, ["at most 10000"]),
    ("shocks:\n  - equity: all\n", 4, ["lacks move"]),
    ("shocks:\n  - rates: all\n", 4, ["no move", "parallel"]),
    ("shocks:\n  - rates: all\n    parallel: 1 %\n", 5, ["in %", "100 bp"]),
    ("shocks:\n  - rates: all\n    tenors: {2q: 1 bp}\n", 5, ["'2q'", "10Y"]),
    ("shocks:\n  - rates: all\n    tilt: 1 bp\n    between: [10y, 2y]\n", 4, ["between"]),
    ("shocks:\n  - volatility: all\n    tenors: {1m: 2 points, 1y: 5 %}\n", 5, ["mixes units"]),
    ("shocks:\n  - volatility: all\n    skw: 2 points\n", 5, ["'skw'", "mean skew"]),
    ("shocks:\n  - volatility: all\n    skew: 5 %\n", 5, ["in %", "points or bp", "90 % strike"]),
    ("shocks:\n  - volatility: all\n    skew: 1 sigma\n", 5, ["in sigma", "no history"]),
    ("shocks:\n  - volatility: all\n    skew: 2\n", 5, ["without a unit", "+2 points"]),
    ("shocks:\n  - volatility: all\n    skew_tenors: {1m: 5 %}\n", 5, ["in %", "points or bp"]),
    ("shocks:\n  - volatility: all\n", 4, ["no move", "level, tenors, skew or skew_tenors"]),
    ("shocks:\n  - equity: all\n    skew: 2 points\n", 5, ["'skew'", "equity"]),
    ("shocks:\n  - equity: {country: NO}\n    move: 1 %\n", 4, ["false", "'NO'"]),
    ("shocks:\n  - equity: all\n    crypto: all\n    move: 1 %\n", 4, ["equity and crypto"]),
    ("shocks:\n  - move: -20 %\n", 4, ["nothing to move", "equity"]),
    ("shocks: []\n", 3, ["0 entries"]),
    ("shocks: all\n", 3, ["a list is expected"]),
    ("shocks:\n  - default: all\n    recovery: 140 %\n", 5, ["at most 100 %"]),
    ("shocks:\n  - equity: all\n    move: ${size}\n", 5, ["'size'"]),
    ("parameters: {siz: 1 %}\nshocks:\n  - equity: all\n    move: ${size}\n", 6, ["'size'", "siz"]),
    ("shocks:\n  - equity: all\n    move: ${a} + ${b}\n", 5, ["stands alone"]),
    ("parameters: {Size: 1 %}\n" + EQUITY, 3, ["'Size'"]),
    ("parameters: {size: [1]}\n" + EQUITY, 3, ["a list"]),
    ("extends: nobody\n", 3, ["'nobody'"]),
    ("combine:\n  - {scenario: otter}\n", 4, ["'otter'", "other"]),
    ("combine:\n  - {scenario: other, wieght: 1}\n", 4, ["'wieght'", "weight"]),
    ("combine:\n  - {scenario: other, weight: .inf}\n", 4, ["-10 to 10"]),
    ("window: {from: 2020-01-02, to: 2020-01-01}\n" + EQUITY, 3, ["before it begins"]),
    ("date: yesterday\n" + EQUITY, 3, ["a day is expected"]),
    ("horizon_days: 0\n" + EQUITY, 3, ["1 to 2500"]),
    ("horizon_days: true\n" + EQUITY, 3, ["whole number"]),
    ("replay: {days: 5, from: 2020-01-01}\n", 3, ["either from and to, or days"]),
    ("replay: {days: 5, worst: {equty: all}}\n", 3, ["'equty'", "equity"]),
    ("rest: infer\npropagation: {regmie: calm}\n" + EQUITY, 4, ["'regmie'", "regime"]),
    ("propagation: {regime: calmer}\n" + EQUITY, 3, ["'calmer'", "calm"]),
    ("propagation: {when: {factor: spot.A}}\n" + EQUITY, 3, ["no quantile", "below"]),
    ("propagation: {regime: calm, when: {factor: spot.A, below: 0.1}}\n" + EQUITY, 3,
     ["by a regime and by a factor"]),
    ("propagation: {when: {factor: spot.A, below: 1.5}}\n" + EQUITY, 3, ["0.001 to 0.999"]),
    ("", None, ["nothing moves"]),
    ("title: twice\n" + EQUITY, 3, ["given twice"]),
    ("description: !!python/object/apply:os.system ['true']\n" + EQUITY, 3, ["not a plain value"]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "line", "words"), CASES, ids=[text[:40] for text, _, _ in CASES])
def test_the_complaint_names_line_and_word(text: str, line: int | None, words: list[str]) -> None:
    with pytest.raises(ContentError) as raised:
        resolve("it", library(it=HEAD + text, other=HEAD + EQUITY))
    assert str(raised.value).startswith("it.yaml")
    assert raised.value.line == line
    for word in words:
        assert word in str(raised.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("title: x\nkind: historic\n" + EQUITY, ["'historic'", "historical"]),
        ("title: x\n" + EQUITY, ["lacks kind"]),
        ("title: x\nkind: historical\n" + EQUITY, ["date or window", "source"]),
        ("title: x\nkind: historical\ndate: 1987-10-19\n" + EQUITY, ["needs source"]),
        ("title: x\nkind: regulatory\n" + EQUITY, ["needs source"]),
        ("- a\n- b\n", ["mapping"]),
        ("title: [\n", ["not readable YAML"]),
        ("title: &a [*a]\nkind: hypothetical\n", []),
    ],
)
def test_a_file_that_lacks_something_is_refused(text: str, words: list[str]) -> None:
    with pytest.raises(ContentError) as raised:
        resolve("it", library(it=text))
    for word in words:
        assert word in str(raised.value)


def test_a_small_file_that_unfolds_without_end_is_refused() -> None:
    bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 9)
    )
    with pytest.raises(ContentError, match="unfolds into more values"):
        scenario(HEAD + bomb + EQUITY)


@pytest.mark.slow
def test_a_deep_file_is_refused() -> None:
    with pytest.raises(ContentError):
        scenario(HEAD + "tags: " + "[" * 2000 + "]" * 2000 + "\n" + EQUITY)


def test_an_unknown_parameter_is_refused_with_the_nearest() -> None:
    known = library(it=HEAD + "parameters: {size: 1 %}\n" + EQUITY)
    with pytest.raises(UnknownNameError, match="Did you mean size"):
        resolve("it", known, {"siez": "2 %"})


def test_an_unknown_scenario_is_refused_with_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="Did you mean crash"):
        resolve("crahs", library(crash=HEAD + EQUITY))
