"""The scenario set: what it refuses, what it knows, and new sets made from it."""

from __future__ import annotations

import json
import pickle
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskplatform.errors import UnknownNameError, UserInputError
from riskplatform.simulation import (
    Gaussian,
    Own,
    ScenarioSet,
    combined,
    monte_carlo_plan,
    own_set,
    own_set_from_frame,
    recipe_from_dict,
    zero_set,
)
from tests.simulation.worlds import AS_OF, COVARIANCE, axis_of

AXIS = axis_of(3)
MOVES = np.random.default_rng(1).normal(0.0, 0.01, (8, 3))
RAW = np.arange(1.0, 9.0)
SET = own_set(AXIS, MOVES, weights=RAW / RAW.sum(), labels=[f"day {n}" for n in range(8)])


def drawn(seed: int = 7, scenarios: int = 400) -> ScenarioSet:
    recipe = Gaussian(scenarios=scenarios)
    return monte_carlo_plan(AXIS, COVARIANCE, recipe, seed=seed).materialise()


def test_the_numbers_are_private_and_read_only() -> None:
    mine = MOVES.copy()
    made = own_set(AXIS, mine)
    mine[0, 0] = 9.0
    assert made.moves[0, 0] == MOVES[0, 0]
    with pytest.raises(ValueError, match="read-only"):
        made.moves[0, 0] = 1.0
    with pytest.raises(ValueError, match="read-only"):
        made.weights[0] = 1.0


def test_a_set_travels_to_another_process_and_stays_read_only() -> None:
    there = pickle.loads(pickle.dumps(drawn()))
    assert there == drawn()
    assert there.moves_hash() == drawn().moves_hash()
    assert not there.moves.flags.writeable
    assert not there.weights.flags.writeable


def test_a_direct_set_keeps_the_callers_array_apart() -> None:
    mine = MOVES.copy()
    made = ScenarioSet(facts=SET.facts, moves=mine, weights=SET.weights, labels=SET.labels)
    mine[0, 0] = 9.0
    assert made.moves[0, 0] == MOVES[0, 0]
    assert mine.flags.writeable


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"moves": MOVES * np.nan}, r"24 moves are not finite, the first of F\.0.*own 1"),
        ({"moves": MOVES[:, :2]}, "shape"),
        ({"moves": np.empty((0, 3))}, "at least one scenario"),
        ({"weights": np.full(8, 0.2)}, r"sum to 1\.6, not 1"),
        ({"weights": np.full(7, 1 / 7)}, "8 scenarios need 8 weights"),
        ({"weights": np.array([1.5, -0.5, 0, 0, 0, 0, 0, 0])}, "negative"),
        ({"horizon_days": 0}, "horizon"),
    ],
)
def test_what_is_wrong_is_said(change: dict[str, Any], words: str) -> None:
    asked = {"moves": MOVES, **change}
    with pytest.raises(UserInputError, match=words):
        own_set(AXIS, **asked)


def test_the_id_is_recipe_seed_inputs_and_nothing_else() -> None:
    assert drawn().scenario_set_id == drawn().scenario_set_id
    ids = {
        drawn().scenario_set_id,
        drawn(seed=8).scenario_set_id,
        drawn(scenarios=401).scenario_set_id,
        monte_carlo_plan(AXIS, COVARIANCE * 1.01, Gaussian(scenarios=400), seed=7).scenario_set_id,
        monte_carlo_plan(
            axis_of(3, "absolute"), COVARIANCE, Gaussian(scenarios=400), seed=7
        ).scenario_set_id,
    }
    assert len(ids) == 5
    assert drawn() == drawn()
    assert drawn() != drawn(seed=8)
    assert all(len(one) == 64 for one in ids)


def test_facts_are_plain_json_and_the_recipe_comes_back() -> None:
    facts = json.loads(json.dumps(drawn().to_dict()))
    assert facts["as_of"] == AS_OF.isoformat()
    assert facts["scenarios"] == 400
    assert recipe_from_dict(facts["recipe"]) == Gaussian(scenarios=400)


def test_the_table_comes_back_as_a_set() -> None:
    back = own_set_from_frame(SET.to_frame(), AS_OF, recipe=Own())
    assert back.moves == pytest.approx(SET.moves, abs=0.0)
    assert back.weights == pytest.approx(SET.weights, abs=0.0)
    assert back.labels == SET.labels
    with pytest.raises(UnknownNameError, match="F"):
        own_set_from_frame(SET.to_frame(), AS_OF, {"F.00": "log"})
    with pytest.raises(UserInputError, match=r"F\.1, F\.2"):
        own_set_from_frame(SET.to_frame(), AS_OF, {"F.0": "log"})


