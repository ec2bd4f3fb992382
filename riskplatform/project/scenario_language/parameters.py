"""Puts the values of parameters in place of their names. Nothing is computed but one product."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from riskplatform.project.scenario_language.amounts import NUMBER, parse_amount
from riskplatform.project.scenario_language.places import Place, unknown

_WHOLE = re.compile(rf"(?:({NUMBER})\s*\*\s*)?\$\{{([^{{}}]{{0,60}})\}}")
Values = Mapping[str, Any]


def bound(value: Any, values: Values, place: Place) -> Any:
    """``value`` with every ``${name}`` in it replaced; the whole text must be one."""
    if isinstance(value, Mapping):
        return {key: bound(each, values, place.at(key)) for key, each in value.items()}
    if isinstance(value, list):
        return [bound(each, values, place.at(i)) for i, each in enumerate(value)]
    if not isinstance(value, str) or "${" not in value:
        return value
    matched = _WHOLE.fullmatch(value.strip())
    if matched is None:
        raise place.error(
            f"{place.name} is {value[:60]!r}; a parameter stands alone or times a number.",
            "Write ${name} or -0.5 * ${name}.",
        )
    factor, name = matched[1], matched[2]
    if name not in values:
        raise unknown(place, "parameter", name, values)
    return values[name] if factor is None else _product(float(factor), values[name], name, place)


def _product(factor: float, value: Any, name: str, place: Place) -> Any:
    if isinstance(value, int | float):
        return factor * value
    amount = parse_amount(value)
    if amount is None:
        raise place.error(f"the parameter {name} is {value!r}, which has no multiple.")
    number, unit = amount
    text = f"{factor * number:.12f}".rstrip("0").rstrip(".")
    return f"{text} {unit}"
