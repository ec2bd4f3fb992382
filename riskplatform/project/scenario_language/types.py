"""Types of values in a content file: each checks a value, and describes itself as JSON Schema."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol

from riskplatform.errors import UserInputError
from riskplatform.market.tenors import tenor_years
from riskplatform.project.scenario_language.amounts import (
    LARGEST,
    NUMBER,
    UNIT_WORDS,
    Amount,
    Unit,
    parse_amount,
    unit_named,
)
from riskplatform.project.scenario_language.places import Place, shown, unknown

Schema = dict[str, Any]
PARAMETER = r"(?:[+-]?\d{1,9}(?:\.\d{1,12})?\s*\*\s*)?\$\{[a-z][a-z0-9_]{0,40}\}"
"""A parameter put in place: ``${size}``, or a multiple of it: ``-0.5 * ${size}``."""


class Type(Protocol):
    """What may stand at one place."""

    def check(self, value: Any, place: Place) -> Any:
        """The value as the program wants it, or a complaint."""

    def schema(self) -> Schema:
        """The same rule for editors."""


@dataclass(frozen=True, slots=True)
class Text:
    """Words; ``pattern`` is what they must look like, ``like`` an example."""

    longest: int = 200
    pattern: str | None = None
    like: str = ""

    def check(self, value: Any, place: Place) -> str:
        if isinstance(value, bool):
            word = "NO" if value is False else "ON"
            raise place.error(
                f"{place.name} is {shown(value)}; text is expected.",
                f"YAML reads {word} so: put it in quotes, '{word}'.",
            )
        if not isinstance(value, str) or not value.strip():
            raise place.error(f"{place.name} is {shown(value)}; text is expected.")
        if len(value) > self.longest:
            raise place.error(
                f"{place.name} has {len(value)} characters; at most {self.longest} are accepted."
            )
        if self.pattern and not re.fullmatch(self.pattern, value):
            raise place.error(f"{place.name} is {shown(value)}.", f"Write it like {self.like}.")
        return value.strip()

    def schema(self) -> Schema:
        found: Schema = {"type": "string", "minLength": 1, "maxLength": self.longest}
        if self.pattern:
            found["pattern"] = f"^(?:{self.pattern}|{PARAMETER})$"
        return found


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a few words."""

    words: tuple[str, ...]

    def check(self, value: Any, place: Place) -> str:
        if value not in self.words:
            raise unknown(place, place.name, value, self.words)
        return str(value)

    def schema(self) -> Schema:
        return {"enum": list(self.words)}


@dataclass(frozen=True, slots=True)
class Number:
    """A number in a range."""

    low: float
    high: float
    whole: bool = False

    def check(self, value: Any, place: Place) -> float:
        kinds = (int,) if self.whole else (int, float)
        if isinstance(value, bool) or not isinstance(value, kinds):
            kind = "a whole number" if self.whole else "a number"
            raise place.error(f"{place.name} is {shown(value)}; {kind} is expected.")
        if not math.isfinite(value) or not self.low <= value <= self.high:
            raise place.error(
                f"{place.name} is {value}; {self.low:g} to {self.high:g} is accepted."
            )
        return value

    def schema(self) -> Schema:
        kind = "integer" if self.whole else "number"
        number = {"type": kind, "minimum": self.low, "maximum": self.high}
        return {"anyOf": [number, {"type": "string", "pattern": f"^{PARAMETER}$"}]}


@dataclass(frozen=True, slots=True)
class Flag:
    """true or false."""

    def check(self, value: Any, place: Place) -> bool:
        if not isinstance(value, bool):
            raise place.error(f"{place.name} is {shown(value)}; true or false is expected.")
        return value

    def schema(self) -> Schema:
        return {"type": "boolean"}


@dataclass(frozen=True, slots=True)
class Day:
    """A date, written 2008-09-15."""

    def check(self, value: Any, place: Place) -> date:
        if not isinstance(value, date) or isinstance(value, datetime):
            raise place.error(
                f"{place.name} is {shown(value)}; a day is expected.", "Write it like 2008-09-15."
            )
        return value

    def schema(self) -> Schema:
        return {"type": "string", "format": "date"}


