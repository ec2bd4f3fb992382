"""A proposal of two lines for tests."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from riskplatform.domain.targets import TargetTrade
from riskplatform.optimisation.proposals import LimitMove, Number, Proposal, ProposedLine

NOW = datetime(2026, 3, 6, 9, tzinfo=UTC)


def line(name: str, held: str, proposed: str, unit: float, wanted: float) -> ProposedLine:
    return ProposedLine(
        instrument_id=name, held=Decimal(held), proposed=Decimal(proposed),
        unit_value=unit, wanted=wanted, cost=1.0,
    )  # fmt: skip


def proposal(**changes: Any) -> Proposal:
    """Half of AAA is sold for BBB: 10,000 of 100,000 each way."""
    made = Proposal(
        node="growth", as_of=date(2026, 3, 6), base_currency="USD", proposed_by="ann",
        proposed_at=NOW, expires_at=NOW + timedelta(hours=24), rule_id="hrp-allocation",
        method="HRP", policy_id="manual-approval", value=100_000.0, cash_left=3.0,
        expected_cost=50.0,
        lines=(
            line("AAA", "200", "100", 100.0, 10_050.0), line("BBB", "400", "450", 200.0, 89_950),
        ),
        trades=(
            TargetTrade(instrument_id="AAA", portfolio_id="p", quantity=Decimal(-100),
                        reference_price=Decimal("100.0"), currency="USD"),
            TargetTrade(instrument_id="BBB", portfolio_id="p", quantity=Decimal(50),
                        reference_price=Decimal("200.5"), currency="USD"),
        ),
        numbers=(Number(group="risk", measure="var", unit="USD", before=2.0, after=None),),
        limits=(
            LimitMove(limit_id="L", node="growth", measure="var", unit="USD", hard=1.0,
                      light_before="green", light_after="amber", before=0.5, after=0.9),
        ),
    )  # fmt: skip
    return replace(made, **changes)
