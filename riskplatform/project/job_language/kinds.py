"""What each kind of job may be told: the fields are the schema of ``parameters`` in its file.

The functions that do the work have the same names in ``riskplatform.scheduling.kinds``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from riskplatform.domain.codec import from_terms
from riskplatform.errors import TermsError

BY_POLICY = "by_policy"
PYTHON = "python"
"""The way out: a file of Python beside the job's, with one ``job(desk, parameters, run)``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceRefresh:
    """Files that were dropped into a folder of the desk are imported, oldest name first."""

    folder: str = "inbox"
    what: str = "prices"
    source: str = "file"
    good_rows_only: bool = False

    def __post_init__(self) -> None:
        accepted = ("prices", "instruments", "positions", "transactions")
        if self.what not in accepted:
            raise TermsError(f"what is {self.what!r}.", hint=f"One of {', '.join(accepted)}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class CubeBuild:
    """Cubes of unit gains by maker of scenarios, so that the morning's questions find them."""

    scenarios: tuple[str, ...] = ("historical", "factor_model")
    days: int = 500
    seed: int = 20260630

    def __post_init__(self) -> None:
        _positive("days", self.days)
        if not self.scenarios:
            raise TermsError("scenarios is empty.", hint="Name one, such as historical.")


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskReport:
    """The morning report as files in the desk's folder of reports."""

    node: str | None = None
    formats: tuple[str, ...] = ("html",)
    folder: str = "reports"
    with_risk: bool = True

    def __post_init__(self) -> None:
        if not self.formats or set(self.formats) - {"html", "excel"}:
            raise TermsError(f"formats is {list(self.formats)}.", hint="Of html and excel.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stress:
    """Scenarios of the library, all of them unless named; the result is kept as a run."""

    node: str | None = None
    scenarios: tuple[str, ...] = ()
    by: str = "asset_class"


@dataclass(frozen=True, slots=True, kw_only=True)
class Queries:
    """Questions that are kept in ``queries/``, all of them unless named, asked again and kept."""

    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BacktestScorecard:
    """The VaR models of the register against the P&L; the result is kept as a run."""

    node: str | None = None
    confidence: float = 0.99
    days: int | None = None
    window_days: int | None = None
    models: tuple[str, ...] = ()
    of: str = "hypothetical"

    def __post_init__(self) -> None:
        if not 0.5 < self.confidence < 1.0:
            raise TermsError(f"confidence is {self.confidence:g}.", hint="Such as 0.99.")
        if self.of not in ("hypothetical", "actual"):
            raise TermsError(f"of is {self.of!r}.", hint="One of hypothetical, actual.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Housekeeping:
    """Old cubes go, the lake's small files are merged, and the desk is examined."""

    keep_cubes: int = 6
    maintain_lake: bool = True
    examine: bool = True

    def __post_init__(self) -> None:
        if self.keep_cubes < 0:
            raise TermsError(f"keep_cubes is {self.keep_cubes}.", hint="Give a number from 0.")


@dataclass(frozen=True, slots=True, kw_only=True)
class RebalancePropose:
    """What a rule would trade in a portfolio, recorded for a person or the guards of a policy."""

    node: str
    rule: str
    policy: str | None = None
    approval: str = "by_person"

    def __post_init__(self) -> None:
        accepted = ("by_person", BY_POLICY)
        if self.approval not in accepted:
            raise TermsError(
                f"approval is {self.approval!r}.", hint=f"One of {', '.join(accepted)}."
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecuteTargets:
    """Approved targets are traded at the paper venue, as ``execute start`` does it.

    ``step_seconds`` moves a venue on that stands still; ``within_hours`` are of the venue.
    ``aversion`` weighs the variance of the cost where the algorithm is shortfall. ``bars`` is a
    file of the desk's folder from which the volume of a day is learnt.
    """

    algorithm: str = "twap"
    hours: float = 1.0
    minutes: float = 5.0
    participation: float | None = 0.1
    randomness: float = 0.0
    seed: int = 0
    aversion: float = 1e-6
    bars: str | None = None
    step_seconds: float | None = None
    within_hours: float = 8.0

    def __post_init__(self) -> None:
        for name in ("hours", "minutes", "within_hours"):
            if not getattr(self, name) > 0:
                raise TermsError(f"{name} is {getattr(self, name):g}.", hint="Above 0.")
        if not 0.0 <= self.aversion < math.inf:
            raise TermsError(f"aversion is {self.aversion:g}.", hint="Give 0 or more.")
        if self.step_seconds is not None and not self.step_seconds > 0:
            raise TermsError(f"step_seconds is {self.step_seconds:g}.", hint="Above 0.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconcile:
    """The venue's statement of the run's day, or of the venue's own today, against our books."""

    venue_today: bool = False


KINDS: dict[str, type] = {
    "price_refresh": PriceRefresh,
    "cube_build": CubeBuild,
    "risk_report": RiskReport,
    "stress": Stress,
    "queries": Queries,
    "backtest_scorecard": BacktestScorecard,
    "rebalance_propose": RebalancePropose,
    "execute_targets": ExecuteTargets,
    "reconcile": Reconcile,
    "housekeeping": Housekeeping,
}
"""Kinds with declared parameters; ``python`` takes any."""


def kind_names() -> tuple[str, ...]:
    return (*KINDS, PYTHON)


def terms_of(kind: str, parameters: Mapping[str, Any]) -> Any:
    """What the kind's function takes, or a TermsError that begins with the key."""
    return dict(parameters) if kind == PYTHON else from_terms(KINDS[kind], parameters)


def _positive(name: str, value: int) -> None:
    if value < 1:
        raise TermsError(f"{name} is {value}.", hint="Give a number from 1.")
