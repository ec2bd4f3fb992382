"""How a question says which scenarios it means: a recipe, a maker's name, or plain data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from riskplatform.simulation.recipe import Recipe, recipe_from_dict


def recipe_of(recipe: Recipe | str | Mapping[str, Any]) -> Recipe:
    """A recipe by itself, by its maker's name, or as plain data."""
    if isinstance(recipe, Recipe):
        return recipe
    asked = {"maker": recipe} if isinstance(recipe, str) else recipe
    if asked.get("maker") == "stress":
        # Its recipe lives with the scenarios of stress, and is known once they are imported.
        import riskplatform.stress.stress_set  # noqa: F401
    return recipe_from_dict(asked)
