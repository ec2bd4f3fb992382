"""Rolling backtests of VaR and ES: twenty years of days, all usual models, and their scorecard."""

from __future__ import annotations

from typing import Any

from tests.benchmarks.harness import Case

DAYS, WINDOW = 5_000, 500


def twenty_years() -> tuple[Any, Any]:
    """P&L with volatility that moves, so many days of it that 5,000 are forecast."""
    import numpy as np
    import pandas as pd

    rng = np.random.default_rng(1)
    shocks = rng.standard_t(5, DAYS + WINDOW) * np.sqrt(0.6)
    pnl, variance = np.empty(DAYS + WINDOW), 1e-4
    for day, shock in enumerate(shocks):
        pnl[day] = np.sqrt(variance) * shock
        news = 0.03 + 0.10 * (shock < 0.0)
        variance = 2e-6 + news * pnl[day] ** 2 + 0.90 * variance
    return pnl, [day.date() for day in pd.bdate_range("2000-01-03", periods=len(pnl))]


def run_models(data: tuple[Any, Any]) -> object:
    from riskplatform.risk.backtests import rolling_backtest, usual_models

    return rolling_backtest(*data, usual_models(WINDOW))


def run_and_judge(data: tuple[Any, Any]) -> object:
    from riskplatform.risk.backtests import rolling_backtest, scorecard, usual_models

    return scorecard(rolling_backtest(*data, usual_models(WINDOW)))


def two_years(data: tuple[Any, Any]) -> Any:
    """The last 500 days to be forecast: refitting by arch daily takes its time."""
    return data[0][-2 * WINDOW :]


def our_gjr(pnl: Any) -> object:
    from riskplatform.risk.backtests.models import FilteredGjr

    return FilteredGjr(fit_days=WINDOW).rolling(pnl, WINDOW, 0.99)


def their_gjr(pnl: Any) -> object:
    """The same model with arch: refitted every 21 days, filtered on every day."""
    import numpy as np
    from arch import arch_model

    limits, fitted, values = [], -1, None
    for day in range(WINDOW, len(pnl)):
        when = max(day // 21 * 21, WINDOW)
        if when != fitted:
            sample = 100 * pnl[when - WINDOW : when]
            model = arch_model(sample, vol="GARCH", p=1, o=1, q=1, rescale=False)
            values, fitted = model.fit(disp="off").params, when
        fixed = arch_model(100 * pnl[day - WINDOW : day], vol="GARCH", p=1, o=1, rescale=False)
        result = fixed.fix(values)
        ahead = result.forecast(horizon=1, reindex=False).variance.to_numpy()[-1, 0]
        limits.append(np.sqrt(ahead) * np.sort(result.std_resid)[4])
    return limits


CASES = [
    Case(
        f"backtests: rolling, nine models, {DAYS:,} days forecast, window {WINDOW}",
        run_models,
        target="≤ 20 s",
        setup=twenty_years,
        repeats=3,
    ),
    Case(
        f"backtests: rolling and scorecard, nine models, {DAYS:,} days forecast",
        run_and_judge,
        target="≤ 20 s",
        setup=twenty_years,
        repeats=3,
    ),
    Case(
        f"backtests: filtered GJR, {WINDOW} days forecast, refitted every 21",
        our_gjr,
        target="≥ 5x",
        setup=twenty_years,
        prepare=two_years,
        peer=their_gjr,
        peer_name="arch",
        repeats=3,
    ),
]
