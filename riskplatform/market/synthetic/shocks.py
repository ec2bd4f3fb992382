"""Daily shocks of drivers and single names: fat tails, clusters of volatility, crises.

A latent or own shock is sqrt(relative variance) × unit Student-t × crisis multiple. The relative
variance follows a GJR-GARCH recursion, so rough days follow rough days and a fall roughens the
market more than a rise.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from riskplatform.market.synthetic.crises import deviation_multiples
from riskplatform.market.synthetic.drivers import INFLATION_IN_CALM, LATENTS, Driver
from riskplatform.market.synthetic.grid import DateArray
from riskplatform.market.synthetic.recursions import gjr_variance
from riskplatform.market.synthetic.streams import FloatArray, blockwise_product, stream, unit_t


@dataclass(frozen=True)
class Clustering:
    """Parameters of one GJR-GARCH family and the tail of its shocks."""

    alpha: float
    gamma: float
    beta: float
    degrees_of_freedom: float


LATENT_CLUSTERING = Clustering(0.06, 0.0, 0.91, 6.0)
RISK_CLUSTERING = Clustering(0.02, 0.13, 0.895, 6.0)
OWN_CLUSTERING = Clustering(0.06, 0.0, 0.90, 5.0)
NAME_CLUSTERING = Clustering(0.05, 0.04, 0.89, 4.5)


@dataclass(frozen=True)
class ClusteredShocks:
    """``shocks`` [day, series] and the calm-relative variance of the day after."""

    shocks: FloatArray
    next_variance: FloatArray


@dataclass(frozen=True)
class DriverShocks:
    """Shocks of the drivers, and of the latents beneath them."""

    values: FloatArray
    latents: ClusteredShocks


def clustered_shocks(
    seed: int, name: str, width: int, multiples: FloatArray, clustering: Clustering
) -> ClusteredShocks:
    """Shocks of ``width`` like series; ``multiples`` [day, width or 1] scale the deviations."""
    days = multiples.shape[0]
    rng = stream(seed, name)
    raw = unit_t(rng, clustering.degrees_of_freedom, (days, width))
    alpha, gamma, beta = (
        np.full(width, value) for value in (clustering.alpha, clustering.gamma, clustering.beta)
    )
    variance = gjr_variance(raw, alpha, gamma, beta)
    return ClusteredShocks(
        shocks=np.sqrt(variance[:-1]) * raw * multiples,
        next_variance=variance[1:] * multiples * multiples,
    )


def latent_shocks(seed: int, dates: DateArray) -> ClusteredShocks:
    """The common shocks in the order of ``LATENTS``."""
    parts = []
    for latent in LATENTS:
        multiples = deviation_multiples(dates, latent)[:, np.newaxis]
        if latent == "INFLATION":
            multiples = multiples * INFLATION_IN_CALM
        clustering = RISK_CLUSTERING if latent == "RISK" else LATENT_CLUSTERING
        parts.append(clustered_shocks(seed, f"latent.{latent}", 1, multiples, clustering))
    return ClusteredShocks(
        shocks=np.hstack([part.shocks for part in parts]),
        next_variance=np.hstack([part.next_variance for part in parts]),
    )


def load_matrix(drivers: tuple[Driver, ...]) -> FloatArray:
    """Loads [latent, driver]."""
    matrix = np.zeros((len(LATENTS), len(drivers)), dtype=np.float64)
    for column, driver in enumerate(drivers):
        for latent, load in driver.loads.items():
            matrix[LATENTS.index(latent), column] = load
    return matrix


def own_weights(loads: FloatArray) -> FloatArray:
    """The weight of each driver's own shock that makes its calm variance one."""
    awake = np.array([latent != "INFLATION" for latent in LATENTS])
    explained = (loads[awake] ** 2).sum(axis=0)
    return np.asarray(np.sqrt(np.maximum(1.0 - explained, 0.0)), dtype=np.float64)


def driver_shocks(seed: int, dates: DateArray, drivers: tuple[Driver, ...]) -> DriverShocks:
    """Shocks [day, driver], before scale and pull."""
    latents = latent_shocks(seed, dates)
    groups = sorted({driver.group for driver in drivers})
    by_group = {group: deviation_multiples(dates, group) for group in groups}
    multiples = np.stack([by_group[driver.group] for driver in drivers], axis=1)
    own = clustered_shocks(seed, "driver", len(drivers), multiples, OWN_CLUSTERING)
    loads = load_matrix(drivers)
    values = blockwise_product(latents.shocks, loads) + own_weights(loads) * own.shocks
    return DriverShocks(values=values, latents=latents)
