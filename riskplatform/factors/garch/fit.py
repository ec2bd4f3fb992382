"""Estimates the parameters of a GARCH or GJR model by maximum likelihood, with ``arch``."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from riskplatform.domain.outcome import Failure, FailureReason
from riskplatform.errors import DataError, EnvironmentSetupError, UserInputError
from riskplatform.factors.garch.model import GarchParameters, Start
from riskplatform.market.content import FloatArray

Model = Literal["garch", "gjr"]
Distribution = Literal["normal", "t", "skew-t"]

LEAST_DAYS = 100
_ARCH_NAMES: dict[str, str] = {"normal": "normal", "t": "t", "skew-t": "skewt"}


@dataclass(frozen=True)
class GarchSpec:
    """Which model: ``gjr`` lets falls raise volatility more than rises; who draws the shocks."""

    model: Model = "gjr"
    distribution: Distribution = "t"
    start: Start = Start.BACKCAST

    def __post_init__(self) -> None:
        if self.model not in ("garch", "gjr"):
            raise UserInputError(f"A model is 'garch' or 'gjr', not {self.model!r}.")
        if self.distribution not in _ARCH_NAMES:
            names = ", ".join(_ARCH_NAMES)
            raise UserInputError(f"There is no distribution {self.distribution!r}; it is {names}.")

    @property
    def label(self) -> str:
        return f"{self.model}(1,1) {self.distribution}, start {self.start.value}"


@dataclass(frozen=True)
class GarchFit:
    """Parameters of one series; ``tail`` is the t's degrees of freedom, ``skew`` its asymmetry."""

    parameters: GarchParameters
    tail: float
    skew: float
    log_likelihood: float
    days: int


def fit_garch(returns: ArrayLike, spec: GarchSpec, *, name: str = "series") -> GarchFit | Failure:
    """Fit one series of daily returns, or say why it cannot be fitted."""
    values = np.asarray(returns, dtype=np.float64)
    problem = _problem(values, name)
    if problem is not None:
        return problem
    # The optimiser wants numbers near one; parameters are scaled back afterwards.
    unit = float(values.std())
    found = _estimated(values / unit, spec)
    if isinstance(found, str):
        return Failure(FailureReason.CALCULATION_FAILED, f"GARCH of {name}: {found}", name)
    numbers, log_likelihood = found
    try:
        parameters = _parameters(numbers, unit)
    except DataError as error:
        # The optimiser ended on the edge of what is a model: variance that never moves or grows.
        return Failure(FailureReason.CALCULATION_FAILED, f"GARCH of {name}: {error}", name)
    return GarchFit(
        parameters=parameters,
        tail=min(numbers.get("nu", numbers.get("eta", np.inf)), np.inf),
        skew=numbers.get("lambda", 0.0),
        log_likelihood=log_likelihood - values.size * np.log(unit),
        days=values.size,
    )


def _parameters(numbers: dict[str, float], unit: float) -> GarchParameters:
    """By arch's names, scaled back."""
    alpha = max(numbers["alpha[1]"], 0.0)
    return GarchParameters(
        mean=np.array([numbers["mu"] * unit]),
        omega=np.array([max(numbers["omega"], 0.0) * unit**2]),
        alpha=np.array([alpha]),
        gamma=np.array([max(numbers.get("gamma[1]", 0.0), -alpha)]),
        beta=np.array([max(numbers["beta[1]"], 0.0)]),
    )


def _problem(values: FloatArray, name: str) -> Failure | None:
    if values.ndim != 1 or not np.isfinite(values).all():
        return Failure(FailureReason.INVALID_DATA, f"{name} has returns that are no numbers", name)
    if values.size < LEAST_DAYS:
        message = f"{name} has {values.size} days of returns; a GARCH needs {LEAST_DAYS}"
        return Failure(FailureReason.MISSING_DATA, message, name)
    if 2 * np.count_nonzero(np.diff(values)) < values.size:
        return Failure(FailureReason.INVALID_DATA, f"{name} does not move on most days", name)
    return None


def _estimated(scaled: FloatArray, spec: GarchSpec) -> tuple[dict[str, float], float] | str:
    """Parameters by arch's names and the log-likelihood, or what went wrong."""
    arch_model = _arch_model()
    model = arch_model(
        scaled,
        mean="Constant",
        vol="GARCH",
        p=1,
        o=1 if spec.model == "gjr" else 0,
        q=1,
        dist=_ARCH_NAMES[spec.distribution],
        rescale=False,
    )
    backcast = None
    if spec.start is Start.MEAN_SQUARE:
        backcast = float(np.mean((scaled - scaled.mean()) ** 2))
    try:
        with warnings.catch_warnings():
            # What the optimiser warns of is read off its flag and told as a failure.
            warnings.simplefilter("ignore")
            result = model.fit(disp="off", show_warning=False, backcast=backcast)
    except (ValueError, np.linalg.LinAlgError) as error:
        return f"the optimiser stopped: {error}"
    numbers = {str(key): float(value) for key, value in result.params.items()}
    if result.convergence_flag != 0:
        return "the optimiser did not converge"
    if not all(np.isfinite(value) for value in numbers.values()):
        return "a parameter is no number"
    return numbers, float(result.loglikelihood)


def _arch_model() -> Any:
    try:
        # A second of import: only for those who fit.
        from arch import arch_model
    except ImportError as error:
        raise EnvironmentSetupError(
            "Fitting a GARCH model needs the package arch.",
            hint='Install it with `pip install "riskplatform[statistics]"`.',
        ) from error
    return arch_model
