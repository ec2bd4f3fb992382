"""Returns of assets that share a few factors, so that clusters mean something."""

from __future__ import annotations

import numpy as np

from riskplatform.market.content import FloatArray


def returns(assets: int, days: int = 400, seed: int = 0) -> FloatArray:
    rng = np.random.default_rng(seed)
    loadings = rng.standard_normal((4, assets))
    common = rng.standard_normal((days, 4)) @ loadings * 0.006
    own = rng.standard_normal((days, assets)) * 0.01 * rng.uniform(0.5, 2.0, assets)
    return np.asarray(common + own)


def names(assets: int) -> list[str]:
    return [f"ASSET{i:03d}" for i in range(assets)]
