"""Whether a proposal still fits the world that it was made for."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from riskplatform.optimisation.proposals.policy import ApprovalPolicy
from riskplatform.optimisation.proposals.proposal import Proposal

_SHOWN = 3


def moved_since(
    proposal: Proposal,
    policy: ApprovalPolicy,
    *,
    held: Mapping[str, Decimal],
    unit_values: Mapping[str, float],
) -> tuple[str, ...]:
    """Why it is stale, in words; nothing where it is not.

    ``held`` and ``unit_values`` (base currency) are those of its instruments now.
    """
    reasons = []
    prices = []
    off = 0.0
    for line in proposal.lines:
        now = unit_values.get(line.instrument_id)
        if now is None or line.unit_value == 0.0:
            prices.append((float("inf"), f"{line.instrument_id} has no price any more"))
            continue
        change = now / line.unit_value - 1.0
        if abs(change) > policy.market_band:
            prices.append((abs(change), f"{line.instrument_id} moved by {change:+.1%}"))
        off += abs(float(held.get(line.instrument_id, Decimal(0)) - line.held)) * abs(now)
    if prices:
        prices.sort(key=lambda pair: -pair[0])
        said = "; ".join(words for _, words in prices[:_SHOWN])
        more = f"; and {len(prices) - _SHOWN} more" if len(prices) > _SHOWN else ""
        reasons.append(f"the market moved beyond {policy.market_band:.1%}: {said}{more}")
    if proposal.value and off / abs(proposal.value) > policy.book_band:
        reasons.append(
            f"the book moved: holdings differ by {off:,.0f} {proposal.base_currency}, "
            f"{off / abs(proposal.value):.2%} of the value where {policy.book_band:.2%} is allowed"
        )
    return tuple(reasons)
