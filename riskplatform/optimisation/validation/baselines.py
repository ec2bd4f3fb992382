"""What every rule has to beat: the same of everything, and 60/40."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from riskplatform.domain.outcome import Failure, FailureReason
from riskplatform.errors import UserInputError
from riskplatform.market.content import content_hash
from riskplatform.optimisation.inputs import Inputs
from riskplatform.optimisation.portfolio import Allocation, FailedPortfolio, Portfolio


@dataclass(frozen=True)
class EqualWeight:
    """1/N."""

    def fit(self, inputs: Inputs) -> Allocation:
        count = len(inputs.asset_ids)
        return Portfolio(
            asset_ids=inputs.asset_ids,
            weights=np.full(count, 1.0 / count),
            method="equal-weight",
            parameters={"assets": count},
            inputs=inputs.content,
            excluded=inputs.excluded,
        )


@dataclass(frozen=True)
class SixtyForty:
    """60 % in ``equities`` and 40 % in ``bonds``, the same of each that has a history."""

    equities: tuple[str, ...]
    bonds: tuple[str, ...]
    share: float = 0.6

    def __post_init__(self) -> None:
        if not 0.0 <= self.share <= 1.0:
            raise UserInputError(f"The share of equities is {self.share:g}; give one from 0 to 1.")
        both = set(self.equities) & set(self.bonds)
        if both:
            raise UserInputError(f"{min(both)} cannot be an equity and a bond.")

    def fit(self, inputs: Inputs) -> Allocation:
        weights = np.zeros(len(inputs.asset_ids))
        for share, group, what in (
            (self.share, self.equities, "equity"),
            (1.0 - self.share, self.bonds, "bond"),
        ):
            places = [i for i, name in enumerate(inputs.asset_ids) if name in group]
            if not places and share > 0.0:
                message = f"No {what} of {len(group)} has a history."
                failure = Failure(FailureReason.MISSING_DATA, message, "sixty-forty")
                return FailedPortfolio("sixty-forty", failure, inputs.content)
            weights[places] = share / max(len(places), 1)
        return Portfolio(
            asset_ids=inputs.asset_ids,
            weights=weights,
            method="sixty-forty",
            parameters={"share": self.share, "terms": content_hash(self.equities, self.bonds)[:16]},
            inputs=inputs.content,
            excluded=inputs.excluded,
        )
