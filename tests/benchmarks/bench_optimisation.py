"""Allocation beside riskfolio-lib, skfolio and PyPortfolioOpt, T = 1,000 days, one BLAS thread on
all sides."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

from tests.benchmarks.harness import Case, Peer

DAYS = 1_000
LARGE = 5_000
SKFOLIO = "skfolio.optimization"


def market(assets: int, peer: str = "") -> Callable[[], Any]:
    """Returns of assets that share four factors, as inputs and as a frame; the peer is imported
    here, so that its import is not timed."""

    def setup() -> Any:
        import numpy as np
        import pandas as pd
        import scipy.linalg
        import threadpoolctl  # type: ignore[import-untyped]

        if peer:
            importlib.import_module(peer)
        # Only libraries that are loaded can be told: SciPy brings its own.
        assert scipy.linalg
        threadpoolctl.threadpool_limits(1)
        rng = np.random.default_rng(0)
        common = rng.standard_normal((DAYS, 4)) @ rng.standard_normal((4, assets)) * 0.006
        own = rng.standard_normal((DAYS, assets)) * 0.01 * rng.uniform(0.5, 2.0, assets)
        table = common + own + rng.uniform(0.0, 0.001, assets)
        names = [f"A{i:04d}" for i in range(assets)]
        index = pd.bdate_range("2020-01-01", periods=DAYS)
        frame = pd.DataFrame(table, index=index, columns=names)
        return table, frame

    return setup


def low_rank() -> Any:
    import numpy as np

    from riskplatform.factors.covariance.matrices import LowRank
    from riskplatform.optimisation.inputs import Inputs

    rng = np.random.default_rng(1)
    loadings = rng.standard_normal((LARGE, 30)) * 0.005
    covariance = LowRank(loadings, rng.uniform(1e-5, 4e-4, LARGE))
    return Inputs(tuple(f"A{i}" for i in range(LARGE)), covariance)


def fitted(method: Any, data: Any) -> object:
    """From returns, as the peers: the covariance is part of the time.

    One of as many days as assets is singular. A little variance is added to each asset; skfolio
    clips eigenvalues instead, riskfolio-lib leaves it.
    """
    import numpy as np

    from riskplatform.factors.covariance.matrices import Dense
    from riskplatform.optimisation.inputs import Inputs

    table, frame = data
    sigma = np.cov(table.T) + 1e-8 * np.eye(table.shape[1])
    inputs = Inputs(tuple(frame), Dense(sigma), returns=table, expected=table.mean(axis=0))
    return checked(method.fit(inputs))


def checked(found: Any) -> object:
    if found.is_failed:
        raise AssertionError(found.failure.message)
    return found


def our_hrp(data: Any) -> object:
    """From the returns and the sample covariance, as the peers; named, checked and hashed."""
    from riskplatform.factors.covariance.sample import Sample
    from riskplatform.optimisation.hrp import Hrp
    from riskplatform.optimisation.inputs import inputs_from_returns

    table, frame = data
    return checked(Hrp().fit(inputs_from_returns(table, tuple(frame), estimator=Sample())))


def our_shrunk_hrp(data: Any) -> object:
    """As it comes: from the covariance of Ledoit and Wolf, which the peers do not do."""
    from riskplatform.optimisation.hrp import Hrp
    from riskplatform.optimisation.inputs import inputs_from_returns

    table, frame = data
    return checked(Hrp().fit(inputs_from_returns(table, tuple(frame))))


def our_least(data: Any) -> object:
    from riskplatform.optimisation.long_only import MinimumVariance

    return fitted(MinimumVariance(), data)


def our_large(inputs: Any) -> object:
    from riskplatform.optimisation.long_only import MinimumVariance

    return checked(MinimumVariance().fit(inputs))


def our_ratio(data: Any) -> object:
    from riskplatform.optimisation.long_only import MaximumSharpe

    return fitted(MaximumSharpe(), data)


def our_shortfall(data: Any) -> object:
    from riskplatform.optimisation.shortfall import MeanShortfall

    return fitted(MeanShortfall(0.95), data)


def our_budgets(data: Any) -> object:
    from riskplatform.optimisation.risk_budgets import RiskBudgets

    return fitted(RiskBudgets(), data)


def our_constrained(data: Any) -> object:
    """A proposal's programme: 200 constraints and a turnover."""
    from riskplatform.optimisation.constraints import Box, Group, Turnover
    from riskplatform.optimisation.long_only import MinimumVariance

    names = list(data[1])
    groups = [Group(f"group {i}", tuple(names[i::197]), low=0.0, high=0.02) for i in range(197)]
    return fitted(MinimumVariance((Box(0.0, 0.02), Turnover(1.5), *groups)), data)


def skfolio_hrp(data: Any) -> object:
    from skfolio.optimization import HierarchicalRiskParity

    return HierarchicalRiskParity().fit(data[1])


