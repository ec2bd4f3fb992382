"""Estimators by name, for settings, model cards and the command line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from riskplatform.errors import UnknownNameError, UserInputError
from riskplatform.factors.covariance.denoised import Denoised
from riskplatform.factors.covariance.dynamic import GarchCovariance
from riskplatform.factors.covariance.regimes import RegimeWeighted
from riskplatform.factors.covariance.result import CovarianceEstimator
from riskplatform.factors.covariance.sample import Ewma, Sample
from riskplatform.factors.covariance.shrinkage import LedoitWolf, Oas
from riskplatform.factors.covariance.structured import FactorStructured
from riskplatform.factors.garch.fit import GarchSpec


def _ewma(decay: float = 0.94, half_life_days: float | None = None) -> Ewma:
    return Ewma(decay) if half_life_days is None else Ewma.of_half_life(half_life_days)


def _ccc(**spec: Any) -> GarchCovariance:
    return GarchCovariance(GarchSpec(**spec), correlation="constant")


def _dcc(**spec: Any) -> GarchCovariance:
    return GarchCovariance(GarchSpec(**spec), correlation="dynamic")


ESTIMATORS: dict[str, Callable[..., CovarianceEstimator]] = {
    "sample": Sample,
    "ewma": _ewma,
    "ledoit-wolf": LedoitWolf,
    "oas": Oas,
    "denoised": Denoised,
    "factor-structured": FactorStructured,
    "ccc": _ccc,
    "dcc": _dcc,
    "regime-weighted": RegimeWeighted,
}


def estimator(name: str, **options: Any) -> CovarianceEstimator:
    """The estimator of a name with its options, such as ``estimator("ewma", decay=0.97)``."""
    if name not in ESTIMATORS:
        raise UnknownNameError("covariance estimator", name, ESTIMATORS)
    try:
        return ESTIMATORS[name](**options)
    except TypeError as error:
        raise UserInputError(f"The estimator {name!r} does not take that: {error}.") from error
