"""Numbers and dates as people read them. What is not known is an empty dash, never zero or NaN."""

from __future__ import annotations

import math
from datetime import date, datetime

UNKNOWN = "–"
MINUS = "\N{MINUS SIGN}"

_STEPS = ((1e12, "tn"), (1e9, "bn"), (1e6, "m"), (1e3, "k"))


def is_known(number: float | None) -> bool:
    """Whether there is a finite number."""
    return number is not None and math.isfinite(number)


def amount(number: float | None, digits: int = 0) -> str:
    """1234567.8 as 1,234,568."""
    return _minus(f"{number:z,.{digits}f}") if is_known(number) else UNKNOWN


def signed(number: float | None, digits: int = 0) -> str:
    """As :func:`amount`, with its sign; nothing is neither gain nor loss."""
    if number is None or not is_known(number):
        return UNKNOWN
    return _minus(f"{number:+,.{digits}f}") if round(number, digits) else amount(0.0, digits)


def quantity(number: float | None) -> str:
    """As many decimals as there are, up to twelve digits in all: 1,000 and 0.00250001."""
    if number is None or not is_known(number):
        return UNKNOWN
    text = amount(number, min(max(12 - _whole_digits(number), 0), 8))
    return text.rstrip("0").rstrip(".") if "." in text else text


def percent(share: float | None, digits: int = 1) -> str:
    """0.1234 as 12.3%."""
    return _minus(f"{share:z,.{digits}%}") if is_known(share) else UNKNOWN


def signed_percent(share: float | None, digits: int = 2) -> str:
    """As :func:`percent`, with its sign."""
    return _minus(f"{share:+,.{digits}%}") if is_known(share) else UNKNOWN


def compact(number: float | None, *, sign: bool = False) -> tuple[str, str]:
    """Three or four significant digits and the unit of thousands: ("4.812", "bn")."""
    if number is None or not is_known(number):
        return UNKNOWN, ""
    for step, unit in _STEPS:
        if abs(number) >= step:
            scaled = number / step
            digits = 2 if abs(scaled) < 100 else 1
            return _minus(f"{scaled:{'+' if sign else ''},.{digits}f}"), unit
    return _minus(f"{number:{'+' if sign else ''},.0f}"), ""


def significant(number: float | None, digits: int = 6) -> str:
    """So many digits that mean something: 0.00682100, 146.596."""
    if number is None or not is_known(number):
        return UNKNOWN
    return amount(number, max(digits - _whole_digits(number), 0))


def multiple(number: float | None) -> str:
    """1.234 as 1.23×."""
    return _minus(f"{number:,.2f}×") if is_known(number) else UNKNOWN


def day(value: date | None) -> str:
    """20 Nov 2026."""
    return f"{value.day} {value:%b %Y}" if value is not None else UNKNOWN


def moment(value: datetime | None) -> str:
    """20 Nov 2026 07:45:12 UTC."""
    return f"{day(value.date())} {value:%H:%M:%S} UTC" if value is not None else UNKNOWN


def _whole_digits(number: float) -> int:
    """Digits before the decimal point; 0.05 has -1."""
    return math.floor(math.log10(abs(number))) + 1 if number else 1


def _minus(text: str) -> str:
    """The true minus sign, which is as wide as the plus sign."""
    return text.replace("-", MINUS)
