"""Constraints between text and table, and what of them bounds single lines on the frontier."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskplatform.errors import UserInputError
from riskplatform.optimisation.constraints.from_data import constraints_from_data
from riskplatform.optimisation.inputs import inputs_from_moments
from riskplatform.project.strict_yaml import ContentError
from riskplatform.ui.rebalance_constraints import (
    is_simple,
    of_rows,
    rows_of,
    text_of,
    written,
)
from riskplatform.ui.rebalance_pictures import bounds_of

WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["C"]), min_size=1, max_size=12)
TIDY = WORDS.filter(lambda word: word == word.strip() and "," not in word)
SHARES = st.floats(-1, 1).map(lambda value: round(value, 6))
BOUNDS = st.one_of(
    st.fixed_dictionaries({"high": SHARES}, optional={"low": SHARES}),
    st.fixed_dictionaries({"low": SHARES}),
)
BOXES = BOUNDS.map(lambda bounds: {"kind": "box", **bounds})
OF_LINES = st.builds(
    lambda bounds, names: {"kind": "box", "assets": names, **bounds},
    BOUNDS,
    st.lists(TIDY, min_size=1, max_size=3),
)
OF_GROUPS = st.builds(
    lambda bounds, of: {"kind": "group", "by": "sector", "of": of, **bounds}, BOUNDS, TIDY
)
LABELLED = st.builds(
    lambda terms, label: {**terms, "label": label} if label else terms,
    st.one_of(BOXES, OF_LINES, OF_GROUPS),
    st.one_of(st.just(""), TIDY),
)


@given(st.lists(LABELLED, max_size=5))
def test_rows_of_the_table_say_all_that_the_constraints_say(terms: list[dict[str, Any]]) -> None:
    assert of_rows(rows_of(terms).to_dict("records")) == terms


@pytest.mark.slow
@given(st.lists(st.dictionaries(WORDS, st.one_of(WORDS, SHARES, st.integers()), min_size=1)))
def test_text_says_what_was_put_into_it(terms: list[dict[str, Any]]) -> None:
    assert list(written(text_of(terms)).constraints) == terms


def test_no_text_and_an_empty_list_are_no_constraints() -> None:
    for text in ("", "  \n", "constraints:\n", "constraints: []", text_of(())):
        assert written(text).constraints == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("constrains:\n- {kind: box}", "constraints:1: unknown key 'constrains'"),
        ("constraints: box", "constraints is 'box'"),
        ("constraints:\n- box\n", "constraints:2: constraint 1 is 'box'"),
        ("constraints:\n- {kind: box", "is not readable YAML"),
    ],
)
def test_what_is_no_list_of_constraints_is_named_with_its_line(text: str, said: str) -> None:
    with pytest.raises(ContentError, match=said):
        written(text)


def test_only_plain_bounds_fit_into_the_table() -> None:
    assert is_simple({"kind": "box", "high": 0.1})
    assert is_simple({"kind": "group", "by": "sector", "of": "Energy", "high": 0.1})
    assert not is_simple({"kind": "group", "label": "both", "assets": ["A"], "high": 0.1})
    assert not is_simple({"kind": "turnover", "high": 0.1})
    with pytest.raises(UserInputError, match="names none"):
        of_rows([{"about": "lines", "which": " ", "high": 5.0}])


def test_bounds_are_the_tightest_of_boxes_and_the_restricted_list() -> None:
    inputs = inputs_from_moments(["A", "B", "C"], np.eye(3))
    inputs = replace(inputs, current=np.array([0.2, 0.5, 0.3]))
    terms: list[dict[str, Any]] = [
        {"kind": "box", "high": 0.6},
        {"kind": "box", "assets": ["A"], "low": -0.1, "high": 0.4, "label": "A"},
        {"kind": "restricted", "assets": ["C"]},
        {"kind": "turnover", "high": 0.1},
    ]
    bounds = bounds_of(constraints_from_data(terms), inputs)
    assert bounds is not None
    # A may be short, since its low is said; C may not be bought beyond what is held.
    assert bounds[0].tolist() == [-0.1, 0.0, 0.0]
    assert bounds[1].tolist() == [0.4, 0.6, 0.3]
    assert bounds_of(constraints_from_data(terms[3:]), inputs) is None
