"""Exact decimals from text in the conventions that brokers use, and no guess beyond them."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation

from riskplatform.errors import UserInputError

ABSENT = frozenset({"", "-", "--", "n/a", "#n/a", "nan", "null", "none", "n.a.", "."})
"""What stands for "no number" in exports, casefolded."""

_PLAIN = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
_CENTS = re.compile(r"-?[0-9]+\.[0-9]{1,2}")
_BARE = re.compile(r"(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_SPACES = dict.fromkeys(map(ord, " \u00a0\u202f\u2009"), None)
_SYMBOLS = "$€£¥"
_GROUPED = {
    # The last group has three digits, the others two (Indian) or three.
    ",": re.compile(r"[1-9][0-9]{0,2}(?:,[0-9]{2,3})*,[0-9]{3}"),
    ".": re.compile(r"[1-9][0-9]{0,2}(?:\.[0-9]{3})+"),
}
_LARGEST_POWER = 18
_MOST_DIGITS = 28  # arithmetic on more would round, unseen


def decimal_of_float(value: float) -> Decimal | None:
    """The 15 significant digits that a double holds exactly; not-a-number becomes nothing."""
    if math.isnan(value):
        return None
    return Decimal(format(value, ".15g"))


def decimal_from(text: str, decimal_mark: str = ".") -> Decimal:
    """``1,234.56``, ``1.234,56`` (mark ","), ``(123)``, ``123-``, ``$ 5``; all else is refused."""
    if len(text) <= 30 and decimal_mark == "." and _PLAIN.fullmatch(text):
        return bounded(Decimal(text), text)
    body, negative = _unsigned(text.strip().translate(_SPACES))
    for apostrophe in "'’":
        body = body.replace(apostrophe, "")
    group_mark = "," if decimal_mark == "." else "."
    whole, mark, fraction = body.partition(decimal_mark)
    if group_mark in whole:
        if not _GROUPED[group_mark].fullmatch(whole):
            raise _not_a_number(text, decimal_mark)
        whole = whole.replace(group_mark, "")
    plain = whole + ("." if mark else "") + fraction
    if not _BARE.fullmatch(plain) or not plain.isascii():
        raise _not_a_number(text, decimal_mark)
    try:
        number = Decimal(plain)
    except InvalidOperation:
        raise _not_a_number(text, decimal_mark) from None
    return bounded(-number if negative else number, text)


def _unsigned(body: str) -> tuple[str, bool]:
    """Without sign, brackets and one currency symbol; and whether it was negative."""
    negative = False
    if body.startswith("(") and body.endswith(")"):
        body, negative = body[1:-1], True
    body = body.strip(_SYMBOLS) if body[:1] in _SYMBOLS or body[-1:] in _SYMBOLS else body
    if not negative:
        body = body.replace("−", "-")
        if body.startswith(("-", "+")):
            body, negative = body[1:], body[0] == "-"
        elif body.endswith("-"):
            body, negative = body[:-1], True
    return body.strip(_SYMBOLS), negative


def bounded(number: Decimal, text: str) -> Decimal:
    """``number``, refused when no holding or price could be that large or that fine."""
    _, digits, exponent = number.as_tuple()
    if not isinstance(exponent, int):
        raise UserInputError(f"{_short(text)} is not a finite number.")
    if number and not -_MOST_DIGITS <= number.adjusted() < _LARGEST_POWER:
        raise UserInputError(f"{_short(text)} is too large or too small to be meant.")
    if len(digits) > _MOST_DIGITS or exponent < -2 * _MOST_DIGITS:
        raise UserInputError(f"{_short(text)} has too many digits to be meant.")
    return number


def _not_a_number(text: str, decimal_mark: str) -> UserInputError:
    return UserInputError(
        f"{_short(text)} is not a number with {decimal_mark!r} as the decimal mark.",
        hint="Write 1234.56, or set decimal in the column map.",
    )


def _short(text: str) -> str:
    return repr(text if len(text) <= 40 else text[:37] + "...")


def decimal_marks(texts: Iterable[str]) -> tuple[bool, bool, str | None]:
    """What a column proves: (the point is decimal, the comma is decimal, an undecided sample).

    A text is proof when it is a number in one convention and in the other is none.
    """
    point = comma = False
    undecided = None
    for text in texts:
        if "," not in text and "." not in text:
            continue
        if _CENTS.fullmatch(text):
            point = True
            continue
        body = text.strip().removesuffix("%").rstrip()
        by_point, by_comma = _is_number(body, "."), _is_number(body, ",")
        point, comma = point or by_point > by_comma, comma or by_comma > by_point
        if by_point and by_comma and undecided is None:
            undecided = text
    return point, comma, undecided


def _is_number(text: str, decimal_mark: str) -> bool:
    try:
        decimal_from(text, decimal_mark)
    except UserInputError:
        return False
    return True
