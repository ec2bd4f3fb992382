"""What a worker is told of one exotic: its terms as numbers, times in years from today.

No dates, curves or QuantLib objects: a contract crosses to another process as a line of JSON and
is hashed to find its grid again.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from riskplatform.domain.codec import from_terms, to_terms
from riskplatform.errors import TermsError
from riskplatform.market.content import content_hash
from riskplatform.pricing.options.status import FloatArray


@dataclass(frozen=True, slots=True)
class AmericanBarrier:
    """A barrier option, not touched before now, that may be exercised while it lives.

    The barrier is watched continuously. A knock-out pays its rebate at the touch, a knock-in that
    was never touched pays it at expiry.
    """

    contract_id: str
    time: float
    strike: float
    barrier: float
    rebate: float
    is_call: bool
    is_up: bool
    is_out: bool

    def problems(self) -> list[str]:
        """What cannot be priced, in words."""
        found = _common_problems(self.time, self.strike)
        if not (math.isfinite(self.barrier) and self.barrier > 0.0):
            found.append(f"the barrier {self.barrier} is not positive")
        if not (math.isfinite(self.rebate) and self.rebate >= 0.0):
            found.append(f"the rebate {self.rebate} is negative")
        return found

    def later(self, years: float, start_spot: float) -> AmericanBarrier:
        """The same contract ``years`` from now, when it is assumed not to have been touched."""
        return replace(self, time=self.time - years) if years else self


@dataclass(frozen=True, slots=True)
class AverageOption:
    """A European option on the average of fixings, those of the past known by their average.

    ``past_average`` is of the same kind, arithmetic or geometric, as the whole. ``on_the_way``
    are fixings between today and a state at a horizon: each as the share of the way from
    ``start_spot`` to the state's spot, in logarithms, on which it was taken.
    """

    contract_id: str
    time: float
    strike: float
    is_call: bool
    is_arithmetic: bool
    fixing_times: tuple[float, ...]
    past_count: int = 0
    past_average: float = 1.0
    on_the_way: tuple[float, ...] = ()
    start_spot: float = 1.0

    def problems(self) -> list[str]:
        """What cannot be priced, in words."""
        found = _common_problems(self.time, self.strike)
        times = self.fixing_times
        if not all(math.isfinite(t) for t in times) or any(a >= b for a, b in pairwise(times)):
            found.append("the fixing times are not in strict order")
        elif times and not (times[0] > 0.0 and times[-1] <= self.time + 1e-12):
            found.append("a fixing lies before now or after the expiry")
        if self.past_count < 0 or self.count == 0:
            found.append("there is nothing to average")
        if not (math.isfinite(self.past_average) and self.past_average > 0.0):
            found.append(f"the average so far {self.past_average} is not positive")
        return found

    @property
    def count(self) -> int:
        """All fixings, past and to come."""
        return self.past_count + len(self.on_the_way) + len(self.fixing_times)

    def later(self, years: float, start_spot: float) -> AverageOption:
        """The same contract ``years`` from now: fixings until then lie on the way to the state."""
        if not years:
            return self
        return replace(
            self,
            time=self.time - years,
            fixing_times=tuple(t - years for t in self.fixing_times if t > years),
            on_the_way=tuple(t / years for t in self.fixing_times if t <= years),
            start_spot=start_spot,
        )

    def known_part(self, spot: ArrayLike) -> FloatArray:
        """Sum of the known fixings (of their logarithms, for a geometric average), by state."""
        log_spot = np.log(np.asarray(spot, dtype=np.float64))
        log_start = math.log(self.start_spot)
        passed = [log_start + share * (log_spot - log_start) for share in self.on_the_way]
        if self.is_arithmetic:
            past = self.past_count * self.past_average
            return np.asarray(past + sum(np.exp(p) for p in passed) + 0.0 * log_spot)
        past = self.past_count * math.log(self.past_average)
        return np.asarray(past + sum(passed) + 0.0 * log_spot)


Contract = AmericanBarrier | AverageOption
_KINDS: dict[str, type[Contract]] = {c.__name__: c for c in (AmericanBarrier, AverageOption)}


def _common_problems(time: float, strike: float) -> list[str]:
    found = []
    if not math.isfinite(time):
        found.append(f"the time to expiry {time} is not a number")
    if not (math.isfinite(strike) and strike > 0.0):
        found.append(f"the strike {strike} is not positive")
    return found


def terms_key(contract: Contract) -> str:
    """The hash of the terms: two contracts that differ in name only have the same."""
    return content_hash(replace(contract, contract_id=""))


def contract_terms(contract: Contract) -> dict[str, Any]:
    """As JSON, with its kind."""
    return {"kind": type(contract).__name__, **to_terms(contract)}


def contract_from(terms: dict[str, Any]) -> Contract:
    """From JSON terms."""
    kind = _KINDS.get(str(terms.get("kind")))
    if kind is None:
        raise TermsError(f"There is no exotic contract of the kind {terms.get('kind')!r}.")
    return from_terms(kind, {key: value for key, value in terms.items() if key != "kind"})
