"""One history for all tests of the synthetic market: it is frozen, so sharing is safe."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from riskplatform.market.synthetic.history import SyntheticHistory
from riskplatform.market.synthetic.simulate import simulate
from riskplatform.market.synthetic.streams import FloatArray


@pytest.fixture(scope="session")
def history() -> SyntheticHistory:
    return simulate(date(2025, 6, 30))


@pytest.fixture(scope="session")
def share_returns(history: SyntheticHistory) -> FloatArray:
    """Daily log total returns [day, name] of the shares that are neither funds nor trusts."""
    is_share = np.array([name.kind == "equity" for name in history.universe.names])
    return np.diff(np.log(history.equities.total_return[:, is_share]), axis=0)


@pytest.fixture(scope="session")
def index_returns(history: SyntheticHistory) -> FloatArray:
    """Daily log returns of the US large-cap index."""
    return np.diff(np.log(history.indices.of("IDX.US500")))
