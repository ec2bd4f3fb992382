"""The rules of allocation and the policies of approval that a desk's ``models/`` register."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from riskplatform.errors import RiskPlatformError, UnknownNameError, UserInputError
from riskplatform.optimisation.proposals.policy import ApprovalPolicy, policy_from
from riskplatform.optimisation.rules import AllocationRule, rule_from
from riskplatform.project.models import Model, model_folders, read_model
from riskplatform.project.strict_yaml import ContentError

if TYPE_CHECKING:
    from riskplatform.desk.desk import Desk

Kept = TypeVar("Kept")

RULE = "allocation_recipe"
"""The parameter of a registered model that says which method of allocation it is."""

POLICY = "approval_mode"
"""The parameter of a registered model that makes it a policy of approval, and says which kind."""

RULE_ENDING, POLICY_ENDING = "-allocation", "-approval"


def allocation_rules(desk: Desk) -> dict[str, AllocationRule]:
    """By id, those that are not retired."""
    found = {}
    for file, model, parameters in _registered(desk, RULE):
        recipe = str(parameters.pop(RULE))
        try:
            rule = rule_from(model.model_id, recipe, parameters, model.status)
        except RiskPlatformError as error:
            raise ContentError(file, None, error.message, hint=error.hint) from error
        found[model.model_id] = rule
    return found


def approval_policies(desk: Desk) -> dict[str, ApprovalPolicy]:
    """By id, those that are approved."""
    found = {}
    for file, model, parameters in _registered(desk, POLICY):
        terms = {"mode": parameters.pop(POLICY), **parameters}
        try:
            policy = policy_from(model.model_id, terms)
        except RiskPlatformError as error:
            raise ContentError(file, None, error.message, hint=error.hint) from error
        if model.status in ("approved", "restricted"):
            found[model.model_id] = policy
    return found


def rule_named(desk: Desk, name: str) -> AllocationRule:
    """By its id, or by it without the ending; a draft may propose, and its policy may refuse."""
    return _named("rule of allocation", name, allocation_rules(desk), RULE_ENDING)


def policy_named(desk: Desk, name: str) -> ApprovalPolicy:
    """By its id, or by it without the ending."""
    return _named("policy of approval", name, approval_policies(desk), POLICY_ENDING)


def _named(what: str, name: str, known: dict[str, Kept], ending: str) -> Kept:
    for candidate in (name, name + ending):
        if candidate in known:
            return known[candidate]
    if not known:
        raise UserInputError(
            f"The desk registers no {what}.", hint="Put one into models/, as a starter desk has."
        )
    error = UnknownNameError(what, name, known)
    error.hint = error.hint or f"There are {', '.join(known)}."
    raise error


def _registered(desk: Desk, key: str) -> Iterator[tuple[Path, Model, dict[str, Any]]]:
    for folder in model_folders(desk.settings.desk):
        model = read_model(folder)
        if key in model.parameters and model.status != "retired":
            yield folder / "model.yaml", model, dict(model.parameters)
