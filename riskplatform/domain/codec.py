"""Value objects to plain JSON terms and back, strictly: an unknown or missing key is an error.

The field types of the dataclasses are the schema; there is no second list to keep in step.
"""

from __future__ import annotations

import math
import types
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from enum import Enum
from functools import cache
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from riskplatform.domain.identifiers import Identifier
from riskplatform.domain.instruments import KINDS, Instrument
from riskplatform.errors import TermsError, UnknownNameError

Terms = dict[str, Any]
T = TypeVar("T")


def to_terms(value: Any) -> Any:
    """``value`` in JSON types.

    Defaults are written out, because what was recorded must not change when a default does;
    only what is unknown or empty is left out.
    """
    match value:
        case Enum():
            return value.value
        case Decimal():
            return format(value, "f")
        case Identifier():
            return str(value)
        case date():
            return value.isoformat()
        case tuple() | list():
            return [to_terms(item) for item in value]
    if is_dataclass(value) and not isinstance(value, type):
        return {
            name: terms
            for name in (field.name for field in fields(value))
            if (terms := to_terms(getattr(value, name))) not in (None, [], {})
        }
    return value


def instrument_terms(instrument: Instrument) -> Terms:
    """An instrument as JSON, with its kind."""
    return {"kind": instrument.kind, **to_terms(instrument)}


def instrument_from(terms: Mapping[str, Any]) -> Instrument:
    """An instrument from JSON terms; what is wrong is said by key."""
    kind = str(terms.get("kind", ""))
    if kind not in KINDS:
        raise UnknownNameError("kind of instrument", kind, KINDS)
    return from_terms(KINDS[kind], {k: v for k, v in terms.items() if k != "kind"})


@cache
def _schema(cls: type) -> dict[str, tuple[Any, bool]]:
    """Field name to (type, whether it must be given)."""
    hints = get_type_hints(cls)
    return {
        field.name: (
            hints[field.name],
            field.default is MISSING and field.default_factory is MISSING,
        )
        for field in fields(cls)
        if field.init
    }


def from_terms(cls: type[T], terms: Mapping[str, Any]) -> T:
    """A dataclass from JSON terms."""
    schema = _schema(cls)  # type: ignore[arg-type]  # classes are hashable
    for key in terms:
        if key not in schema:
            raise UnknownNameError(f"term of {cls.__name__}", str(key), schema)
    missing = [name for name, (_, needed) in schema.items() if needed and name not in terms]
    if missing:
        raise TermsError(f"{cls.__name__} lacks {', '.join(missing)}.")
    return cls(**{key: _read(schema[key][0], value, key) for key, value in terms.items()})


@cache
def _form(kind: Any) -> tuple[Any, tuple[Any, ...] | None]:
    """What an optional type is of, or the parts of a tuple: asked of few types, very often."""
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        return next(option for option in get_args(kind) if option is not type(None)), None
    return None, get_args(kind) if origin is tuple else None


def _read(kind: Any, value: Any, key: str) -> Any:
    """``value`` as ``kind``, or a TermsError that names the key."""
    if kind is str and type(value) is str:
        return value
    optional, parts = _form(kind)
    if optional is not None:
        return None if value is None else _read(optional, value, key)
    if parts is not None:
        return _read_tuple(parts, value, key)
    try:
        return _read_scalar(kind, value)
    except (ValueError, TypeError, InvalidOperation, ArithmeticError):
        raise TermsError(
            f"{key} is {value!r}, which is not {_describe(kind)}.", hint=_accepted(kind)
        ) from None


def _read_tuple(parts: tuple[Any, ...], value: Any, key: str) -> tuple[Any, ...]:
    if not isinstance(value, list | tuple):
        raise TermsError(f"{key} is {value!r}, which is not a list.")
    if len(parts) == 2 and parts[1] is Ellipsis:
        return tuple(_read(parts[0], item, key) for item in value)
    if len(parts) != len(value):
        raise TermsError(f"{key} has {len(value)} parts where {len(parts)} are needed.")
    return tuple(_read(part, item, key) for part, item in zip(parts, value, strict=True))


def _read_scalar(kind: Any, value: Any) -> Any:
    if kind is date:
        return value if type(value) is date else date.fromisoformat(value)
    if kind is datetime:
        return value if isinstance(value, datetime) else datetime.fromisoformat(value)
    if kind is Decimal:
        return _finite_decimal(value)
    if kind is float:
        return _finite_float(value)
    if kind is Identifier:
        return Identifier.parse(value)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind(value)
    if isinstance(kind, type) and is_dataclass(kind):
        return from_terms(kind, value)
    if kind in (int, bool, str) and type(value) is kind:
        return value
    raise TypeError


def _finite_decimal(value: Any) -> Decimal:
    # A float goes through its shortest text, so that 0.1 stays 0.1.
    number = Decimal(str(value))
    if isinstance(value, bool) or not number.is_finite():
        raise ValueError
    return number


def _finite_float(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError
    number = float(value)
    if not math.isfinite(number):
        raise ValueError
    return number


def _describe(kind: Any) -> str:
    words = {date: "a date", Decimal: "a number", float: "a number", int: "a whole number"}
    return words.get(kind, f"a {getattr(kind, '__name__', kind)}")


def _accepted(kind: Any) -> str | None:
    if kind is date:
        return "Write dates as 2026-03-31."
    if isinstance(kind, type) and issubclass(kind, Enum):
        return f"Accepted: {', '.join(str(member.value) for member in kind)}."
    return None