@dataclass(frozen=True, slots=True)
class AmountIn:
    """A number with one of some units; percentages lie above ``above`` and at most ``most``."""

    units: tuple[Unit, ...]
    above: float | None = None
    most: float | None = None
    hint: str | None = None

    def check(self, value: Any, place: Place) -> Amount:
        words = " or ".join(unit.value for unit in self.units)
        if isinstance(value, int | float) and not isinstance(value, bool):
            raise place.error(
                f"{place.name} is {value} without a unit.",
                self.hint or f"Say what it counts: {value} {self.units[0].value} ({words}).",
            )
        found = parse_amount(value) if isinstance(value, str) else None
        if found is None:
            raise place.error(
                f"{place.name} is {shown(value)}; a number and a unit are expected.",
                f"Write it like -20 {self.units[0].value} ({words}).",
            )
        number, word = found
        unit = unit_named(word)
        if unit is None:
            raise unknown(place, "unit", word, UNIT_WORDS)
        if unit not in self.units:
            raise place.error(
                f"{place.name} is in {unit.value}; {words} is accepted here.", self.hint
            )
        self._check_size(number, unit, place)
        return Amount(number, unit)

    def _check_size(self, number: float, unit: Unit, place: Place) -> None:
        if abs(number) > LARGEST[unit]:
            raise place.error(
                f"{place.name} is {number:g} {unit.value}; at most {LARGEST[unit]:g} is accepted."
            )
        if unit is not Unit.PERCENT:
            return
        if self.above is not None and number <= self.above:
            raise place.error(
                f"{place.name} is {number:g} %; it must be above {self.above:g} %.",
                "A price cannot lose all of itself and more; -99 % is accepted.",
            )
        if self.most is not None and number > self.most:
            raise place.error(f"{place.name} is {number:g} %; at most {self.most:g} % is accepted.")

    def schema(self) -> Schema:
        words = [word for word in UNIT_WORDS if unit_named(word) in self.units]
        amount = rf"{NUMBER}\s*(?:{'|'.join(words)})"
        return {"type": "string", "pattern": f"^(?:{amount}|{PARAMETER})$"}


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list of values of one type; with ``or_one`` a single value stands for a list of it."""

    item: Type
    least: int = 1
    most: int = 500
    or_one: bool = False

    def check(self, value: Any, place: Place) -> tuple[Any, ...]:
        if not isinstance(value, list):
            if self.or_one:
                return (self.item.check(value, place),)
            raise place.error(f"{place.name} is {shown(value)}; a list is expected.")
        if not self.least <= len(value) <= self.most:
            raise place.error(
                f"{place.name} has {len(value)} entries; {self.least} to {self.most} are accepted."
            )
        return tuple(self.item.check(each, place.at(i)) for i, each in enumerate(value))

    def schema(self) -> Schema:
        item = self.item.schema()
        many = {"type": "array", "items": item, "minItems": self.least, "maxItems": self.most}
        return {"anyOf": [item, many]} if self.or_one else many


@dataclass(frozen=True, slots=True)
class Tenors:
    """Amounts by tenor, such as ``{2y: +50 bp, 10y: +80 bp}``."""

    amount: AmountIn

    def check(self, value: Any, place: Place) -> tuple[tuple[float, Amount], ...]:
        if not isinstance(value, Mapping) or not 1 <= len(value) <= 60:
            raise place.error(
                f"{place.name} is {shown(value)}; tenors with amounts are expected.",
                "Write them like {2y: +50 bp, 10y: +80 bp}.",
            )
        found: dict[float, Amount] = {}
        for name, each in value.items():
            try:
                years = tenor_years(name)
            except UserInputError as error:
                raise place.at(name).error(error.message, error.hint) from error
            if not 0 < years <= 100 or years in found:
                raise place.at(name).error(f"the tenor {name!r} is out of range, or given twice.")
            found[years] = self.amount.check(each, place.at(name))
        units = {amount.unit for amount in found.values()}
        if len(units) > 1:
            raise place.error(f"{place.name} mixes units; use one.")
        return tuple(sorted(found.items()))

    def schema(self) -> Schema:
        amounts = {r"^\d{1,4}[dDwWmMyY]$": self.amount.schema()}
        return {
            "type": "object",
            "patternProperties": amounts,
            "additionalProperties": False,
            "minProperties": 1,
        }


@dataclass(frozen=True, slots=True)
class Field:
    """A key: what may stand there, what it is for, and whether it must be there."""

    kind: Type
    says: str
    required: bool = False


@dataclass(frozen=True, slots=True)
class Keys:
    """A mapping with known keys."""

    what: str
    fields: Mapping[str, Field] = field(default_factory=dict)

    def check(self, value: Any, place: Place) -> dict[str, Any]:
        if not isinstance(value, Mapping):
            raise place.error(
                f"{place.name} is {shown(value)}; keys and values are expected.",
                f"Known keys: {', '.join(self.fields)}.",
            )
        for key in value:
            if key not in self.fields:
                raise unknown(place.at(key), f"key of {self.what}", key, self.fields)
        lacking = [n for n, each in self.fields.items() if each.required and n not in value]
        if lacking:
            raise place.of(value).error(f"{self.what} lacks {', '.join(lacking)}.")
        return {
            key: self.fields[key].kind.check(each, place.at(key)) for key, each in value.items()
        }

    def schema(self) -> Schema:
        properties = {
            name: {"description": each.says, **each.kind.schema()}
            for name, each in self.fields.items()
        }
        required = [name for name, each in self.fields.items() if each.required]
        found: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
        return {**found, "required": required} if required else found


@dataclass(frozen=True, slots=True)
class Variants:
    """A mapping of one of several kinds, told by the one key that only that kind has."""

    what: str
    kinds: Mapping[str, Keys]

    def check(self, value: Any, place: Place) -> tuple[str, dict[str, Any]]:
        if not isinstance(value, Mapping):
            raise place.error(
                f"{self.what} is {shown(value)}; keys and values are expected.",
                f"Begin with one of {', '.join(self.kinds)}.",
            )
        named = [key for key in value if key in self.kinds]
        if len(named) != 1:
            at = place.of(value)
            if named:
                raise at.error(f"{self.what} names {' and '.join(named)}; it is of one.")
            others = {name for kind in self.kinds.values() for name in kind.fields}
            strange = [key for key in value if key not in others]
            if strange:
                raise unknown(place.at(strange[0]), f"key of {self.what}", strange[0], self.kinds)
            raise at.error(
                f"{self.what} names nothing to move.", f"One of {', '.join(self.kinds)} is needed."
            )
        return named[0], self.kinds[named[0]].check(value, place)

    def schema(self) -> Schema:
        return {"oneOf": [kind.schema() for kind in self.kinds.values()]}


@dataclass(frozen=True, slots=True)
class Either:
    """A plain value or list, or a mapping."""

    plain: Type
    keys: Type

    def check(self, value: Any, place: Place) -> Any:
        return (self.keys if isinstance(value, Mapping) else self.plain).check(value, place)

    def schema(self) -> Schema:
        return {"anyOf": [self.plain.schema(), self.keys.schema()]}
