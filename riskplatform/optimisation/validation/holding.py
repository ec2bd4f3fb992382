"""A book that is bought, drifts with the market, and is rebalanced at a cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from riskplatform.domain.outcome import Failure, FailureReason
from riskplatform.errors import DataError
from riskplatform.market.content import FloatArray
from riskplatform.optimisation.validation.history import ReturnHistory


class TradingCost(Protocol):
    """What it costs to change weights, as a share of the capital."""

    @property
    def cost_id(self) -> str:
        """Which costs, as text: a part of what is validated."""
        ...

    def __call__(
        self, day: int, asset_ids: Sequence[str], before: FloatArray, after: FloatArray
    ) -> float:
        """Of going from weights ``before`` to ``after`` on the eve of a day of the history."""
        ...


class Target(NamedTuple):
    """Weights to hold from the start of a day on; None where there is no decision, and the book is
    left as it has drifted."""

    day: int
    weights: FloatArray | None


@dataclass(frozen=True, eq=False)
class Run:
    """One path of one rule. ``returns`` are after costs, day by day from ``first`` on.

    At each of ``traded`` (days of the history) ``weights`` [trade, asset] were bought, with the
    ``turnover`` (bought plus sold) and the ``costs`` as shares of the capital then.
    """

    rule: str
    path: int
    first: int
    returns: FloatArray
    traded: NDArray[np.intp]
    weights: FloatArray
    turnover: FloatArray
    costs: FloatArray
    failures: tuple[Failure, ...] = ()

    @property
    def growth(self) -> FloatArray:
        """What one unit of money has become by the end of each day."""
        return np.asarray(np.cumprod(1.0 + self.returns))


def held(
    history: ReturnHistory,
    targets: Sequence[Target],
    end: int,
    cost: TradingCost,
    *,
    rule: str,
    path: int = 0,
    failures: Sequence[Failure] = (),
) -> Run:
    """From the first target to the day before ``end``, starting in cash.

    An asset without a return on a day is held at its last price, and the days of that are told.
    """
    book = _Book(history, cost)
    bounds = [each.day for each in targets] + [end]
    parts = [
        book.hold(target, until)
        for target, until in zip(targets, bounds[1:], strict=True)
        if until > target.day
    ]
    told = list(failures)
    if book.days_without_price:
        message = (
            f"{book.days_without_price} returns of assets that {rule} held are not there; the "
            "assets were held at their last price."
        )
        told.append(Failure(FailureReason.MISSING_DATA, message, rule))
    if book.ruined is not None:
        message = f"{rule} has lost everything on {history.days[book.ruined]}."
        told.append(Failure(FailureReason.CALCULATION_FAILED, message, rule))
    return Run(
        rule=rule,
        path=path,
        first=targets[0].day,
        returns=np.concatenate(parts),
        traded=np.array(book.traded, dtype=np.intp),
        weights=np.array(book.bought).reshape(-1, len(history.asset_ids)),
        turnover=np.array(book.turnover),
        costs=np.array(book.costs),
        failures=tuple(told),
    )


class _Book:
    """Weights as they drift."""

    def __init__(self, history: ReturnHistory, cost: TradingCost) -> None:
        self._history, self._cost = history, cost
        self.weights = np.zeros(len(history.asset_ids))
        self.traded: list[int] = []
        self.bought: list[FloatArray] = []
        self.turnover: list[float] = []
        self.costs: list[float] = []
        self.days_without_price = 0
        self.ruined: int | None = None

    def hold(self, target: Target, until: int) -> FloatArray:
        """Returns of each day after the cost of getting to the target."""
        days = until - target.day
        if self.ruined is not None:
            return np.zeros(days)
        paid = 0.0 if target.weights is None else self._trade(target.day, target.weights)
        table = self._history.returns[target.day : until]
        is_absent = np.isnan(table) & (self.weights != 0.0)
        self.days_without_price += int(is_absent.sum())
        growth = np.cumprod(1.0 + np.nan_to_num(table), axis=0)
        capital = 1.0 - float(self.weights.sum()) + growth @ self.weights
        before = np.append(1.0, capital[:-1])
        if (capital <= 0.0).any() or paid >= 1.0:
            return self._end(target.day, capital, before, paid)
        self.weights = self.weights * growth[-1] / capital[-1]
        out = capital / before - 1.0
        out[0] = (1.0 - paid) * (1.0 + out[0]) - 1.0
        return np.asarray(out)

    def _trade(self, day: int, after: FloatArray) -> float:
        paid = float(self._cost(day, self._history.asset_ids, self.weights.copy(), after.copy()))
        if not (np.isfinite(paid) and paid >= 0.0):
            raise DataError(
                f"The cost of rebalancing on {self._history.days[day]} is {paid}.",
                hint="A cost is a number from 0 on, as a share of the capital.",
            )
        self.traded.append(day)
        self.bought.append(after)
        self.turnover.append(float(np.abs(after - self.weights).sum()))
        self.costs.append(paid)
        self.weights = after.copy()
        return paid

    def _end(self, day: int, capital: FloatArray, before: FloatArray, paid: float) -> FloatArray:
        """A loss of all, and nothing after it."""
        last = 0 if paid >= 1.0 else int(np.argmax(capital <= 0.0))
        self.ruined = day + last
        out = np.zeros(len(capital))
        out[:last] = capital[:last] / before[:last] - 1.0
        if last:
            out[0] = (1.0 - paid) * (1.0 + out[0]) - 1.0
        out[last] = -1.0
        self.weights = np.zeros_like(self.weights)
        return out
