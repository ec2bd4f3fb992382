"""Factor betas beside statsmodels, covariance beside scikit-learn, the GARCH filter beside arch."""

from __future__ import annotations

from typing import Any

from tests.benchmarks.harness import Case

NAMES, DAYS, FACTORS = 450, 500, 10
WIDE, LONG = 154, 2_800


def shares() -> tuple[Any, Any, Any]:
    """Returns of 450 names with ten factors each out of forty."""
    import numpy as np
    import pandas as pd

    rng = np.random.default_rng(1)
    index = pd.bdate_range("2024-01-02", periods=DAYS)
    factors = pd.DataFrame(rng.normal(0, 0.01, (DAYS, 40)), index, [f"F{n}" for n in range(40)])
    chosen = {
        f"N{n}": tuple(factors.columns[np.sort(rng.choice(40, FACTORS, replace=False))])
        for n in range(NAMES)
    }
    returns = {
        name: factors[list(own)].sum(axis=1) + 0.015 * rng.standard_t(4, DAYS)
        for name, own in chosen.items()
    }
    return pd.DataFrame(returns), factors, chosen


def our_betas(data: tuple[Any, Any, Any]) -> object:
    from riskplatform.factors.betas import estimate_betas

    return estimate_betas(*data, base_currency="USD", inputs={})


def their_betas(data: tuple[Any, Any, Any]) -> object:
    import statsmodels.api as sm

    returns, factors, chosen = data
    found = []
    for name, own in chosen.items():
        x = sm.add_constant(factors[list(own)].to_numpy())
        found.append(sm.RLM(returns[name].to_numpy(), x).fit().bse)
    return found


def factor_panel() -> Any:
    import numpy as np

    rng = np.random.default_rng(2)
    mixing = np.eye(WIDE) + 0.1 * rng.standard_normal((WIDE, WIDE))
    return rng.standard_t(5, (LONG, WIDE)) @ mixing * 0.01


def our_shrinkage(panel: Any) -> object:
    from riskplatform.factors.covariance.shrinkage import LedoitWolf

    return LedoitWolf("identity").fit(panel, [str(n) for n in range(WIDE)])


def their_shrinkage(panel: Any) -> object:
    from sklearn.covariance import LedoitWolf

    return LedoitWolf().fit(panel)


def our_filter(panel: Any) -> object:
    import numpy as np

    from riskplatform.factors.garch.model import GarchParameters

    full = np.ones(WIDE)
    model = GarchParameters(0.0 * full, 2e-6 * full, 0.05 * full, 0.05 * full, 0.9 * full)
    return model.filter(panel).next_variance


def their_filter(panel: Any) -> object:
    import numpy as np
    from arch.univariate import GARCH

    process = GARCH(1, 1, 1)
    parameters = np.array([2e-6, 0.05, 0.05, 0.9])
    last = []
    for column in np.ascontiguousarray(panel.T):
        variances = np.empty_like(column)
        bounds = process.variance_bounds(column)
        backcast = process.backcast(column)
        last.append(process.compute_variance(parameters, column, variances, backcast, bounds)[-1])
    return last


def fit_dcc(panel: Any) -> object:
    from riskplatform.factors.covariance.dynamic import GarchCovariance

    return GarchCovariance().fit(panel, [str(n) for n in range(WIDE)])


CASES = [
    Case(
        f"factors: betas of {NAMES} names, {DAYS} days, {FACTORS} factors each",
        our_betas,
        target="≤ 1 s; ≥ 2x",
        setup=shares,
        peer=their_betas,
        peer_name="statsmodels RLM",
        repeats=3,
    ),
    Case(
        f"factors: Ledoit-Wolf of {WIDE} factors, {LONG:,} days, checked for a repair",
        our_shrinkage,
        target="≤ 1 s",
        setup=factor_panel,
        peer=their_shrinkage,
        peer_name="scikit-learn",
    ),
    Case(
        f"factors: GJR filter of {WIDE} factors, {LONG:,} days",
        our_filter,
        target="≤ 0.05 s",
        setup=factor_panel,
        peer=their_filter,
        peer_name="arch's recursion",
    ),
    Case(
        f"factors: GJR-t and DCC of {WIDE} factors, {LONG:,} days, fitted",
        fit_dcc,
        target="≤ 15 s",
        setup=factor_panel,
        repeats=1,
        warmups=0,
    ),
]
