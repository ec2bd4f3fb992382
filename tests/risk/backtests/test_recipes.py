"""The usual models by name and parameters, as a register names them."""

from __future__ import annotations

import pytest

from riskplatform.errors import UnknownNameError, UserInputError
from riskplatform.risk.backtests import RECIPES, model_of, usual_models
from riskplatform.risk.backtests.models import FilteredGjr, Historical
from riskplatform.risk.backtests.recipes import with_window


def test_the_recipes_are_the_usual_models() -> None:
    assert tuple(model_of(recipe) for recipe in RECIPES) == usual_models()


def test_parameters_are_fields_of_the_model() -> None:
    found = model_of("filtered-gjr", {"window_days": 250, "refit_every": 5})
    assert found == FilteredGjr(window_days=250, refit_every=5)
    assert with_window(found, 300) == FilteredGjr(window_days=300, refit_every=5)
    assert with_window(found, None) is found
    assert model_of("historical", {"name": "two years"}) == Historical(name="two years")


def test_what_is_not_known_is_told_the_nearest() -> None:
    with pytest.raises(UnknownNameError) as caught:
        model_of("filtered-gjt")
    assert "filtered-gjr" in str(caught.value.hint)
    with pytest.raises(UnknownNameError, match="parameter of historical") as caught:
        model_of("historical", {"windowdays": 250})
    assert "window_days" in str(caught.value.hint)


@pytest.mark.parametrize("value", ["many", 250.5, True, None])
def test_a_window_is_a_whole_number(value: object) -> None:
    with pytest.raises(UserInputError, match="window_days of historical is"):
        model_of("historical", {"window_days": value})
