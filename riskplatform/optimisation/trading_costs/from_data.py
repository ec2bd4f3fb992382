"""A cost model as it is written in a file, checked key by key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from riskplatform.errors import TermsError
from riskplatform.optimisation.trading_costs.model import TERMS, CostModel, nearest_term


def cost_model_from_data(data: Mapping[str, Any]) -> CostModel:
    """The model that these terms are; what is wrong is said by key, with the nearest right one."""
    known = ["model_id", *TERMS, "groups"]
    for key in data:
        if key not in known:
            raise TermsError(
                f"Cost model: unknown key {key!r}.", hint=nearest_term(str(key), known)
            )
    values: dict[str, Any] = {}
    for key, value in data.items():
        if key == "model_id":
            values[key] = str(value)
        elif key == "groups":
            values[key] = _groups(value)
        else:
            values[key] = _number(f"Cost model: {key}", value)
    return CostModel(**values)


def _groups(value: Any) -> dict[str, dict[str, float]]:
    if not isinstance(value, Mapping):
        raise TermsError(f"Cost model: groups is {value!r}.", hint="Write terms by group.")
    out: dict[str, dict[str, float]] = {}
    for group, terms in value.items():
        if not isinstance(terms, Mapping):
            raise TermsError(f"Cost model: group {group} is {terms!r}.", hint="Write its terms.")
        for key, each in terms.items():
            out.setdefault(str(group), {})[str(key)] = _number(f"Cost model: {group}: {key}", each)
    return out


def _number(where: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TermsError(f"{where} is {value!r}, not a number.", hint="Give a number, such as 2.5.")
    return float(value)
