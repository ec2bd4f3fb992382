"""Expected returns that come from elsewhere: an analyst's, a committee's or a model's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from riskplatform.errors import UnknownNameError, UserInputError
from riskplatform.market.content import content_hash
from riskplatform.optimisation.expected_returns.contract import (
    ExpectedReturnEstimator,
    ExpectedReturns,
    found,
    row_of,
)
from riskplatform.optimisation.inputs import Inputs
from riskplatform.optimisation.portfolio import Detail


@dataclass(frozen=True)
class External:
    """``values`` per period by asset, with their standard ``errors`` where they are known.

    Assets that are not named return what ``rest`` says; without it they are an error. ``source`` is
    who said so.
    """

    values: Mapping[str, float]
    errors: Mapping[str, float] | None = None
    source: str = "given"
    rest: ExpectedReturnEstimator | None = None

    def fit(self, inputs: Inputs) -> ExpectedReturns:
        known = {*inputs.asset_ids, *(failure.subject for failure in inputs.excluded)}
        for name in self.values:
            if name not in known:
                raise UnknownNameError("asset of a view", name, inputs.asset_ids)
        if self.errors is not None:
            row_of(self.errors, tuple(self.values), "standard error")
            if any(not value >= 0.0 for value in self.errors.values()):
                raise UserInputError("Standard errors are numbers of 0 or more.")
        values, errors = dict(self.values), None if self.errors is None else dict(self.errors)
        filled = 0
        if self.rest is not None:
            other = self.rest.fit(inputs)
            filled = sum(name not in values for name in inputs.asset_ids)
            values = dict(zip(other.asset_ids, other.expected.tolist(), strict=True)) | values
            # An error for some only would be read as certainty of the others.
            if errors is not None and other.error is not None:
                errors = dict(zip(other.asset_ids, other.error.tolist(), strict=True)) | errors
            elif filled:
                errors = None
        expected = row_of(values, inputs.asset_ids, "expected return")
        error = None if errors is None else row_of(errors, inputs.asset_ids, "standard error")
        parameters: dict[str, Detail] = {
            "source": self.source,
            "values": content_hash(dict(self.values), dict(self.errors or {}))[:16],
            "filled": filled,
            "rest": "none" if self.rest is None else repr(self.rest),
        }
        return found(inputs, "external", np.asarray(expected), parameters, error)
