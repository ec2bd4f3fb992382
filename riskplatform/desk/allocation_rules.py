"""The rules of allocation and the policies of approval that a desk's ``models/`` register."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from riskplatform.errors import RiskPlatformError, UnknownNameError, UserInputError
from riskplatform.optimisation.proposals.policy import ApprovalPolicy, policy_from
from riskplatform.optimisation.rules import AllocationRule, RuleError, rule_from
from riskplatform.project.models import Model, model_folders, read_model
from riskplatform.project.strict_yaml import ContentError, read_document
from riskplatform.project.validate import Finding, finding_of

if TYPE_CHECKING:
    from riskplatform.desk.desk import Desk

Kept = TypeVar("Kept")

RULE = "allocation_recipe"
"""The parameter of a registered model that says which method of allocation it is."""

POLICY = "approval_mode"
"""The parameter of a registered model that makes it a policy of approval, and says which kind."""

RULE_ENDING, POLICY_ENDING = "-allocation", "-approval"
_IN_FORCE = ("approved", "restricted")


def allocation_rules(desk: Desk) -> dict[str, AllocationRule]:
    """By id, those that are not retired."""
    return _all_of(_rules(desk.settings.desk))


def approval_policies(desk: Desk) -> dict[str, ApprovalPolicy]:
    """By id, those that are approved."""
    return _all_of(_policies(desk.settings.desk))


def rule_named(desk: Desk, name: str) -> AllocationRule:
    """By its id, or by it without the ending; a draft may propose, and its policy may refuse.
    Another one that cannot be read is no hindrance."""
    return _named("rule of allocation", name, _rules(desk.settings.desk), RULE_ENDING)


def policy_named(desk: Desk, name: str) -> ApprovalPolicy:
    """By its id, or by it without the ending."""
    return _named("policy of approval", name, _policies(desk.settings.desk), POLICY_ENDING)


def rule_findings(folder: Path) -> list[Finding]:
    """What is wrong with the rules and policies of a desk's folder."""
    broken = {**_rules(folder)[1], **_policies(folder)[1]}
    return [finding_of(folder, error) for _, error in sorted(broken.items())]


_Sorted = tuple[dict[str, Kept], dict[str, ContentError]]
"""Those that can be used, and what is wrong with the others, by id."""


def _rules(folder: Path) -> _Sorted[AllocationRule]:
    return _sorted_out(folder, RULE, _rule, lambda _: True)


def _policies(folder: Path) -> _Sorted[ApprovalPolicy]:
    return _sorted_out(folder, POLICY, _policy, lambda model: model.status in _IN_FORCE)


def _sorted_out(
    folder: Path,
    key: str,
    read: Callable[[Path, Model, dict[str, Any]], Kept],
    counts: Callable[[Model], bool],
) -> _Sorted[Kept]:
    found: dict[str, Kept] = {}
    broken: dict[str, ContentError] = {}
    for place in model_folders(folder):
        try:
            model = read_model(place)
            if key in model.parameters and model.status != "retired":
                kept = read(place / "model.yaml", model, dict(model.parameters))
                if counts(model):
                    found[model.model_id] = kept
        except ContentError as error:
            broken[place.name] = error
    return found, broken


def _all_of(both: _Sorted[Kept]) -> dict[str, Kept]:
    """Where one cannot be used, that is said first."""
    found, broken = both
    for error in broken.values():
        raise error
    return found


def _named(what: str, name: str, both: _Sorted[Kept], ending: str) -> Kept:
    known, broken = both
    for candidate in (name, name + ending):
        if candidate in known:
            return known[candidate]
        if candidate in broken:
            raise broken[candidate]
    if not known:
        raise UserInputError(
            f"The desk registers no {what}.", hint="Put one into models/, as a starter desk has."
        )
    error = UnknownNameError(what, name, known)
    error.hint = error.hint or f"There are {', '.join(known)}."
    raise error


def _rule(file: Path, model: Model, parameters: dict[str, Any]) -> AllocationRule:
    recipe = str(parameters.pop(RULE))
    try:
        return rule_from(model.model_id, recipe, parameters, model.status)
    except RiskPlatformError as error:
        path = error.path if isinstance(error, RuleError) else ()
        raise _said_where(file, parameters, error, path or (RULE,)) from error


def _policy(file: Path, model: Model, parameters: dict[str, Any]) -> ApprovalPolicy:
    terms = {"mode": parameters.pop(POLICY), **parameters}
    try:
        return policy_from(model.model_id, terms)
    except RiskPlatformError as error:
        raise _said_where(file, parameters, error, ()) from error


def _said_where(
    file: Path, parameters: Any, error: RiskPlatformError, path: tuple[str | int, ...]
) -> ContentError:
    """With the line of the key that the message names, at or below the path."""
    inside = parameters
    for step in path:
        is_there = isinstance(step, int) or (isinstance(inside, Mapping) and step in inside)
        inside = inside[step] if is_there else None
    path = (*path, *_named_in(inside, error.message))
    return read_document(file).error(error.message, "parameters", *path, hint=error.hint)


def _named_in(inside: Any, message: str) -> tuple[str | int, ...]:
    """The way to the first key that the message names."""
    if isinstance(inside, list):
        inside = dict(enumerate(inside))
    if not isinstance(inside, Mapping):
        return ()
    for key, value in inside.items():
        if isinstance(key, str) and re.search(rf"(?<![\w-]){re.escape(key)}(?![\w-])", message):
            return (key,)
        if deeper := _named_in(value, message):
            return (key, *deeper)
    return ()
