"""Limits as they are written: from plain terms, checked against their measure, and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

from riskplatform.domain.codec import from_terms, to_terms
from riskplatform.domain.limits import SCOPE, Direction, Limit, LimitTermError
from riskplatform.domain.money import currency_code
from riskplatform.errors import TermsError, UnknownNameError, UserInputError, nearest
from riskplatform.pricing.attributes import SLICES
from riskplatform.risk.checks import checked_confidence
from riskplatform.risk.limits.measures import LimitMeasure, Unit, limit_measure

TERMS = tuple(each.name for each in fields(Limit))
"""The terms of a limit, in the order in which they are written."""


def limit_from(terms: Mapping[str, Any]) -> Limit:
    """A limit from plain terms, as files and the ledger have them; not yet completed."""
    given = {key: value for key, value in terms.items() if value is not None}
    name = str(given.get("limit_id", "without a limit_id"))
    for key in given:
        if key not in TERMS:
            near = nearest(key, TERMS, limit=1)
            hint = f"Did you mean {near[0]}?" if near else f"Terms are {', '.join(TERMS)}."
            raise LimitTermError(name, key, f"there is no term {key!r}.", hint=hint)
    for key, value in given.items():
        _check_term(name, key, value)
    for key in ("limit_id", "node", "measure", "hard"):
        if key not in given:
            raise LimitTermError(name, "limit_id", f"the term {key} is missing.")
    return from_terms(Limit, given)


def limit_terms(limit: Limit) -> dict[str, Any]:
    """Plain terms; what is not given is left out."""
    found: dict[str, Any] = to_terms(limit)
    return found


def completed(limit: Limit, base_currency: str) -> Limit:
    """Checked against its measure, with the measure's defaults written out."""
    try:
        measure = limit_measure(limit.measure)
    except UnknownNameError as error:
        raise LimitTermError(limit.limit_id, "measure", error.message, hint=error.hint) from None
    _check_scope(limit, measure)
    filled: dict[str, Any] = {
        term: default
        for term, default in measure.takes.items()
        if default is not None and getattr(limit, term) is None
    }
    filled["direction"] = limit.direction or measure.direction
    filled["unit"] = _unit(limit, measure, base_currency)
    found = replace(limit, **filled)
    _check_values(found, measure)
    return found


def _check_term(name: str, key: str, value: Any) -> None:
    """One term alone, so that what is wrong is said by its key."""
    stand_in: dict[str, Any] = {"limit_id": "x", "node": "x", "measure": "x", "hard": 1.0}
    try:
        from_terms(Limit, {**stand_in, key: value})
    except LimitTermError as error:
        raise LimitTermError(name, key, error.what, hint=error.hint) from None
    except (TermsError, UserInputError) as error:
        hint = error.hint
        if key == "direction":
            hint = _direction_hint(str(value))
        raise LimitTermError(name, key, error.message, hint=hint) from None


def _direction_hint(value: str) -> str:
    known = [each.value for each in Direction]
    near = nearest(value, known, limit=1)
    return f"Did you mean {near[0]}?" if near else f"Accepted: {', '.join(known)}."


def _check_scope(limit: Limit, measure: LimitMeasure) -> None:
    accepted = (*measure.needs, *measure.takes)
    for term in SCOPE:
        given = getattr(limit, term)
        if given is not None and term not in accepted:
            takes = ", ".join(accepted) or "none"
            message = f"the measure {measure.name} takes no term {term}."
            hint = f"It takes {takes}."
            raise LimitTermError(limit.limit_id, term, message, hint=hint)
        if given is None and term in measure.needs:
            message = f"the measure {measure.name} needs the term {term}."
            raise LimitTermError(limit.limit_id, "measure", message)
    is_slice = "by" in measure.takes
    if is_slice and (limit.by is None) != (limit.group is None):
        raise LimitTermError(
            limit.limit_id, "by" if limit.group is None else "group",
            "by and group go together: a slice and the group of it that is limited.",
        )  # fmt: skip
    if limit.by is not None and limit.by not in SLICES:
        near = nearest(limit.by, SLICES, limit=1)
        hint = f"Did you mean {near[0]}?" if near else f"There are {', '.join(SLICES)}."
        raise LimitTermError(limit.limit_id, "by", f"there is no slice {limit.by!r}.", hint=hint)


def _unit(limit: Limit, measure: LimitMeasure, base_currency: str) -> str:
    if measure.unit is not Unit.MONEY:
        if limit.unit not in (None, measure.unit.value):
            message = f"unit is {limit.unit!r}; the measure {measure.name} is in {measure.unit}."
            hint = "Write 10 % as 0.1." if measure.unit is Unit.SHARE else None
            raise LimitTermError(limit.limit_id, "unit", message, hint=hint)
        return measure.unit.value
    if limit.unit is None:
        return base_currency
    try:
        return currency_code(limit.unit)
    except UserInputError as error:
        message = f"unit is {limit.unit!r}; the measure {measure.name} is money of a currency."
        hint = f"Write a currency such as {base_currency}."
        raise LimitTermError(limit.limit_id, "unit", message, hint=hint) from error


def _check_values(limit: Limit, measure: LimitMeasure) -> None:
    for term in ("hard", "soft"):
        value = getattr(limit, term)
        if value is None:
            continue
        if value < 0.0 and not measure.signed:
            message = f"{term} is {value:,.12g}; {measure.name} is never below 0."
            raise LimitTermError(limit.limit_id, term, message)
        if value > 1.0 and measure.unit is Unit.SHARE:
            message = f"{term} is {value:,.12g}; a share is at most 1."
            hint = f"If {value:g} % is meant, write {value / 100:.12g}." if value <= 100 else None
            raise LimitTermError(limit.limit_id, term, message, hint=hint)
    if limit.confidence is not None:
        try:
            checked_confidence(limit.confidence)
        except UserInputError as error:
            raise LimitTermError(
                limit.limit_id, "confidence", error.message, hint=error.hint
            ) from None
    for term in ("share", "participation"):
        value = getattr(limit, term)
        if value is not None and not 0.0 < value <= 1.0:
            hint = f"If {value:g} % is meant, write {value / 100:.12g}." if value > 1 else None
            message = f"{term} is {value:,.12g}; it is above 0 and at most 1."
            raise LimitTermError(limit.limit_id, term, message, hint=hint)
    if limit.horizon_days is not None and not limit.horizon_days > 0.0:
        message = f"horizon_days is {limit.horizon_days:g}; it is above 0."
        raise LimitTermError(limit.limit_id, "horizon_days", message)
