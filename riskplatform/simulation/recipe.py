"""What was asked for, as a value: every maker of scenarios has a frozen recipe.

A recipe is plain data, so that it can stand in a file, in a lake's row and in a set's id. The
data that it is applied to (a history, a covariance) is not part of it; their hashes are kept
beside it.
"""

from __future__ import annotations

import dataclasses
import importlib
from collections.abc import Mapping
from typing import Any, ClassVar, TypeVar

from riskplatform.errors import UnknownNameError, UserInputError
from riskplatform.market.content import Content

R = TypeVar("R", bound="type[Recipe]")

_MAKERS: dict[str, type[Recipe]] = {}
_MAKERS_IN = {
    "historical": "historical", "age_weighted": "historical", "factor_model": "factor_model",
    "gaussian": "elliptical", "student_t": "elliptical", "filtered_historical": "filtered",
    "volatility_scaled": "volatility_scaled", "copula": "copula", "importance_tails": "importance",
    "merton": "jumps", "own": "own", "zero": "own", "garch_paths": "paths",
    "derived": "selections", "combined": "selections",
}  # fmt: skip
"""The module of each recipe, which is imported when its maker is first named."""


@dataclasses.dataclass(frozen=True, eq=False)
class Recipe(Content):
    """A frozen description of how scenarios are made.

    ``version`` grows when the same recipe would make other numbers: ids then change too.
    """

    maker: ClassVar[str]
    version: ClassVar[int] = 1

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON: the maker, its version and every choice."""
        fields = {
            field.name: _plain(getattr(self, field.name)) for field in dataclasses.fields(self)
        }
        return {"maker": self.maker, "version": self.version, **fields}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Recipe:
        """The recipe that ``to_dict`` described, of whichever maker it names."""
        return recipe_from_dict(data)


def registered(recipe: R) -> R:
    """Make a recipe class known by its maker's name."""
    _MAKERS[recipe.maker] = recipe
    return recipe


def recipe_from_dict(data: Mapping[str, Any]) -> Recipe:
    """The recipe described by ``data``; an unknown maker or choice is refused by name."""
    chosen = dict(data)
    maker = str(chosen.pop("maker", ""))
    version = chosen.pop("version", None)
    if maker not in _MAKERS and maker in _MAKERS_IN:
        importlib.import_module(f"riskplatform.simulation.{_MAKERS_IN[maker]}")
    if maker not in _MAKERS:
        raise UnknownNameError("maker of scenarios", maker, {*_MAKERS, *_MAKERS_IN})
    kind = _MAKERS[maker]
    if version not in (None, kind.version):
        raise UserInputError(
            f"The recipe is version {version} of {maker!r}; this program has {kind.version}.",
            hint="Remove the version to make the scenarios anew; their id will differ.",
        )
    known = [field.name for field in dataclasses.fields(kind)]
    for name in chosen:
        if name not in known:
            raise UnknownNameError(f"choice of the maker {maker!r}", name, known)
    return kind(**{name: _frozen(value) for name, value in chosen.items()})


def need(condition: bool, message: str, hint: str | None = None) -> None:
    """Refuse a choice that cannot be."""
    if not condition:
        raise UserInputError(message, hint=hint)


def _plain(value: Any) -> Any:
    return [_plain(one) for one in value] if isinstance(value, tuple) else value


def _frozen(value: Any) -> Any:
    return tuple(_frozen(one) for one in value) if isinstance(value, list | tuple) else value