def test_description_is_weighted() -> None:
    found = SET.describe().moments
    mean = SET.weights @ MOVES
    deviation = np.sqrt(SET.weights @ (MOVES - mean) ** 2)
    assert found["mean"].to_numpy() == pytest.approx(mean)
    assert found["deviation"].to_numpy() == pytest.approx(deviation)
    skew = SET.weights @ ((MOVES - mean) / deviation) ** 3
    assert found["skewness"].to_numpy() == pytest.approx(skew)
    assert SET.describe().correlation_gap is None


def test_a_drawn_set_is_described_beside_its_input() -> None:
    found = drawn().describe()
    assert found.moments["input_deviation"].to_numpy() == pytest.approx(
        np.sqrt(np.diagonal(COVARIANCE))
    )
    # Twice the standard error of a correlation of 400 draws.
    assert found.correlation_gap is not None
    assert 0.0 < found.correlation_gap < 0.15
    assert json.dumps(found.to_dict())


def test_html_escapes_and_shows_notes() -> None:
    made = own_set(AXIS, MOVES, recipe=Own(name="<b>"))
    assert "<b>8 scenarios" in made._repr_html_()
    assert "F.2" in made._repr_html_()
    assert "effective sample size" in drawn().describe()._repr_html_()


@given(st.permutations(range(8)))
def test_permuting_permutes_and_back(order: list[int]) -> None:
    there = SET.permuted(order)
    assert (there.moves == MOVES[order]).all()
    assert (there.weights == SET.weights[order]).all()
    back = there.permuted(np.argsort(order))
    assert back.moves_hash() == SET.moves_hash()
    assert np.allclose(there.describe().moments["mean"], SET.describe().moments["mean"])


@given(st.lists(st.integers(0, 7), min_size=1, max_size=8, unique=True))
def test_subsets_sum_to_one(rows: list[int]) -> None:
    made = SET.subset(rows)
    assert made.weights.sum() == pytest.approx(1.0, abs=1e-12)
    assert made.weights == pytest.approx(RAW[rows] / RAW[rows].sum())
    by_label = SET.subset([f"day {row}" for row in rows])
    assert by_label.moves_hash() == made.moves_hash()
    mask = np.isin(np.arange(8), rows)
    assert (SET.subset(mask).moves == MOVES[mask]).all()


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (lambda: SET.subset([]), "empty"),
        (lambda: SET.subset([1, 1]), "twice"),
        (lambda: SET.subset([8]), "no scenario 8"),
        (lambda: SET.subset(np.ones(3, dtype=bool)), "mask"),
        (lambda: SET.subset(["day 9"]), r"Did you mean day \d"),
        (lambda: SET.permuted([0, 0, 1, 2, 3, 4, 5, 6]), "once"),
        (lambda: SET.with_factors(["F.9"]), r"Did you mean F\.\d"),
        (lambda: combined([]), "Nothing to combine"),
        (lambda: combined([(SET, 0.5), (SET, 0.4)]), r"sum to 0\.9"),
        (lambda: combined([(SET, 0.5), (own_set(axis_of(2), MOVES[:, :2]), 0.5)]), r"F\.2"),
        (lambda: combined([(SET, 0.5), (own_set(AXIS, MOVES, horizon_days=2), 0.5)]), "days"),
        (lambda: combined([(SET, 0.5), (own_set(axis_of(3, "absolute"), MOVES), 0.5)]), "kinds"),
    ],
)
def test_wrong_selections_are_refused(act: object, words: str) -> None:
    with pytest.raises(UserInputError, match=words):
        act()  # type: ignore[operator]


@given(st.floats(0.0, 1.0))
def test_combined_sets_share_the_weight(share: float) -> None:
    other = SET.with_factors(["F.2", "F.0", "F.1"]).permuted(range(8)[::-1])
    made = combined([(SET, share), (other, 1.0 - share)])
    assert made.weights.sum() == pytest.approx(1.0, abs=1e-12)
    assert made.factor_ids == SET.factor_ids
    assert (made.moves[:8] == MOVES).all()
    assert (made.moves[8:] == MOVES[::-1]).all()
    assert made.weights[:8].sum() == pytest.approx(share, abs=1e-12)


def test_the_zero_scenario_stands_in_front_and_counts_nothing() -> None:
    made = SET.with_zero()
    assert made.labels[0] == "no move"
    assert not made.moves[0].any()
    assert made.weights[0] == 0.0
    assert (made.weights[1:] == SET.weights).all()
    assert len(zero_set(AXIS)) == 1
    assert made.scenario_set_id != SET.scenario_set_id


def test_factors_by_name_keep_their_reference() -> None:
    whole, part = drawn(), drawn().with_factors(["F.2", "F.0"])
    assert (part.moves == whole.moves[:, [2, 0]]).all()
    before, after = whole.describe(), part.describe()
    assert (
        after.moments.loc["F.0", "input_deviation"] == before.moments.loc["F.0", "input_deviation"]
    )
    assert after.input_correlation is not None
    assert before.input_correlation is not None
    assert after.input_correlation.loc["F.2", "F.0"] == before.input_correlation.loc["F.2", "F.0"]