def riskfolio_hrp(data: Any) -> object:
    import riskfolio

    found = riskfolio.HCPortfolio(returns=data[1]).optimization(
        model="HRP", codependence="pearson", rm="MV", linkage="single", leaf_order=False
    )
    if found is None:
        raise AssertionError("riskfolio found no answer")
    return found


def pypfopt_hrp(data: Any) -> object:
    """From the returns, as its manual shows it."""
    from pypfopt import HRPOpt

    return HRPOpt(returns=data[1]).optimize()


def pypfopt_hrp_of_moments(data: Any) -> object:
    """From the covariance of the returns: its faster way, because pandas correlates slowly."""
    from pypfopt import HRPOpt

    return HRPOpt(cov_matrix=data[1].cov()).optimize()


def hrp_peers(quick: int | None = None, slow: int | None = None) -> tuple[Peer, ...]:
    """All that is known, so many times each; what is slow is not even warmed up then."""
    warmups = None if slow is None else 0
    return (
        Peer("PyPortfolioOpt", pypfopt_hrp, "pypfopt", quick),
        Peer("PyPortfolioOpt of Σ", pypfopt_hrp_of_moments, "pypfopt", quick),
        Peer("skfolio", skfolio_hrp, SKFOLIO, slow, warmups),
        Peer("riskfolio-lib", riskfolio_hrp, "riskfolio", slow, warmups),
    )


def skfolio_least(data: Any) -> object:
    from skfolio.optimization import MeanRisk

    return MeanRisk().fit(data[1])


def skfolio_ratio(data: Any) -> object:
    from skfolio.optimization import MeanRisk, ObjectiveFunction

    return MeanRisk(objective_function=ObjectiveFunction.MAXIMIZE_RATIO).fit(data[1])


def riskfolio_book(data: Any) -> Any:
    import riskfolio

    book = riskfolio.Portfolio(returns=data[1])
    book.assets_stats(method_mu="hist", method_cov="hist")
    book.solvers = ["CLARABEL"]
    return book


def riskfolio_shortfall(data: Any) -> object:
    found = riskfolio_book(data).optimization(model="Classic", rm="CVaR", obj="MinRisk")
    if found is None:
        raise AssertionError("riskfolio found no answer")
    return found


def riskfolio_budgets(data: Any) -> object:
    found = riskfolio_book(data).rp_optimization(model="Classic", rm="MV")
    if found is None:
        raise AssertionError("riskfolio found no answer")
    return found


CASES = [
    Case(
        "optimisation: HRP of 200 assets",
        our_hrp,
        target="≥ 10x",
        setup=market(200),
        others=hrp_peers(),
        repeats=3,
    ),
    Case(
        "optimisation: HRP of 1,000 assets",
        our_hrp,
        target="≥ 50x",
        setup=market(1_000),
        others=hrp_peers(quick=3, slow=1),
        repeats=9,
    ),
    Case(
        "optimisation: HRP of 1,000 assets, from the shrunk covariance",
        our_shrunk_hrp,
        target="≥ 50x",
        setup=market(1_000),
        others=hrp_peers(quick=3, slow=1)[:2],
        repeats=9,
    ),
    Case(
        "optimisation: least variance of 1,000 assets",
        our_least,
        target="≥ 10x",
        setup=market(1_000, SKFOLIO),
        peer=skfolio_least,
        peer_name="skfolio",
        repeats=3,
    ),
    Case(
        "optimisation: largest Sharpe ratio of 1,000 assets",
        our_ratio,
        target="≥ 10x",
        setup=market(1_000, SKFOLIO),
        peer=skfolio_ratio,
        peer_name="skfolio",
        repeats=3,
    ),
    Case(
        "optimisation: least ES of 200 assets, 1,000 scenarios",
        our_shortfall,
        target="≥ 3x",
        setup=market(200, "riskfolio"),
        peer=riskfolio_shortfall,
        peer_name="riskfolio-lib",
        repeats=3,
    ),
    Case(
        "optimisation: least ES of 1,000 assets, 1,000 scenarios",
        our_shortfall,
        target="≥ 3x",
        setup=market(1_000, "riskfolio"),
        peer=riskfolio_shortfall,
        peer_name="riskfolio-lib",
        repeats=3,
    ),
    Case(
        "optimisation: risk parity of 1,000 assets",
        our_budgets,
        target="≥ 20x",
        setup=market(1_000, "riskfolio"),
        peer=riskfolio_budgets,
        peer_name="riskfolio-lib",
        repeats=1,
    ),
    Case(
        "optimisation: least variance of 1,000 assets under 199 constraints and a turnover",
        our_constrained,
        target="≤ 5 s",
        setup=market(1_000),
        repeats=3,
    ),
    Case(
        f"optimisation: least variance of {LARGE:,} assets with 30 factors",
        our_large,
        target="≤ 2 s; ≤ 1 GB",
        setup=low_rank,
        repeats=3,
    ),
]  # fmt: skip
