"""Identifiers with a scheme and, where the scheme has one, a verified check digit."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from riskplatform.errors import UserInputError


class Scheme(StrEnum):
    """Who issued the identifier. The order is the precedence in which imports trust them."""

    FIGI = "FIGI"
    ISIN = "ISIN"
    CUSIP = "CUSIP"
    SEDOL = "SEDOL"
    INTERNAL = "INTERNAL"


def _value(character: str) -> int:
    """0-9 for digits, 10-35 for letters."""
    return int(character, 36)


def _digit_sum(number: int) -> int:
    return number // 10 + number % 10


def isin_check_digit(body: str) -> str:
    """Luhn over the eleven characters, letters spelt as two digits."""
    digits = "".join(str(_value(c)) for c in body)
    doubled = (int(d) * (2 if i % 2 == 0 else 1) for i, d in enumerate(reversed(digits)))
    return str(-sum(_digit_sum(d) for d in doubled) % 10)


def cusip_check_digit(body: str) -> str:
    """Modulus 10 double-add-double over the eight characters."""
    special = {"*": 36, "@": 37, "#": 38}
    values = (special.get(c, _value(c) if c not in special else 0) for c in body)
    total = sum(_digit_sum(v * (2 if i % 2 else 1)) for i, v in enumerate(values))
    return str(-total % 10)


def sedol_check_digit(body: str) -> str:
    """Weighted sum of the six characters."""
    weights = (1, 3, 1, 7, 3, 9)
    return str(-sum(w * _value(c) for w, c in zip(weights, body, strict=True)) % 10)


def figi_check_digit(body: str) -> str:
    """Luhn over the eleven characters, each second value doubled, digits summed."""
    values = (_value(c) * (2 if i % 2 else 1) for i, c in enumerate(body))
    total = sum(sum(map(int, str(v))) for v in values)
    return str(-total % 10)


# Scheme: (shape, what the shape means, check digit of the body).
_RULES: dict[Scheme, tuple[re.Pattern[str], str, Callable[[str], str] | None]] = {
    Scheme.ISIN: (
        re.compile(r"[A-Z]{2}[A-Z0-9]{9}[0-9]"),
        "two letters, nine letters or digits, one check digit",
        isin_check_digit,
    ),
    Scheme.CUSIP: (
        re.compile(r"[A-Z0-9*@#]{8}[0-9]"),
        "eight characters and one check digit",
        cusip_check_digit,
    ),
    Scheme.SEDOL: (
        re.compile(r"[B-DF-HJ-NP-TV-Z0-9]{6}[0-9]"),
        "six consonants or digits and one check digit",
        sedol_check_digit,
    ),
    Scheme.FIGI: (
        re.compile(r"[B-DF-HJ-NP-TV-Z]{2}G[B-DF-HJ-NP-TV-Z0-9]{8}[0-9]"),
        "two consonants, G, eight consonants or digits and one check digit",
        figi_check_digit,
    ),
    Scheme.INTERNAL: (
        re.compile(r"[^\s\x00-\x1f][^\x00-\x1f]{0,63}"),
        "1 to 64 printable characters",
        None,
    ),
}


@dataclass(frozen=True, slots=True, order=True)
class Identifier:
    """``scheme:value``, verified when it is made."""

    scheme: Scheme
    value: str

    def __post_init__(self) -> None:
        shape, meaning, check_digit = _RULES[self.scheme]
        if not shape.fullmatch(self.value):
            raise UserInputError(
                f"{self.value!r} is not a {self.scheme}.", hint=f"A {self.scheme} is {meaning}."
            )
        if check_digit is None:
            return
        expected = check_digit(self.value[:-1])
        if expected != self.value[-1]:
            raise UserInputError(
                f"{self.value!r} is not a valid {self.scheme}: its check digit is "
                f"{self.value[-1]} and should be {expected}.",
                hint="One character is probably mistyped.",
            )

    @classmethod
    def parse(cls, text: str) -> Identifier:
        """From ``SCHEME:value``."""
        scheme, separator, value = text.partition(":")
        if not separator or scheme.upper() not in Scheme.__members__:
            raise UserInputError(
                f"{text!r} is not an identifier.",
                hint=f"Give SCHEME:value with a scheme of {', '.join(Scheme)}.",
            )
        return cls(Scheme[scheme.upper()], value.strip())

    def __str__(self) -> str:
        return f"{self.scheme}:{self.value}"


def best(identifiers: Iterable[Identifier]) -> Identifier | None:
    """The identifier that imports trust most, or None."""
    order = list(Scheme)
    return min(identifiers, key=lambda i: (order.index(i.scheme), i.value), default=None)
