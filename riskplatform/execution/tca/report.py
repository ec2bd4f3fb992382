"""What trading cost: by order, by parent, by day or by anything that a trade has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal, localcontext
from typing import TYPE_CHECKING, Any

from riskplatform.domain.outcome import Coverage, Failure
from riskplatform.domain.provenance import Provenance
from riskplatform.errors import UnknownNameError
from riskplatform.execution.tca.pieces import PARTS, Against, Piece
from riskplatform.execution.tca.sources import Source
from riskplatform.execution.tca.worked import NOT_TRADED, ZERO

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

MODEL_ID = "tca"
BENCHMARKS = ("arrival", "vwap", "close")
_BP = Decimal(10_000)

_KEYS: Mapping[str, Callable[[Piece], str]] = {
    "order": lambda piece: piece.client_order_id or f"not filled: {piece.parent}",
    "parent": lambda piece: piece.parent,
    "day": lambda piece: piece.day.isoformat(),
    "instrument": lambda piece: piece.instrument_id,
    "portfolio": lambda piece: piece.portfolio_id,
    "algorithm": lambda piece: piece.algorithm or "none",
    "side": lambda piece: piece.side.value,
    "approval": lambda piece: piece.approval_id,
}
BY = tuple(_KEYS)


@dataclass(frozen=True, slots=True)
class Cost:
    """A group of executions, in base currency; what costs is positive.

    ``quantity`` and ``average_price`` have a meaning within one instrument alone. ``against`` are
    the benchmarks, of the executions for which each is known.
    """

    group: str
    executions: int
    instruments: tuple[str, ...]
    quantity: Decimal
    unfilled: Decimal
    paid: Decimal
    value: Decimal
    parts: Mapping[str, Decimal]
    shortfall: Decimal
    against: Mapping[str, Against | None]

    @property
    def shortfall_bp(self) -> float | None:
        """Of the value at the prices decided on."""
        return _bp(self.shortfall, self.value)

    def part_bp(self, name: str) -> float | None:
        return _bp(self.parts[name], self.value)

    def against_bp(self, name: str) -> float | None:
        """Beside a benchmark: positive where the executions were worse."""
        found = self.against[name]
        return None if found is None else _bp(found.cost, found.value)

    def to_dict(self) -> dict[str, Any]:
        told: dict[str, Any] = {
            "group": self.group,
            "executions": self.executions,
            "quantity": float(self.quantity) if len(self.instruments) == 1 else None,
            "unfilled": float(self.unfilled) if len(self.instruments) == 1 else None,
            "value": float(self.value),
            "paid": float(self.paid),
        }
        told |= {name: float(self.parts[name]) for name in PARTS}
        told |= {"shortfall": float(self.shortfall), "shortfall_bp": self.shortfall_bp}
        told |= {f"{name}_bp": self.part_bp(name) for name in PARTS}
        return told | {f"against_{name}_bp": self.against_bp(name) for name in BENCHMARKS}


@dataclass(frozen=True, eq=False)
class TcaReport:
    """All executions of a time, and what was decided and not executed.

    ``sources`` say of each parent where its benchmarks come from, or why it has none.
    """

    pieces: tuple[Piece, ...]
    provenance: Provenance
    sources: tuple[Source, ...] = ()

    @classmethod
    def of(
        cls,
        pieces: Iterable[Piece],
        provenance: Provenance,
        failures: Iterable[Failure] = (),
        sources: Iterable[Source] = (),
    ) -> TcaReport:
        told = tuple(pieces)
        coverage = Coverage(len({piece.parent for piece in told}), tuple(failures))
        return cls(told, replace(provenance, coverage=coverage), tuple(sources))

    @property
    def run_id(self) -> str:
        return self.provenance.run_id

    @property
    def total(self) -> Cost:
        return cost_of("all", self.pieces)

    def by(self, what: str = "parent") -> tuple[Cost, ...]:
        """The dearest group first."""
        if what not in _KEYS:
            raise UnknownNameError("grouping of costs", what, BY)
        groups: dict[str, list[Piece]] = {}
        for piece in self.pieces:
            groups.setdefault(_KEYS[what](piece), []).append(piece)
        found = [cost_of(name, some) for name, some in groups.items()]
        if what == "day":
            return tuple(sorted(found, key=lambda cost: cost.group))
        return tuple(sorted(found, key=lambda cost: -cost.shortfall))

    def to_frame(self, by: str = "parent") -> pd.DataFrame:
        """One row per group."""
        import pandas as pd

        columns = list(cost_of("none", ()).to_dict())
        return pd.DataFrame([cost.to_dict() for cost in self.by(by)], columns=columns)

    def sources_frame(self) -> pd.DataFrame:
        """One row per parent."""
        import pandas as pd

        columns = ["parent", "vwap", "close", "no_vwap", "no_close"]
        return pd.DataFrame([each.to_dict() for each in self.sources], columns=columns)

    def source_counts(self) -> dict[str, dict[str, int]]:
        """Of each benchmark, how many of the parents that traded have it from whom."""
        some = [each for each in self.sources if each.no_vwap != NOT_TRADED]
        return {
            "vwap": dict(Counter(each.vwap or "none" for each in some)),
            "close": dict(Counter(each.close or "none" for each in some)),
        }

    def sources_told(self) -> list[str]:
        """The same in words, a line for each benchmark."""
        return [
            f"{name}: " + ", ".join(f"{teller} {count}" for teller, count in counts.items())
            for name, counts in self.source_counts().items()
            if counts
        ]

    def to_dict(self, by: str = "parent") -> dict[str, Any]:
        told = self.provenance.to_dict()
        coverage = {**told["coverage"], "sources": [each.to_dict() for each in self.sources]}
        return {
            **told,
            "coverage": coverage,
            "by": by,
            "total": self.total.to_dict(),
            "groups": [cost.to_dict() for cost in self.by(by)],
        }

    def plot(self, by: str = "parent", axes: Axes | None = None) -> Axes:
        """The parts of the shortfall, one bar per group."""
        from matplotlib import pyplot

        found = pyplot.subplots()[1] if axes is None else axes
        costs = self.by(by)
        names = [cost.group for cost in costs]
        high, low = [0.0] * len(costs), [0.0] * len(costs)
        for part in PARTS:
            sizes = [float(cost.parts[part]) for cost in costs]
            starts = [h if s >= 0 else b for s, h, b in zip(sizes, high, low, strict=True)]
            found.barh(names, sizes, left=starts, label=part)
            high = [h + max(s, 0.0) for s, h in zip(sizes, high, strict=True)]
            low = [b + min(s, 0.0) for s, b in zip(sizes, low, strict=True)]
        found.set_xlabel(f"cost in {self.provenance.base_currency}")
        found.legend()
        return found

    def __str__(self) -> str:
        total, currency = self.total, self.provenance.base_currency
        size = "" if total.shortfall_bp is None else f", {total.shortfall_bp:,.1f} bp"
        return (
            f"Implementation shortfall {total.shortfall:,.2f} {currency}{size}, of "
            f"{total.executions} executions ({self.provenance})"
        )

    def _repr_html_(self) -> str:
        table = self.to_frame().to_html(index=False, float_format="{:,.2f}".format)
        return f"<p>{self}</p>{table}"


def cost_of(group: str, pieces: Iterable[Piece]) -> Cost:
    """Pieces added up, exactly."""
    some = tuple(pieces)
    with localcontext() as context:
        context.prec = 80
        return Cost(
            group=group,
            executions=sum(1 for piece in some if piece.quantity),
            instruments=tuple(dict.fromkeys(piece.instrument_id for piece in some)),
            quantity=_sum(piece.quantity for piece in some),
            unfilled=_sum(piece.unfilled for piece in some),
            paid=_sum(piece.paid for piece in some),
            value=_sum(piece.value for piece in some),
            parts={name: _sum(getattr(piece, name) for piece in some) for name in PARTS},
            shortfall=_sum(piece.shortfall for piece in some),
            against={name: _together(some, name) for name in BENCHMARKS},
        )


def _together(pieces: tuple[Piece, ...], name: str) -> Against | None:
    known = [found for piece in pieces if (found := getattr(piece, name)) is not None]
    if not known:
        return None
    return Against(_sum(each.cost for each in known), _sum(each.value for each in known))


def _sum(numbers: Iterable[Decimal]) -> Decimal:
    return sum(numbers, ZERO)


def _bp(cost: Decimal, value: Decimal) -> float | None:
    """Of nothing, no share; of what is worth less than nothing, of its size."""
    return float(cost / abs(value) * _BP) if value else None
