"""Simulated returns whose betas are known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest

FACTORS = ("STY.MARKET", "STY.SIZE", "CTY.DE", "SEC.HEALTH", "FX.EUR")


@dataclass(frozen=True)
class Truth:
    """Returns [day, name], factor returns [day, factor] and the betas [factor, name]."""

    returns: pd.DataFrame
    factor_returns: pd.DataFrame
    betas: pd.DataFrame

    @property
    def factors_of(self) -> dict[str, tuple[str, ...]]:
        return dict.fromkeys(self.returns.columns, FACTORS)


def simulate(names: int = 60, days: int = 504, seed: int = 7, heavy: bool = False) -> Truth:
    rng = np.random.default_rng(seed)
    index = pd.bdate_range("2024-01-02", periods=days)
    deviation = np.array([0.010, 0.004, 0.006, 0.005, 0.005])
    mixing = np.eye(5) + 0.3 * rng.standard_normal((5, 5))
    factor = rng.standard_normal((days, 5)) @ mixing * deviation
    betas = rng.normal(1.0, 0.4, (5, names))
    noise = rng.standard_t(4, (days, names)) if heavy else rng.standard_normal((days, names))
    columns = [f"N{number:03d}" for number in range(names)]
    returns = 0.0002 + factor @ betas + 0.015 * noise
    return Truth(
        pd.DataFrame(returns, index=index, columns=columns),
        pd.DataFrame(factor, index=index, columns=list(FACTORS)),
        pd.DataFrame(betas, index=list(FACTORS), columns=columns),
    )


@pytest.fixture(scope="session")
def truth() -> Truth:
    return simulate()
