"""Expected returns that follow from exposures to factors and what each factor pays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from riskplatform.errors import UnknownNameError, UserInputError
from riskplatform.market.content import content_hash
from riskplatform.optimisation.expected_returns.contract import ExpectedReturns, found, row_of
from riskplatform.optimisation.inputs import Inputs
from riskplatform.optimisation.portfolio import Detail


@dataclass(frozen=True)
class FactorImplied:
    """Betas (asset → factor → beta) times ``premia`` (factor → return per period), plus ``own``.

    ``errors`` are standard errors of the premia, taken as independent, and ``own_error`` is that of
    what an asset returns besides. A factor that an asset does not name is an error, unless
    ``missing`` says its beta.
    """

    betas: Mapping[str, Mapping[str, float]]
    premia: Mapping[str, float]
    errors: Mapping[str, float] | None = None
    own: Mapping[str, float] | None = None
    own_error: float = 0.0
    missing: float | None = None

    def fit(self, inputs: Inputs) -> ExpectedReturns:
        names = inputs.asset_ids
        row_of(dict.fromkeys(self.betas, 0.0), names, "betas", self.missing)
        factors = tuple(self.premia)
        if not factors:
            raise UserInputError("No premium is given.", hint="Give one per factor.")
        for asset, betas in self.betas.items():
            for factor in betas:
                if factor not in self.premia and asset in names:
                    raise UnknownNameError(f"premium for a beta of {asset}", factor, factors)
        table = np.array(
            [
                row_of(self.betas.get(name, {}), factors, f"beta of {name}", self.missing)
                for name in names
            ]
        )
        expected = table @ row_of(self.premia, factors, "premium")
        if self.own is not None:
            expected = expected + row_of(self.own, names, "return of its own", 0.0)
        error = None
        if self.errors is not None:
            spread = row_of(self.errors, factors, "error of its premium")
            if (spread < 0.0).any() or not self.own_error >= 0.0:
                raise UserInputError("Standard errors are numbers of 0 or more.")
            error = np.sqrt(np.square(table) @ spread**2 + self.own_error**2)
        parameters: dict[str, Detail] = {
            "factors": ", ".join(factors),
            "terms": content_hash(table, expected, error)[:16],
            **{f"premium of {name}": float(self.premia[name]) for name in factors},
        }
        return found(inputs, "factor-implied", expected, parameters, error)
