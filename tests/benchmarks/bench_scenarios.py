"""Scenario sets: drawn in memory and streamed, beside NumPy's own multivariate normal."""

from __future__ import annotations

from typing import Any

from tests.benchmarks.harness import Case

_FACTORS, _SCENARIOS, _DAYS = 200, 10_000, 1_000
_WIDE, _LONG = 500, 100_000


def _covariance(size: int) -> Any:
    import numpy as np

    loadings = np.random.default_rng(1).normal(size=(size, 10))
    return 1e-4 * (loadings @ loadings.T / 10.0 + np.eye(size))


def _axis(size: int) -> Any:
    from datetime import date

    from riskplatform.simulation import factor_axis

    return factor_axis([f"F.{number}" for number in range(size)], date(2024, 1, 2))


def _plan(size: int, scenarios: int, scheme: str) -> Any:
    from riskplatform.simulation import Gaussian, monte_carlo_plan

    recipe = Gaussian(scenarios=scenarios, scheme=scheme)
    return monte_carlo_plan(_axis(size), _covariance(size), recipe, seed=1)


def _gaussian(covariance: Any) -> object:
    from riskplatform.simulation import Gaussian, monte_carlo_plan

    recipe = Gaussian(scenarios=_SCENARIOS)
    return monte_carlo_plan(_axis(_FACTORS), covariance, recipe, seed=1).materialise(workers=2)


def _numpy_gaussian(covariance: Any) -> object:
    import numpy as np

    rng = np.random.default_rng(1)
    mean = np.zeros(len(covariance))
    return rng.multivariate_normal(mean, covariance, _SCENARIOS, method="cholesky")


def _history() -> Any:
    import numpy as np

    from riskplatform.simulation import GarchParameters, factor_history

    rng = np.random.default_rng(2)
    root = np.linalg.cholesky(_covariance(_FACTORS))
    moves = rng.standard_t(5, (_DAYS, _FACTORS)) @ root.T
    days = np.datetime64("2020-01-01") + np.arange(_DAYS)
    history = factor_history(np.exp(moves.cumsum(axis=0)), days, _axis(_FACTORS).factor_ids)
    return history, GarchParameters.of([(1e-6, 0.05, 0.05, 0.9, 8.0)] * _FACTORS)


def _filtered(data: Any) -> object:
    from riskplatform.simulation import filtered_historical_plan

    return filtered_historical_plan(*data, seed=1).materialise(workers=2)


def _copula(data: Any) -> object:
    from riskplatform.simulation import copula_plan

    return copula_plan(data[0], seed=1).materialise(workers=2)


def _streamed(plan: Any) -> object:
    return sum(float(block.moves[0, 0]) for block in plan.blocks())


def _value_at_risk(scheme: str, scenarios: int) -> float:
    """R27: 99 % ten-day VaR of 100 short calls by full revaluation; exact is 671.715."""
    from datetime import date

    import numpy as np

    from riskplatform.pricing.options.vanilla import vanilla_price
    from riskplatform.simulation import Gaussian, factor_axis, monte_carlo_plan

    axis = factor_axis(["SPOT"], date(2026, 6, 30))
    recipe = Gaussian(scenarios=scenarios, horizon_days=10, scheme=scheme, block_size=4_096)
    made = monte_carlo_plan(axis, [[0.2**2 / 252.0]], recipe, seed=7).materialise()
    spot = made.levels([100.0])[:, 0]
    values = vanilla_price(np.append(spot, 100.0), 100.0, 0.5, 0.2, 0.03, 0.0, True).value
    losses = 100.0 * (values[:-1] - values[-1])
    rank = scenarios // 100
    return float(np.partition(losses, scenarios - rank)[scenarios - rank])


# A hundred times the scenarios make pseudo-random numbers ten times tighter; Sobol is tighter
# still at one hundredth (tests/simulation/test_short_call.py), so equal tightness costs less.
_FEW, _MANY = 8_192, 819_200

CASES = [
    Case(
        "scenarios: R27's 99 % VaR at least ten times tighter, Sobol 8,192",
        ours=lambda _: _value_at_risk("sobol", _FEW),
        peer=lambda _: _value_at_risk("pseudo", _MANY),
        peer_name="pseudo-random, 819,200",
        target="≥ 10x",
    ),
    Case(
        "scenarios: Gaussian, 10,000 × 200",
        ours=_gaussian,
        peer=_numpy_gaussian,
        peer_name="numpy multivariate_normal",
        setup=lambda: _covariance(_FACTORS),
        target="≤ 0.3 s",
    ),
    Case(
        "scenarios: Sobol, 10,000 × 200",
        ours=lambda plan: plan.materialise(workers=2),
        setup=lambda: _plan(_FACTORS, _SCENARIOS, "sobol"),
        target="≤ 0.5 s",
    ),
    Case(
        "scenarios: filtered historical, 10 days, 10,000 × 200",
        ours=_filtered,
        setup=_history,
        target="≤ 2 s",
    ),
    Case(
        "scenarios: t copula with GPD tails, fit and draw, 10,000 × 200",
        ours=_copula,
        setup=_history,
        target="≤ 10 s",
        repeats=3,
    ),
    Case(
        "scenarios: Gaussian streamed, 100,000 × 500",
        ours=_streamed,
        setup=lambda: _plan(_WIDE, _LONG, "pseudo"),
        target="≤ 15 s; ≤ 500 MB",
        repeats=3,
    ),
]
