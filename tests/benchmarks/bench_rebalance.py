"""A proposal for the whole demo firm under 200 constraints: weights, lots, costs, risk, limits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.benchmarks.bench_desk import demo
from tests.benchmarks.harness import Case

NODE, CONSTRAINTS = "HARBOUR", 200


class Ready:
    """A desk whose cubes are built, and a rule with as many constraints as the firm might have."""

    def __init__(self, desk: Any) -> None:
        from riskplatform.optimisation.rules import FUNDED, rule_from

        self.desk = desk
        lines = desk.value(node=NODE).lines
        lines = lines[lines["kind"].isin(FUNDED)]
        written: list[dict[str, Any]] = [{"kind": "box", "high": 0.02, "label": "each line"}]
        for by in ("sector", "country", "currency", "region", "industry", "issuer_id"):
            for group in sorted(lines[by].dropna().unique()):
                written.append({"kind": "group", "by": by, "of": group, "high": 0.6})
        rule = {"constraints": written[:CONSTRAINTS]}
        self.rule = rule_from("bench", "minimum-variance", rule)
        desk.draft_proposal(NODE, self.rule)


def ready() -> Iterator[Ready]:
    for desk in demo():
        yield Ready(desk)


def proposed(ready: Ready) -> object:
    found = ready.desk.draft_proposal(NODE, ready.rule)
    assert len(found.constraints) == CONSTRAINTS
    assert found.trades
    return found.turnover


CASES = [
    Case(
        name="rebalance: a proposal for the demo firm, 200 constraints, end to end",
        setup=ready,
        ours=proposed,
        target="≤ 5 s",
        repeats=5,
    ),
]
