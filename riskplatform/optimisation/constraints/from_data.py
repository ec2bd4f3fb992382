"""Constraints as they are written in a file, checked key by key.

What is wrong is said with the nearest right word; of a document also with its file and line.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from typing import Any

from riskplatform.errors import TermsError, UserInputError, nearest
from riskplatform.optimisation.constraints.contract import Constraint, Plain, named_twice
from riskplatform.optimisation.constraints.gains import RealisedGain
from riskplatform.optimisation.constraints.lots import LotSizes
from riskplatform.optimisation.constraints.risk_caps import (
    ShortfallCap,
    StressLossCap,
    TrackingError,
    ValueAtRiskCap,
    VolatilityCap,
)
from riskplatform.optimisation.constraints.trading import (
    Holdings,
    Participation,
    Restricted,
    Turnover,
)
from riskplatform.optimisation.constraints.weights import Box, Exposure, Gross, Group, Leverage, Net
from riskplatform.project.strict_yaml import Document

KINDS: Mapping[str, type[Plain]] = {
    each.kind: each
    for each in (
        Box, Group, Exposure, Net, Gross, Leverage, Turnover, Participation, Restricted, Holdings,
        VolatilityCap, TrackingError, ShortfallCap, ValueAtRiskCap, StressLossCap, RealisedGain,
        LotSizes,
    )
}  # fmt: skip

Groups = Mapping[str, Mapping[str, str]]
Tables = Mapping[str, Mapping[str, float]]

_COUNTS = ("most",)
_LISTS = ("assets",)
_TABLES = ("sensitivities", "notionals", "daily_volumes", "lots")
_WORDS = ("label", "factor")
_KEY = "constraints"
_FILLED_BY: Mapping[Any, tuple[str, ...]] = {
    Group.kind: ("by", "of"), StressLossCap.kind: ("scenarios",),
}  # fmt: skip
"""Keys of a file that stand for others, which are filled in from what is known elsewhere."""


class ConstraintTermError(TermsError):
    """A constraint that cannot be; ``place`` counts from 0, ``key`` is the term that is wrong."""

    def __init__(
        self,
        place: int,
        kind: Any,
        message: str,
        *,
        key: str | None = None,
        hint: str | None = None,
    ) -> None:
        named = f" ({kind})" if kind in KINDS else ""
        super().__init__(f"Constraint {place + 1}{named}: {message}", hint=hint)
        self.place, self.key, self.what = place, key, message


def constraints_from_document(
    document: Document, *path: str | int, **context: Any
) -> tuple[Constraint, ...]:
    """The list at ``path`` of a content file (``constraints`` where none is given); an error names
    the file and the line. ``context`` is what ``constraints_from_data`` takes."""
    path = path or (_KEY,)
    found: Any = document.data
    for step in path:
        if isinstance(found, Sequence) and not isinstance(found, str):
            found = found[int(step)]
        else:
            found = found.get(step) if isinstance(found, Mapping) else None
    if found is None:
        return ()
    if not isinstance(found, Sequence) or isinstance(found, str):
        raise document.error(f"{path[-1]} is {found!r}.", *path, hint="Write a list of them.")
    try:
        return constraints_from_data(found, **context)
    except ConstraintTermError as error:
        at: tuple[str | int, ...] = (*path, error.place)
        if error.key is not None:
            at = (*at, error.key)
        raise document.error(str(error.message), *at, hint=error.hint) from None
    except UserInputError as error:
        raise document.error(error.message, *path, hint=error.hint) from None


def constraints_from_data(
    data: Sequence[Mapping[str, Any]] | Mapping[str, Any],
    *,
    groups: Groups | None = None,
    sensitivities: Tables | None = None,
    scenario_losses: Tables | None = None,
    filled: Mapping[str, Mapping[str, Any]] | None = None,
) -> tuple[Constraint, ...]:
    """A list of mappings with a ``kind`` each, or a mapping with that list under ``constraints``.

    A group may say ``by: sector`` and ``of: Energy``: its assets come from ``groups`` then (name of
    the grouping → asset → group). An exposure without sensitivities takes those of its factor. A
    stress loss may name ``scenarios``, also of contagion, in place of losses: these come from
    ``scenario_losses`` (scenario → asset → loss of one unit of money).
    ``filled`` holds terms by kind that a file does not know, such as capital and volumes.
    """
    if isinstance(data, Mapping):
        for key in data:
            if key != _KEY:
                raise TermsError(f"Unknown key {key!r}.", hint=_hint(str(key), [_KEY]))
        data = data.get(_KEY) or []
    tables = _Tables(groups or {}, sensitivities or {}, scenario_losses or {}, filled or {})
    found: list[Constraint] = []
    for place, terms in enumerate(data):
        if not isinstance(terms, Mapping):
            hint = "Write a mapping with a kind."
            raise ConstraintTermError(place, None, f"it is {terms!r}.", hint=hint)
        found.append(_Reader(place, dict(terms), tables).constraint())
    named_twice(found)
    return tuple(found)


def check_terms(data: Sequence[Mapping[str, Any]]) -> None:
    """Kinds, keys and values as they are written, by what a file alone can know: not whether a
    grouping, a factor or a scenario is there."""
    for place, terms in enumerate(data):
        _Reader(place, dict(terms), _Tables({}, {}, {}, {})).check()


@dataclass(frozen=True)
class _Tables:
    """What a file does not know."""

    groups: Groups
    sensitivities: Tables
    scenario_losses: Tables
    filled: Mapping[str, Mapping[str, Any]]


class _Reader:
    """One constraint while it is being read."""

    def __init__(self, place: int, terms: dict[str, Any], tables: _Tables) -> None:
        self.place, self.terms, self.tables = place, terms, tables
        self.kind = terms.pop("kind", None)

    def check(self) -> None:
        known = (*(each.name for each in fields(self._maker())), *_FILLED_BY.get(self.kind, ()))  # type: ignore[arg-type]
        for key, value in self.terms.items():
            if key not in known:
                raise self.error(f"unknown key {key!r}.", str(key), _hint(str(key), known))
            if key not in _FILLED_BY.get(self.kind, ()):
                self._read(key, value)

    def _maker(self) -> type[Plain]:
        if self.kind not in KINDS:
            message = f"there is no kind {self.kind!r}."
            raise self.error(message, "kind", _hint(str(self.kind), KINDS))
        return KINDS[self.kind]

    def constraint(self) -> Constraint:
        maker = self._maker()
        if self.kind == Group.kind and ("by" in self.terms or "of" in self.terms):
            self._fill_group()
        if self.kind == Exposure.kind and "sensitivities" not in self.terms:
            self._fill_sensitivities()
        if self.kind == StressLossCap.kind and "scenarios" in self.terms:
            self._fill_losses()
        terms = {**self.tables.filled.get(self.kind, {}), **self.terms}
        known = {each.name: each for each in fields(maker)}  # type: ignore[arg-type]
        for key in terms:
            if key not in known:
                raise self.error(f"unknown key {key!r}.", str(key), _hint(str(key), known))
        for name, each in known.items():
            if name not in terms and each.default is MISSING:
                raise self.error(f"the key {name!r} is missing.", hint=f"Add '{name}: ...'.")
        values = {key: self._read(key, value) for key, value in terms.items()}
        try:
            return maker(**values)  # type: ignore[return-value]
        except UserInputError as error:
            raise self.error(error.message, hint=error.hint) from None

    def error(
        self, message: str, key: str | None = None, hint: str | None = None
    ) -> ConstraintTermError:
        return ConstraintTermError(self.place, self.kind, message, key=key, hint=hint)

    def _fill_group(self) -> None:
        by, of = self.terms.pop("by", None), self.terms.pop("of", None)
        groups = self.tables.groups
        if by not in groups:
            hint = _hint(str(by), groups) if groups else "No groupings were given."
            raise self.error(f"there is no grouping {by!r}.", "by", hint)
        chosen = tuple(asset for asset, group in groups[by].items() if group == of)
        if not chosen:
            hint = _hint(str(of), set(groups[by].values()))
            raise self.error(f"no asset has {by} {of!r}.", "of", hint)
        self.terms["assets"] = chosen
        self.terms.setdefault("label", f"{by} {of}")

    def _fill_sensitivities(self) -> None:
        factor, known = str(self.terms.get("factor")), self.tables.sensitivities
        if factor not in known:
            hint = _hint(factor, known) if known else "Give its sensitivities."
            raise self.error(f"no sensitivities to factor {factor!r}.", "factor", hint)
        self.terms["sensitivities"] = known[factor]

    def _fill_losses(self) -> None:
        names, known = self.terms.pop("scenarios"), self.tables.scenario_losses
        if "losses" in self.terms:
            raise self.error("it has scenarios and losses.", "scenarios", "Give one of the two.")
        if isinstance(names, str) or not isinstance(names, Sequence) or not names:
            hint = "Write a list: [crash, contagion]."
            raise self.error(f"scenarios is {names!r}.", "scenarios", hint)
        for name in names:
            if name not in known:
                hint = _hint(str(name), known) if known else "No losses by scenario were given."
                raise self.error(f"there is no scenario {name!r}.", "scenarios", hint)
        self.terms["losses"] = {str(name): known[name] for name in names}

    def _read(self, key: str, value: Any) -> Any:
        """By the key, since a key means the same in all kinds."""
        if key in _WORDS:
            return str(value)
        if key in _LISTS:
            if value is None:
                return None
            if isinstance(value, str) or not isinstance(value, Sequence):
                raise self.error(f"{key} is {value!r}.", key, "Write a list: [A, B].")
            return tuple(str(each) for each in value)
        if key in _TABLES or key in ("losses", "steps"):
            if not isinstance(value, Mapping):
                raise self.error(f"{key} is {value!r}.", key, "Write a mapping by asset.")
            return {str(name): self._entry(key, str(name), each) for name, each in value.items()}
        number = self._number(key, key, value)
        if key in _COUNTS:
            if number != int(number):
                raise self.error(f"{key} is {value!r}.", key, "Give a whole number.")
            return int(number)
        return number

    def _entry(self, key: str, name: str, value: Any) -> Any:
        if key == "losses" and isinstance(value, Mapping):
            return {
                str(each): self._number(key, f"losses of {name}: {each}", number)
                for each, number in value.items()
            }
        if key == "steps":
            hint = "Write lots as [[weight, gain], ...] in the order in which they are closed."
            if not isinstance(value, Sequence) or not all(_is_pair(each) for each in value):
                raise self.error(f"steps of {name} are {value!r}.", key, hint)
            word = f"steps of {name}"
            return tuple(
                (self._number(key, word, one), self._number(key, word, other))
                for one, other in value
            )
        return self._number(key, f"{key} of {name}", value)

    def _number(self, key: str, words: str, value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            hint = "Give a number, such as 0.05 for five percent."
            raise self.error(f"{words} is {value!r}, not a number.", key, hint)
        return float(value)


def _is_pair(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str) and len(value) == 2


def _hint(word: str, known: Any) -> str:
    near = nearest(word, [str(each) for each in known], limit=1)
    return f"Did you mean {near[0]}?" if near else f"Accepted: {', '.join(map(str, known))}."
