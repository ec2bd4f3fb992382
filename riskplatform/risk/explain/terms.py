"""The terms of a P&L explain: their names, what each says, and the order in which they are read."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from riskplatform.errors import UnknownNameError


class Way(StrEnum):
    """How the risk-theoretical P&L is found."""

    REVALUATION = "revaluation"
    TAYLOR = "taylor"


@dataclass(frozen=True, slots=True)
class Term:
    """One summand. ``group`` is time, market or ledger."""

    name: str
    title: str
    group: str
    meaning: str


_TIME = (
    Term("carry", "Carry", "time",
         "accrual, roll-down and cash of what is no option, and dividends"),
    Term("theta", "Theta", "time", "passage of time of options"),
)  # fmt: skip
_STEPS = (
    Term("price", "Prices", "market", "underlying prices, delta and gamma together"),
    Term("volatility", "Volatility", "market", "the middle of every surface"),
    Term("rates", "Rates", "market", "zero rates of every curve"),
    Term("credit", "Credit", "market", "hazard rates of every issuer"),
    Term("fx", "FX", "market", "exchange rates"),
    Term("yields", "Yields and basis", "market", "dividend yields and the basis of futures"),
    Term("rest", "Smile and fixings", "market",
         "full revaluation in today's market beyond the steps"),
)  # fmt: skip
_ORDERS = (
    Term("delta", "Delta", "market", "first order in underlying prices"),
    Term("gamma", "Gamma", "market", "second order of options in the underlying"),
    Term("vega", "Vega", "market", "first order in volatility"),
    Term("volga", "Volga", "market", "second order in volatility"),
    Term("vanna", "Vanna", "market", "underlying and volatility together"),
    Term("rates", "Rates (DV01)", "market", "first order in zero rates"),
    Term("convexity", "Convexity", "market", "second order in zero and hazard rates"),
    Term("credit", "Credit (CS01)", "market", "first order in hazard rates"),
    Term("fx", "FX", "market", "first order in exchange rates"),
    Term("yields", "Yields and basis", "market",
         "first order in dividend yields and the basis of futures"),
    Term("cross", "Cross with FX", "market", "local gains at the change of the exchange rate"),
)  # fmt: skip
_LEDGER = (
    Term("trades", "New trades", "ledger", "trades from their price to the end of the period"),
    Term("corporate", "Corporate actions", "ledger", "what mergers and spin-offs gave and took"),
    Term("fees", "Fees", "ledger", "fees of trades and of the portfolio"),
)

UNEXPLAINED = Term("unexplained", "Unexplained", "unexplained", "the actual P&L less all terms")

_BY_WAY = {
    Way.REVALUATION: (*_TIME, *_STEPS, *_LEDGER),
    Way.TAYLOR: (*_TIME, *_ORDERS, *_LEDGER),
}


def way_named(name: str) -> Way:
    """The way called ``name``."""
    try:
        return Way(name)
    except ValueError:
        raise UnknownNameError("way of explaining", name, list(Way)) from None


def terms_of(way: Way) -> tuple[Term, ...]:
    """The terms of a way, the unexplained left out."""
    return _BY_WAY[way]


def model_terms(way: Way) -> tuple[str, ...]:
    """Those that a model of units gives, as against those that are read off the ledger."""
    return tuple(term.name for term in terms_of(way) if term.group != "ledger")
