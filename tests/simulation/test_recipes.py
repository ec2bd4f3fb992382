"""Recipes: plain data there and back, unknown choices refused by name."""

from __future__ import annotations

import json

import pytest

from riskplatform.errors import UnknownNameError, UserInputError
from riskplatform.simulation import (
    AgeWeighted,
    Copula,
    FactorModel,
    FilteredHistorical,
    GarchPaths,
    Gaussian,
    Historical,
    ImportanceTails,
    Merton,
    Own,
    Recipe,
    StudentT,
    VolatilityScaled,
    recipe_from_dict,
)
from riskplatform.simulation.recipe import _MAKERS, _MAKERS_IN
from riskplatform.simulation.selections import Combined

RECIPES = [
    Historical(horizon_days=5, overlapping=False, kinds=(("EQ", "relative"),)),
    AgeWeighted(decay=0.99),
    VolatilityScaled(decay=0.97, window_days=500),
    FilteredHistorical(scenarios=500, days_together=5),
    Gaussian(scheme="sobol"),
    StudentT(nu=4.0),
    Copula(family="skewed_t", nu=5.0),
    FactorModel(nu=6.0),
    Merton(jumps_per_year=3.0),
    GarchPaths(horizon_days=20),
    ImportanceTails(shift=3.0),
    Own(name="mine"),
    Combined(shares=(0.5, 0.5)),
]


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.maker)
def test_a_recipe_survives_json(recipe: Recipe) -> None:
    again = recipe_from_dict(json.loads(json.dumps(recipe.to_dict())))
    assert again == recipe
    assert again.to_dict() == recipe.to_dict()


def test_makers_have_names_of_their_own() -> None:
    ours = {
        name: kind.__module__.removeprefix("riskplatform.simulation.")
        for name, kind in _MAKERS.items()
        if kind.__module__.startswith("riskplatform.simulation.")
    }
    assert {recipe.maker for recipe in RECIPES} | {"zero", "derived"} == set(ours)
    assert ours == _MAKERS_IN, "a maker is imported from its module when it is first named"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"maker": "gausian"}, "Did you mean gaussian"),
        ({"maker": "gaussian", "scenario": 5}, "Did you mean scenarios"),
        ({"maker": "gaussian", "scheme": "sobl"}, "Did you mean sobol"),
        ({"maker": "copula", "family": "tt"}, "family of copulas"),
        ({"maker": "copula", "marginals": "gdp"}, "Did you mean gpd"),
    ],
)
def test_unknown_choices_are_answered_with_the_nearest(data: dict[str, object], words: str) -> None:
    with pytest.raises(UnknownNameError, match=words):
        recipe_from_dict(data)


@pytest.mark.parametrize(
    "choice",
    [
        {"maker": "gaussian", "version": 99},
        {"maker": "gaussian", "scenarios": 0},
        {"maker": "gaussian", "horizon_days": 0},
        {"maker": "gaussian", "block_size": 0},
        {"maker": "gaussian", "scheme": "antithetic", "block_size": 5},
        {"maker": "gaussian", "scheme": "moment_matched", "scenarios": 2_501},
        {"maker": "gaussian", "scheme": "moment_matched", "scenarios": 1},
        {"maker": "student_t", "nu": 2.0},
        {"maker": "factor_model", "nu": 1.0},
        {"maker": "copula", "tail_share": 0.5},
        {"maker": "copula", "nu": 2.0},
        {"maker": "merton", "jumps_per_year": -1.0},
        {"maker": "merton", "jumps_per_year": 1e6},
        {"maker": "filtered_historical", "scheme": "sobol"},
        {"maker": "filtered_historical", "days_together": 0},
        {"maker": "importance_tails", "shift": 0.0},
        {"maker": "importance_tails", "usual_share": 1.0},
        {"maker": "importance_tails", "scenarios": 2},
    ],
)
def test_choices_that_cannot_be_are_refused(choice: dict[str, object]) -> None:
    with pytest.raises(UserInputError):
        recipe_from_dict(choice)
