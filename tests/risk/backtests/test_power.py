"""How often each test rejects a model that is wrong in a stated way, at 5%, as verdicts have it.

Measured with 1,000 samples each, a standard error of at most 1.6%, in per cent:

99% exceptions              days   POF TUFF light  ind   cc  dur   DQ
2% of days instead of 1%     250    24    7    37    2   27    5   14
                           1,000    71    8    84    3   73    5   54
3% of days instead of 1%     250    62   11    77    1   65    5   37
                           1,000    99   11   100    2   99    5   97
1%, and 25% after one        250     5    3     8   34   31    9   35
                           1,000    13    6    11   73   77   44   72
historical VaR in a GJR world, 500 days back (400 samples)
                             250    13    4    18    5   18    7   23
                           1,000    10   10    18   20   27   54   51

PITs                                        days  Berkowitz   KS   AD  CvM
t(5) judged by a normal of its variance      250         14   26   31   22
                                           1,000         17   89   98   92
volatility 15% larger than forecast          250         77   21   47   22
                                           1,000        100   79   99   87
memory of 0.2 from day to day                250         77   11   12   12
                                           1,000        100   10   12   10

ES 97.5% of a normal forecast               days    Z1   Z2   Z3
t(5) of the same variance                    250    53   12   48
                                           1,000    94   27   84
t(3) of the same variance                    250    71   14   54
                                           1,000    99   23   86
volatility 20% larger than forecast          250    15   76   68
                                           1,000    54  100  100

Diebold-Mariano on the quantile score, true 99% VaR against 0.7, 1.3 and 1.6 times it: 46, 45, 76
on 250 days; 99, 85, 100 on 1,000.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import ndtr

from riskplatform.risk.backtests import (
    Normal,
    anderson_darling,
    berkowitz,
    conditional_coverage,
    cramer_von_mises,
    diebold_mariano,
    durations,
    dynamic_quantile,
    independence,
    kolmogorov_smirnov,
    pof,
    quantile_scores,
    traffic_light,
    z1,
    z2,
    z3,
)
from riskplatform.risk.backtests.models import Historical
from tests.risk.backtests.sizes import rejections
from tests.risk.backtests.worlds import clustered_days, garch_pnl, independent_days

pytestmark = pytest.mark.long

DAYS, RUNS = 1_000, 500
# Three standard errors of 500 samples, and of the 1,000 behind the table.
ERROR = 0.07


def too_many(rng: np.random.Generator) -> np.ndarray:
    return independent_days(rng, DAYS, 0.02)


def in_bunches(rng: np.random.Generator) -> np.ndarray:
    return clustered_days(rng, DAYS, 0.01, 0.25)


def of_history(rng: np.random.Generator) -> np.ndarray:
    pnl = garch_pnl(int(rng.integers(1 << 31)), DAYS + 500)
    return -pnl[500:] > Historical().rolling(pnl, 500, 0.99).value_at_risk


ON_DAYS = {
    "pof": lambda hits: pof(hits, 0.99),
    "light": traffic_light,
    "independence": independence,
    "cc": lambda hits: conditional_coverage(hits, 0.99),
    "duration": durations,
    "dq": lambda hits: dynamic_quantile(hits, 0.99),
}


@pytest.mark.parametrize(
    ("world", "name", "power"),
    [
        (too_many, "pof", 0.705),
        (too_many, "light", 0.837),
        (too_many, "cc", 0.73),
        (too_many, "dq", 0.538),
        (in_bunches, "independence", 0.731),
        (in_bunches, "cc", 0.765),
        (in_bunches, "duration", 0.435),
        (in_bunches, "dq", 0.718),
        (of_history, "duration", 0.54),
        (of_history, "dq", 0.5125),
    ],
)
def test_power_on_exceptions(world, name: str, power: float) -> None:
    found = rejections(ON_DAYS[name], world, RUNS, seed=11, by_lot=False)
    assert found == pytest.approx(power, abs=ERROR)


def heavy_pits(rng: np.random.Generator) -> np.ndarray:
    return ndtr(rng.standard_t(5, DAYS) * np.sqrt(0.6))


def wide_pits(rng: np.random.Generator) -> np.ndarray:
    return ndtr(1.15 * rng.standard_normal(DAYS))


@pytest.mark.parametrize(
    ("test", "world", "power"),
    [
        (berkowitz, wide_pits, 0.999),
        (kolmogorov_smirnov, heavy_pits, 0.889),
        (anderson_darling, heavy_pits, 0.977),
        (cramer_von_mises, heavy_pits, 0.918),
    ],
)
def test_power_on_pits(test, world, power: float) -> None:
    assert rejections(test, world, RUNS, seed=12, by_lot=False) == pytest.approx(power, abs=ERROR)


def heavy(rng: np.random.Generator) -> np.ndarray:
    return rng.standard_t(5, DAYS) * np.sqrt(0.6)


def wide(rng: np.random.Generator) -> np.ndarray:
    return 1.2 * rng.standard_normal(DAYS)


LIMIT, MEAN = -float(Normal().quantile(0.025)), -float(Normal().tail_mean(0.025))


@pytest.mark.parametrize(
    ("test", "world", "power"),
    [(z1, heavy, 0.937), (z2, heavy, 0.268), (z1, wide, 0.539), (z2, wide, 0.999)],
)
def test_power_on_shortfalls(test, world, power: float) -> None:
    def judged(pnl: np.ndarray):
        return test(pnl, LIMIT, MEAN, 0.975, tail=Normal())

    assert rejections(judged, world, RUNS, seed=13, by_lot=False) == pytest.approx(power, abs=ERROR)


@pytest.mark.parametrize(("world", "power"), [(heavy, 0.84), (wide, 0.995)])
def test_power_of_z3(world, power: float) -> None:
    def judged(pnl: np.ndarray):
        return z3(np.clip(ndtr(pnl), 1e-15, 1 - 1e-15), 0.975, Normal())

    assert rejections(judged, world, RUNS, seed=14, by_lot=False) == pytest.approx(power, abs=ERROR)


@pytest.mark.parametrize(("factor", "power"), [(0.7, 0.993), (1.3, 0.847)])
def test_power_of_diebold_mariano(factor: float, power: float) -> None:
    true = 2.3263

    def judged(pnl: np.ndarray):
        scores = (quantile_scores(pnl, limit, 0.99) for limit in (true, factor * true))
        return diebold_mariano(*scores)

    def world(rng: np.random.Generator) -> np.ndarray:
        return rng.standard_normal(DAYS)

    assert rejections(judged, world, RUNS, seed=15, by_lot=False) == pytest.approx(power, abs=ERROR)
