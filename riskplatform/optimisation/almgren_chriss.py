"""The best way to sell (or buy) within a time: Almgren and Chriss (2000), for one asset or many.

Trading fast moves the price against oneself, trading slowly leaves it to chance. In ``steps`` of
length τ the holdings x go from X to nothing such that E + λ V is least, where

    E = ½ X'ΓX + ε'Σ|n| + Σ n'H̃n / τ      V = Σ τ x'Cx      H̃ = H - ½ τ Γ

with trades n, covariance C of prices per day, permanent impact Γ and temporary impact H per unit
(of the pace per day), and half spread and fees ε. Several assets are turned into directions that
do not feel each other, each with a rate κ of its own: H̃^(-½) C H̃^(-½) is diagonal there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from riskplatform.errors import UserInputError
from riskplatform.market.content import FloatArray, content_hash, frozen_array

_ROUNDING = 1e-8


@dataclass(frozen=True, eq=False)
class Liquidation:
    """What is to be traded away, in the money of the prices; a quantity to be bought is negative.

    ``covariance`` is of price changes per day, in money². Per unit of quantity: ``permanent`` moves
    the price for each unit traded, ``temporary`` for each unit a day, ``fixed`` is half the spread
    with fees.
    """

    quantities: FloatArray
    covariance: FloatArray
    permanent: FloatArray
    temporary: FloatArray
    fixed: FloatArray
    days: float
    steps: int
    asset_ids: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        quantities = frozen_array(np.atleast_1d(self.quantities), what="Quantities")
        count = len(quantities)
        object.__setattr__(self, "quantities", quantities)
        shapes = {"covariance": (count, count)} | dict.fromkeys(
            ("permanent", "temporary", "fixed"), (count,)
        )
        for name, shape in shapes.items():
            values = frozen_array(getattr(self, name), what=name.capitalize(), shape=shape)
            object.__setattr__(self, name, values)
        names = self.asset_ids or tuple(f"asset {i}" for i in range(1, count + 1))
        object.__setattr__(self, "asset_ids", names)
        if not (self.days > 0.0 and self.steps >= 1 and len(names) == count):
            raise UserInputError(
                f"{self.days:g} days in {self.steps} steps for {len(names)} names.",
                hint="Give more than 0 days, at least 1 step and one name for each quantity.",
            )
        if (self.permanent < 0.0).any() or (self.fixed < 0.0).any():
            raise UserInputError("Impact and spreads are numbers from 0 on.")
        if not (self.net_temporary > 0.0).all():
            raise UserInputError(
                "Permanent impact is so large that one step would cost less than nothing.",
                hint="Temporary impact must be above half of permanent × the length of a step; "
                "take more steps.",
            )
        self._check_covariance()

    def _check_covariance(self) -> None:
        size = float(np.abs(self.covariance).max())
        least = float(np.linalg.eigvalsh(self.covariance)[0])
        is_even = np.abs(self.covariance - self.covariance.T).max() <= _ROUNDING * size
        if not is_even or least < -_ROUNDING * size:
            raise UserInputError(
                "The covariance is not symmetric, or has a variance below 0 in some direction.",
                hint="Repair it first: factors.covariance.repair makes the nearest one that is.",
            )

    @property
    def step(self) -> float:
        """τ, in days."""
        return self.days / self.steps

    @property
    def net_temporary(self) -> FloatArray:
        """η̃: temporary impact without what of the permanent one a step has already paid."""
        return np.asarray(self.temporary - 0.5 * self.step * self.permanent)

    @cached_property
    def directions(self) -> tuple[FloatArray, FloatArray]:
        """Risk per temporary impact of each direction, and the directions in units of √η̃."""
        root = np.sqrt(self.net_temporary)
        values, basis = np.linalg.eigh(self.covariance / np.outer(root, root))
        return np.maximum(values, 0.0), basis

    def rates(self, aversion: float) -> FloatArray:
        """κ per day in each direction: κτ is twice the inverse sinh of half of κ̃τ."""
        tilde = np.sqrt(aversion * self.directions[0])
        return np.asarray(2.0 * np.arcsinh(0.5 * tilde * self.step) / self.step)


def liquidation_of_one(
    quantity: float,
    *,
    volatility: float,
    permanent: float,
    temporary: float,
    fixed: float = 0.0,
    days: float,
    steps: int,
    asset_id: str = "asset",
) -> Liquidation:
    """Of one asset; ``volatility`` is of the price, in money per square root of a day."""
    return Liquidation(
        quantities=np.array([quantity]), covariance=np.array([[volatility**2]]),
        permanent=np.array([permanent]), temporary=np.array([temporary]), fixed=np.array([fixed]),
        days=days, steps=steps, asset_ids=(asset_id,),
    )  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Trajectory:
    """``holdings`` [time, asset] from the first to nothing, ``trades`` [step, asset] sold between.

    ``cost`` is expected, ``variance`` is of the cost; ``rates`` are κ per day, the fastest last.
    """

    problem: Liquidation
    aversion: float
    holdings: FloatArray
    rates: FloatArray
    cost: float
    variance: float

    @property
    def trades(self) -> FloatArray:
        return np.asarray(-np.diff(self.holdings, axis=0))

    @property
    def times(self) -> FloatArray:
        """Days from the start, one per row of holdings."""
        return np.linspace(0.0, self.problem.days, self.problem.steps + 1)

    @property
    def deviation(self) -> float:
        """Standard deviation of the cost."""
        return float(np.sqrt(self.variance))

    @property
    def half_life(self) -> float:
        """Days in which the slowest direction shrinks by the factor e, as in the paper; without
        end where nothing is feared."""
        slowest = float(self.rates.min())
        return 1.0 / slowest if slowest > 0.0 else np.inf

    @property
    def run_id(self) -> str:
        problem = self.problem
        parts = (problem.quantities, problem.covariance, problem.permanent, problem.temporary,
                 problem.fixed, problem.days, problem.steps)  # fmt: skip
        return content_hash("almgren-chriss", list(problem.asset_ids), *parts, self.aversion)[:16]

    def at_most(self, confidence: float) -> float:
        """What the cost does not pass with this probability, were it normal."""
        from scipy.special import ndtri

        if not 0.0 < confidence < 1.0:
            raise UserInputError(f"The confidence is {confidence:g}.", hint="Give 0.95, say.")
        return self.cost + float(ndtri(confidence)) * self.deviation

    def to_frame(self) -> pd.DataFrame:
        """Holdings by time, one column per asset."""
        index = pd.Index(self.times, name="days")
        return pd.DataFrame(self.holdings, index=index, columns=list(self.problem.asset_ids))

    def to_dict(self) -> dict[str, Any]:
        names = self.problem.asset_ids
        return {
            "run_id": self.run_id,
            "model_id": "almgren-chriss",
            "aversion": self.aversion,
            "cost": self.cost,
            "deviation": self.deviation,
            "half_life_days": self.half_life if np.isfinite(self.half_life) else None,
            "days": self.times.tolist(),
            "holdings": dict(zip(names, self.holdings.T.tolist(), strict=True)),
        }

    def _repr_html_(self) -> str:
        head = f"<p>Expected cost {self.cost:,.2f}, give or take {self.deviation:,.2f}</p>"
        return f"{head}{self.to_frame().to_html(float_format='{:,.0f}'.format)}"


def best_trajectory(problem: Liquidation, aversion: float) -> Trajectory:
    """The least E + λ V, λ being the aversion (per unit of money)."""
    if not (np.isfinite(aversion) and aversion >= 0.0):
        raise UserInputError(f"The aversion is {aversion:g}.", hint="Give a number from 0 on.")
    rates = problem.rates(aversion)
    root = np.sqrt(problem.net_temporary)
    basis = problem.directions[1]
    start = basis.T @ (root * problem.quantities)
    left = problem.days - np.linspace(0.0, problem.days, problem.steps + 1)
    shares = np.array([_share_left(rate, left, problem.days) for rate in rates]).T
    holdings = (shares * start) @ basis.T / root
    # The ends are known, and rounding must not leave dust there.
    holdings[0], holdings[-1] = problem.quantities, 0.0
    return measured(problem, holdings, aversion)


def measured(problem: Liquidation, holdings: ArrayLike, aversion: float = 0.0) -> Trajectory:
    """Cost and variance of any trajectory from the quantities to nothing."""
    path = frozen_array(holdings, what="Holdings", shape=(problem.steps + 1, len(problem.fixed)))
    is_whole = np.allclose(path[0], problem.quantities, rtol=1e-12) and not path[-1].any()
    if not is_whole:
        raise UserInputError("Holdings must go from the quantities to nothing.")
    trades, tau = np.diff(path, axis=0), problem.step
    kept = 0.5 * float(problem.permanent @ problem.quantities**2)
    paid = float((np.abs(trades) @ problem.fixed).sum())
    pressed = float((trades**2 @ problem.net_temporary).sum()) / tau
    risk = tau * float(np.einsum("ti,ij,tj->", path[1:], problem.covariance, path[1:]))
    return Trajectory(
        problem=problem, aversion=aversion, holdings=path, rates=problem.rates(aversion),
        cost=kept + paid + pressed, variance=max(risk, 0.0),
    )  # fmt: skip


def liquidation_frontier(problem: Liquidation, aversions: Sequence[float]) -> pd.DataFrame:
    """Expected cost against its deviation, a row for each aversion."""
    found = [best_trajectory(problem, each) for each in aversions]
    return pd.DataFrame({
        "aversion": [each.aversion for each in found],
        "cost": [each.cost for each in found],
        "deviation": [each.deviation for each in found],
        "half_life_days": [each.half_life for each in found],
    })  # fmt: skip


def _share_left(rate: float, left: FloatArray, days: float) -> FloatArray:
    """sinh(κ·left) / sinh(κ·days), without passing through numbers that have no end."""
    if rate * days < 1e-9:
        return left / days
    decay = np.exp(-rate * (days - left))
    return np.asarray(decay * np.expm1(-2.0 * rate * left) / np.expm1(-2.0 * rate * days))
