"""What can be limited: a registry of measures, each with its unit, side and terms.

A measure turns a limit and a book into a gauge (:mod:`riskplatform.risk.limits.gauges`), which
then reads any state of that book.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from riskplatform.domain.limits import Direction, Limit
from riskplatform.errors import UnknownNameError
from riskplatform.pricing.exposures.measures import MEASURES as EXPOSURES
from riskplatform.risk.book import RiskBook
from riskplatform.risk.limits import gauge_makers as make
from riskplatform.risk.limits.gauges import Gauge

Term = str | float | bool | None


class Unit(StrEnum):
    """What a measure's numbers are; money is in the book's base currency."""

    MONEY = "money"
    SHARE = "share"
    TIMES = "times"
    DAYS = "days"


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitMeasure:
    """``takes`` are its terms with what holds where they are not given; ``needs`` must be given.

    ``signed`` says that the number may be below zero. ``per`` is the move that money is for.
    """

    name: str
    title: str
    unit: Unit
    gauge: Callable[[Limit, RiskBook], Gauge]
    direction: Direction = Direction.MAX
    signed: bool = False
    takes: Mapping[str, Term] = field(default_factory=lambda: MappingProxyType({}))
    needs: tuple[str, ...] = ()
    per: str = ""

    def unit_words(self, currency: str) -> str:
        """Such as "USD per +1 bp"."""
        return f"{currency} {self.per}".strip() if self.unit is Unit.MONEY else self.unit.value


_OF_SLICE: Mapping[str, Term] = {"by": None, "group": None}
_OF_TAIL: Mapping[str, Term] = {
    "scenarios": make.HISTORICAL, "confidence": 0.99, "horizon_days": 1.0,
}  # fmt: skip

_OTHERS = (
    LimitMeasure(
        name="value", title="Net value", unit=Unit.MONEY, gauge=make.net_value, signed=True,
        direction=Direction.ABSOLUTE, takes=_OF_SLICE,
    ),
    LimitMeasure(
        name="gross_value", title="Gross value, without cash", unit=Unit.MONEY,
        gauge=make.gross_value, takes=_OF_SLICE,
    ),
    LimitMeasure(
        name="leverage", title="Gross over net value", unit=Unit.TIMES, gauge=make.leverage
    ),
    LimitMeasure(
        name="var", title="VaR", unit=Unit.MONEY, gauge=make.var, signed=True, takes=_OF_TAIL
    ),
    LimitMeasure(
        name="es", title="Expected shortfall", unit=Unit.MONEY, gauge=make.es, signed=True,
        takes=_OF_TAIL,
    ),
    LimitMeasure(
        name="stress_loss", title="Stress loss", unit=Unit.MONEY, gauge=make.stress_loss,
        signed=True, takes={"scenarios": None, "scenario": None},
    ),
    LimitMeasure(
        name="concentration", title="Share of gross value", unit=Unit.SHARE,
        gauge=make.concentration, takes={"group": None}, needs=("by",),
    ),
    LimitMeasure(
        name="days_to_unwind", title="Days to unwind", unit=Unit.DAYS, gauge=make.days_to_unwind,
        takes={"share": 1.0, "participation": 0.2},
    ),
)  # fmt: skip

_OF_EXPOSURES = tuple(
    LimitMeasure(
        name=each.name, title=each.title, unit=Unit.MONEY, gauge=make.exposure, signed=True,
        direction=Direction.ABSOLUTE, per=each.per,
        takes={**({} if each.name == "beta" else {"factor_id": None}), "gross": False, **_OF_SLICE},
        needs=("factor_id",) if each.name == "beta" else (),
    )
    for each in EXPOSURES.values()
)  # fmt: skip

LIMIT_MEASURES: Mapping[str, LimitMeasure] = {
    each.name: each for each in (*_OTHERS, *_OF_EXPOSURES)
}
"""By name."""


def limit_measure(name: str) -> LimitMeasure:
    if name not in LIMIT_MEASURES:
        error = UnknownNameError("measure of limits", name, LIMIT_MEASURES)
        error.hint = error.hint or f"There are {', '.join(LIMIT_MEASURES)}."
        raise error
    return LIMIT_MEASURES[name]
