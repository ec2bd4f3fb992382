"""The VaR models of a desk: the register in ``models/``, or the usual ones where it names none."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from riskplatform.errors import RiskPlatformError, UnknownNameError, UserInputError
from riskplatform.project.champions import FILE, read_champions
from riskplatform.project.models import model_folders, read_model
from riskplatform.project.strict_yaml import ContentError
from riskplatform.risk.backtests.models import WindowModel
from riskplatform.risk.backtests.recipes import RECIPES, model_of

if TYPE_CHECKING:
    from riskplatform.desk.desk import Desk

RECIPE = "var_recipe"
"""The parameter of a registered model that says which VaR model of the package it is."""


@dataclass(frozen=True, slots=True)
class VarModel:
    """One that may be backtested; only one that is ``approved`` or ``restricted`` may be in use."""

    model_id: str
    status: str
    model: WindowModel

    @property
    def name(self) -> str:
        """How results call it."""
        return self.model.name

    @property
    def names(self) -> tuple[str, ...]:
        """Every name by which it is found."""
        return tuple(dict.fromkeys((self.model_id, self.name, self.model_id.removesuffix("-var"))))


@dataclass(frozen=True, slots=True)
class Champion:
    """The model in use for a node, and where that is said."""

    node: str
    model: VarModel
    said_in: str


def var_models(desk: Desk) -> tuple[VarModel, ...]:
    """Registered ones that are not retired, in the order of the package's recipes."""
    found = []
    for folder in model_folders(desk.settings.desk):
        registered = read_model(folder)
        parameters = dict(registered.parameters)
        recipe = parameters.pop(RECIPE, None)
        if recipe is None or registered.status == "retired":
            continue
        try:
            model = model_of(str(recipe), parameters)
        except RiskPlatformError as error:
            file = folder / "model.yaml"
            raise ContentError(file, None, error.message, hint=error.hint) from error
        place = list(RECIPES).index(str(recipe))
        found.append((place, VarModel(registered.model_id, registered.status, model)))
    if not found:
        usual = enumerate(RECIPES.items())
        found = [(i, VarModel(f"{name}-var", "approved", kind())) for i, (name, kind) in usual]
    ordered = tuple(one for _, one in sorted(found, key=lambda pair: (pair[0], pair[1].model_id)))
    _check_names(ordered)
    return ordered


def chosen(models: Iterable[VarModel], names: Iterable[str]) -> tuple[VarModel, ...]:
    """The models of these names, in that order, each once."""
    known = tuple(models)
    return tuple(dict.fromkeys(one_named(known, name) for name in names))


def one_named(models: tuple[VarModel, ...], name: str) -> VarModel:
    for one in models:
        if name.casefold() in (known.casefold() for known in one.names):
            return one
    error = UnknownNameError("VaR model", name, [known for one in models for known in one.names])
    error.hint = error.hint or f"There are {', '.join(one.model_id for one in models)}."
    raise error


def champion_of(desk: Desk, node: str | None) -> Champion:
    """That of the node itself, else of the nearest one above it, else the desk's setting."""
    models, by_node, tree = var_models(desk), read_champions(desk.settings.desk), desk.portfolios()
    named = node or desk._scope(None).node
    at: str | None = named
    while at is not None:
        if at in by_node:
            return _in_use(Champion(named or "", one_named(models, by_node[at]), f"models/{FILE}"))
        at = tree.node(at).parent_id
    model = one_named(models, desk.settings.var_model)
    return _in_use(Champion(named or "", model, "the setting var_model"))


def _in_use(found: Champion) -> Champion:
    if found.model.status == "draft":
        raise UserInputError(
            f"{found.model.model_id} is a draft and cannot be the model in use ({found.said_in}).",
            hint="Name an approved model, or approve this one in its model.yaml.",
        )
    return found


def _check_names(models: tuple[VarModel, ...]) -> None:
    seen: dict[str, str] = {}
    for one in models:
        if one.name in seen:
            raise UserInputError(
                f"The models {seen[one.name]} and {one.model_id} are both called {one.name!r}.",
                hint="Give one of them a parameter name in its model.yaml.",
            )
        seen[one.name] = one.model_id
