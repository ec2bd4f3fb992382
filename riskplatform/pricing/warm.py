"""Compiles every kernel once, so that nobody waits later; with a filled cache it only loads."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from riskplatform.pricing.options.american import american_price
from riskplatform.pricing.options.asian import geometric_asian
from riskplatform.pricing.options.bachelier import bachelier_price
from riskplatform.pricing.options.barrier import barrier_price
from riskplatform.pricing.options.black import black_greeks, black_price
from riskplatform.pricing.options.digital import cash_or_nothing, one_touch
from riskplatform.pricing.options.heston import heston_price
from riskplatform.pricing.options.implied import implied_vol
from riskplatform.pricing.options.lookback import floating_lookback
from riskplatform.pricing.options.vanilla import vanilla_greeks, vanilla_price
from riskplatform.pricing.options.variance_swap import fair_variance
from riskplatform.pricing.units import kernels
from riskplatform.pricing.units.default_table import DefaultTable


def warm_up() -> None:
    """Price one of each, and one unit."""
    _options()
    _units()


def _options() -> None:
    plain = (100.0, 100.0, 1.0, 0.2, 0.03, 0.01)
    vanilla_price(*plain, True)
    vanilla_greeks(*plain, True)
    american_price(*plain, False)
    black_price(100.0, 100.0, 1.0, 0.2, 0.97, True)
    black_greeks(100.0, 100.0, 1.0, 0.2, 0.97, True)
    bachelier_price(0.01, 0.01, 1.0, 0.01, 0.97, True)
    implied_vol(8.0, 100.0, 100.0, 1.0, 0.97, True)
    barrier_price(100.0, 100.0, 90.0, 1.0, 0.2, 0.03, 0.01, is_call=True, is_up=False, is_out=True)
    cash_or_nothing(*plain, True)
    one_touch(100.0, 90.0, 1.0, 0.2, 0.03, 0.01, is_up=False)
    geometric_asian(*plain, True)
    floating_lookback(*plain, True)
    heston_price(
        100.0, 100.0, 1.0, 0.03, 0.01,
        v0=0.04, kappa=1.0, theta=0.04, sigma=0.5, rho=-0.5, is_call=True,
    )  # fmt: skip
    fair_variance(100.0, 1.0, 0.03, 0.01, [90.0, 100.0, 110.0], [0.2, 0.2, 0.2], 100.0)


def _units() -> None:
    one = sparse.csr_matrix(np.ones((1, 1)))
    states, number = np.ones((1, 1)), np.ones(1)
    kernels.linear_values(states, one, one)
    logs = sparse.csr_matrix(-np.ones((4, 1)))
    first = np.array([0, 2], dtype=np.int64)
    table = DefaultTable(np.zeros(1, dtype=np.int64), first, np.ones(2), np.ones(2), logs)
    kernels.default_values(states, table)
    normal = np.ones(1, dtype=np.bool_)
    kernels.option_values(states, states, states, number, number, number, number, normal)
