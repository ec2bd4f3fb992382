"""Constraints as they are written in a file, checked key by key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields
from typing import Any

from riskplatform.errors import TermsError, UserInputError, nearest
from riskplatform.optimisation.constraints.contract import Constraint, Plain, named_twice
from riskplatform.optimisation.constraints.risk_caps import (
    ShortfallCap,
    StressLossCap,
    TrackingError,
    VolatilityCap,
)
from riskplatform.optimisation.constraints.trading import (
    Holdings,
    Participation,
    Restricted,
    Turnover,
)
from riskplatform.optimisation.constraints.weights import Box, Exposure, Gross, Group, Leverage, Net

KINDS: Mapping[str, type[Plain]] = {
    each.kind: each
    for each in (
        Box, Group, Exposure, Net, Gross, Leverage, Turnover, Participation, Restricted, Holdings,
        VolatilityCap, TrackingError, ShortfallCap, StressLossCap,
    )
}  # fmt: skip

Groups = Mapping[str, Mapping[str, str]]
Tables = Mapping[str, Mapping[str, float]]

_COUNTS = ("most",)
_LISTS = ("assets",)
_TABLES = ("sensitivities", "notionals", "daily_volumes")
_WORDS = ("label", "factor")


def constraints_from_data(
    data: Sequence[Mapping[str, Any]] | Mapping[str, Any],
    *,
    groups: Groups | None = None,
    sensitivities: Tables | None = None,
    filled: Mapping[str, Mapping[str, Any]] | None = None,
) -> tuple[Constraint, ...]:
    """A list of mappings with a ``kind`` each, or a mapping with that list under ``constraints``.

    A group may say ``by: sector`` and ``of: Energy``: its assets come from ``groups`` then (name of
    the grouping → asset → group). An exposure without sensitivities takes those of its factor.
    ``filled`` holds terms by kind that a file does not know, such as capital and volumes.
    """
    if isinstance(data, Mapping):
        for key in data:
            if key != "constraints":
                raise TermsError(f"Unknown key {key!r}.", hint=_hint(str(key), ["constraints"]))
        data = data.get("constraints") or []
    found: list[Constraint] = []
    for place, terms in enumerate(data, start=1):
        where = f"Constraint {place}"
        if not isinstance(terms, Mapping):
            raise TermsError(f"{where} is {terms!r}.", hint="Write a mapping with a kind.")
        found += _one(where, dict(terms), groups or {}, sensitivities or {}, filled or {})
    named_twice(found)
    return tuple(found)


def _one(
    where: str,
    terms: dict[str, Any],
    groups: Groups,
    sensitivities: Tables,
    filled: Mapping[str, Mapping[str, Any]],
) -> list[Constraint]:
    kind = terms.pop("kind", None)
    if kind not in KINDS:
        raise TermsError(f"{where}: there is no kind {kind!r}.", hint=_hint(str(kind), KINDS))
    where = f"{where} ({kind})"
    if kind == Group.kind and ("by" in terms or "of" in terms):
        _fill_group(where, terms, groups)
    if kind == Exposure.kind and "sensitivities" not in terms:
        factor = str(terms.get("factor"))
        if factor not in sensitivities:
            hint = _hint(factor, sensitivities) if sensitivities else "Give its sensitivities."
            raise TermsError(f"{where}: no sensitivities to factor {factor!r}.", hint=hint)
        terms["sensitivities"] = sensitivities[factor]
    maker = KINDS[kind]
    terms = {**filled.get(kind, {}), **terms}
    known = {each.name: each for each in fields(maker)}  # type: ignore[arg-type]
    for key in terms:
        if key not in known:
            raise TermsError(f"{where}: unknown key {key!r}.", hint=_hint(str(key), known))
    for name, each in known.items():
        if name not in terms and each.default is MISSING:
            raise TermsError(f"{where}: the key {name!r} is missing.", hint=f"Add '{name}: ...'.")
    values = {key: _read(where, key, value) for key, value in terms.items()}
    try:
        return [maker(**values)]  # type: ignore[list-item]
    except UserInputError as error:
        raise TermsError(f"{where}: {error.message}", hint=error.hint) from None


def _fill_group(where: str, terms: dict[str, Any], groups: Groups) -> None:
    by, of = terms.pop("by", None), terms.pop("of", None)
    if by not in groups:
        hint = _hint(str(by), groups) if groups else "No groupings were given."
        raise TermsError(f"{where}: there is no grouping {by!r}.", hint=hint)
    chosen = tuple(asset for asset, group in groups[by].items() if group == of)
    if not chosen:
        hint = _hint(str(of), set(groups[by].values()))
        raise TermsError(f"{where}: no asset has {by} {of!r}.", hint=hint)
    terms["assets"] = chosen
    terms.setdefault("label", f"{by} {of}")


def _read(where: str, key: str, value: Any) -> Any:
    """By the key, since a key means the same in all kinds."""
    if key in _WORDS:
        return str(value)
    if key in _LISTS:
        if value is None:
            return None
        if isinstance(value, str) or not isinstance(value, Sequence):
            raise TermsError(f"{where}: {key} is {value!r}.", hint="Write a list: [A, B].")
        return tuple(str(each) for each in value)
    if key in _TABLES or key == "losses":
        if not isinstance(value, Mapping):
            raise TermsError(f"{where}: {key} is {value!r}.", hint="Write a mapping by asset.")
        deeper = key == "losses"
        return {
            str(name): _read(where, "losses of " + str(name), each)
            if deeper and isinstance(each, Mapping)
            else _number(where, f"{key} of {name}", each)
            for name, each in value.items()
        }
    if isinstance(value, Mapping):
        return {str(name): _number(where, f"{key}: {name}", each) for name, each in value.items()}
    number = _number(where, key, value)
    if key in _COUNTS:
        if number != int(number):
            raise TermsError(f"{where}: {key} is {value!r}.", hint="Give a whole number.")
        return int(number)
    return number


def _number(where: str, key: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        hint = "Give a number, such as 0.05 for five percent."
        raise TermsError(f"{where}: {key} is {value!r}, not a number.", hint=hint)
    return float(value)


def _hint(word: str, known: Any) -> str:
    near = nearest(word, [str(each) for each in known], limit=1)
    return f"Did you mean {near[0]}?" if near else f"Accepted: {', '.join(map(str, known))}."
