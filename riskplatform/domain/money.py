"""Money: an exact amount in one currency. Currencies never mix silently."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from functools import total_ordering

from riskplatform.errors import UserInputError

# Minor units that are not two decimals (ISO 4217).
_MINOR_UNITS = {
    **dict.fromkeys(("JPY", "KRW", "VND", "CLP", "ISK", "PYG", "UGX", "XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}

Number = Decimal | int


def currency_code(text: str) -> str:
    """``text`` as a currency code, or a reasoned refusal. Codes are three capital letters."""
    if len(text) == 3 and text.isascii() and text.isalpha() and text.isupper():
        return text
    raise UserInputError(
        f"{text!r} is not a currency code.", hint="Give three capital letters, such as USD."
    )


def minor_unit(currency: str) -> Decimal:
    """The smallest amount in which ``currency`` is paid: 0.01 for USD, 1 for JPY."""
    return Decimal(1).scaleb(-_MINOR_UNITS.get(currency, 2))


@total_ordering
@dataclass(frozen=True, slots=True)
class Money:
    """An exact amount in one currency; arithmetic across currencies is refused."""

    amount: Decimal
    currency: str

    def __post_init__(self) -> None:
        currency_code(self.currency)
        if type(self.amount) is not Decimal or not self.amount.is_finite():
            raise UserInputError(
                f"{self.amount!r} is not an exact amount of money.",
                hint="Give a finite Decimal; floats lose cents.",
            )

    @classmethod
    def of(cls, amount: str | Number, currency: str) -> Money:
        """Money from text or an integer: ``Money.of("12.50", "USD")``."""
        return cls(Decimal(amount), currency)

    @classmethod
    def zero(cls, currency: str) -> Money:
        return cls(Decimal(0), currency)

    def rounded(self) -> Money:
        """To the currency's minor unit, half to even."""
        return Money(
            self.amount.quantize(minor_unit(self.currency), ROUND_HALF_EVEN), self.currency
        )

    def converted(self, rate: Decimal, currency: str) -> Money:
        """In another currency, ``rate`` units of it for one of ours."""
        return Money(self.amount * rate, currency)

    def _same(self, other: Money) -> None:
        if self.currency != other.currency:
            raise UserInputError(
                f"{self} and {other} are in different currencies.",
                hint="Convert one of them first, naming the rate.",
            )

    def __add__(self, other: Money) -> Money:
        self._same(other)
        return Money(self.amount + other.amount, self.currency)

    def __sub__(self, other: Money) -> Money:
        self._same(other)
        return Money(self.amount - other.amount, self.currency)

    def __neg__(self) -> Money:
        return Money(-self.amount, self.currency)

    def __mul__(self, factor: Number) -> Money:
        return Money(self.amount * factor, self.currency)

    __rmul__ = __mul__

    def __lt__(self, other: Money) -> bool:
        self._same(other)
        return self.amount < other.amount

    def __bool__(self) -> bool:
        return bool(self.amount)

    def __str__(self) -> str:
        return f"{self.amount:,} {self.currency}"


CurrencyAmount = Money
"""The name other libraries use for the same idea."""
