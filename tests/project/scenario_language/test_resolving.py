"""Inheritance, parameters and combination: what a scenario is once everything is put in place."""

from __future__ import annotations

import pytest

from riskplatform.project.scenario_language import Selection, resolve
from riskplatform.project.scenario_language.amounts import Amount, Unit
from riskplatform.project.strict_yaml import ContentError
from tests.project.scenario_language.writing import EQUITY, HEAD, library, scenario

BASE = """\
title: base
kind: hypothetical
parameters: {fall: -20 %, years: 4}
tags: [one]
shocks:
  - equity: all
    move: ${fall}
  - volatility: all
    level: -0.5 * ${fall}
"""


def test_a_child_keeps_what_it_does_not_say_and_adds_its_shocks() -> None:
    child = (
        "extends: base\ntitle: child\nparameters: {fall: -40 %}\n"
        "shocks:\n  - crypto: all\n    move: -1 %\n"
    )
    known = library(base=BASE, child=child)
    found = resolve("child", known)
    assert (found.title, found.kind, found.tags) == ("child", "hypothetical", ("one",))
    assert [str(shock) for shock in found.shocks] == [
        "equity all: move -40 %", "volatility all: level +20 %", "crypto all: move -1 %",
    ]  # fmt: skip
    # The base itself is as it was.
    assert str(resolve("base", known).shocks[0]) == "equity all: move -20 %"


def test_a_value_given_at_the_call_beats_those_of_files() -> None:
    found = resolve("base", library(base=BASE), {"fall": "-7.5 %"})
    assert found.shocks[0].amount("move") == Amount(-7.5, Unit.PERCENT)
    assert found.shocks[1].amount("level") == Amount(3.75, Unit.PERCENT)
    assert dict(found.parameters)["fall"] == "-7.5 %"


def test_a_parameter_of_the_wrong_unit_is_refused_where_it_is_used() -> None:
    with pytest.raises(ContentError, match=r"base\.yaml:7: move is in bp"):
        resolve("base", library(base=BASE), {"fall": "-20 bp"})


def test_parameters_stand_for_words_too() -> None:
    text = "parameters: {where: IT}\nshocks:\n  - equity: {country: ['${where}']}\n    move: 1 %\n"
    assert scenario(text).shocks[0].selection == Selection(attributes=(("country", ("IT",)),))


def test_circles_are_refused() -> None:
    with pytest.raises(ContentError, match="a > b > a"):
        resolve("a", library(a="extends: b\ntitle: a\n", b="extends: a\ntitle: b\n"))
    round_ = {n: HEAD + f"combine:\n  - scenario: {m}\n" for n, m in (("a", "b"), ("b", "a"))}
    with pytest.raises(ContentError, match="a > b > a"):
        resolve("a", library(**round_))


def test_combinations_that_unfold_without_end_are_refused() -> None:
    texts = {"s0": HEAD + EQUITY} | {
        f"s{n}": HEAD + "combine:\n" + f"  - scenario: s{n - 1}\n" * 8 for n in range(1, 8)
    }
    with pytest.raises(ContentError, match="too deep"):
        resolve("s7", library(**texts))


def test_the_hash_is_of_what_a_scenario_does() -> None:
    first = scenario(HEAD + EQUITY)
    assert scenario("title: another\nkind: hypothetical\ntags: [x]\n" + EQUITY).content_hash == (
        first.content_hash
    )
    assert scenario(HEAD + EQUITY.replace("-20", "-21")).content_hash != first.content_hash
    assert scenario(HEAD + EQUITY + "    on_top: true\n").content_hash != first.content_hash
    assert scenario(HEAD + "horizon_days: 10\n" + EQUITY).content_hash != first.content_hash
    assert scenario(HEAD + "rest: infer\n" + EQUITY).content_hash != first.content_hash


def test_a_part_s_weight_is_in_the_hash() -> None:
    base = HEAD + EQUITY
    mixed = [HEAD + f"combine:\n  - {{scenario: base, weight: {w}}}\n" for w in (1, 0.5)]
    hashes = {resolve("it", library(base=base, it=text)).content_hash for text in mixed}
    assert len(hashes) == 2


def test_names_are_found_in_any_case_and_with_stars() -> None:
    found = scenario("shocks:\n  - commodity: {name: ['*WTI*', BRENT]}\n    move: 1 %\n")
    import re

    patterns = [re.compile(each) for each in found.shocks[0].selection.patterns()]
    assert [any(p.match(n) for p in patterns) for n in ("cm.wti", "brent", "cm.brent")] == [
        True, True, False,
    ]  # fmt: skip
