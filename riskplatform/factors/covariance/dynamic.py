"""Tomorrow's covariance: a GARCH volatility of each factor, and constant or dynamic correlation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from riskplatform.errors import UserInputError
from riskplatform.factors.covariance.observations import Observations, observed
from riskplatform.factors.covariance.result import CovarianceResult, Detail, dense_result
from riskplatform.factors.garch.fit import LEAST_DAYS, GarchSpec
from riskplatform.factors.garch.many import GarchFits, fit_observed
from riskplatform.market.content import FloatArray

Correlation = Literal["constant", "dynamic"]


@dataclass(frozen=True)
class GarchCovariance:
    """CCC of Bollerslev (1990) or DCC of Engle (2002): the forecast for the day after the last.

    A factor whose GARCH cannot be fitted has an EWMA volatility instead and is in ``failures``.
    Weights of days are refused: the model weighs days itself.
    """

    spec: GarchSpec = field(default_factory=GarchSpec)
    correlation: Correlation = "dynamic"

    def __post_init__(self) -> None:
        if self.correlation not in ("constant", "dynamic"):
            raise UserInputError(
                f"A correlation is 'constant' or 'dynamic', not {self.correlation!r}."
            )

    @property
    def method_id(self) -> str:
        short = "ccc" if self.correlation == "constant" else "dcc"
        return f"{short} ({self.spec.label})"

    def fit(
        self, returns: FloatArray, names: Sequence[str], *, weights: ArrayLike | None = None
    ) -> CovarianceResult:
        if weights is not None:
            raise UserInputError(
                "A GARCH covariance takes no weights of days; it weighs them itself.",
                hint="Leave the weights out, or use the sample or EWMA covariance.",
            )
        seen = observed(returns, names, least_days=LEAST_DAYS)
        return self.from_fits(seen, fit_observed(seen, self.spec))

    def from_fits(self, seen: Observations, fits: GarchFits) -> CovarianceResult:
        """From models that are fitted already, such as those of a filtered history."""
        from riskplatform.factors.garch.correlation import (
            constant_correlation,
            fit_dynamic_correlation,
        )

        standardised = fits.path.standardised()
        details: dict[str, Detail] = {"stand-ins": len(fits.failures)}
        if self.correlation == "constant" or len(seen.names) == 1:
            correlation = constant_correlation(standardised)
        else:
            dynamic = fit_dynamic_correlation(standardised)
            correlation = dynamic.correlation
            details |= {
                "correlation news": dynamic.news,
                "correlation memory": dynamic.memory,
                "log-likelihood gain per pair": dynamic.log_likelihood_gain,
            }
        volatility = np.sqrt(fits.path.next_variance)
        return dense_result(
            correlation * np.outer(volatility, volatility),
            seen,
            self.method_id,
            details=details,
            per_factor=fits.columns(),
            failures=fits.failures,
        )
