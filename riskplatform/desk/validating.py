"""Rules of allocation walked over a portfolio's history, after costs, beside what everybody has."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from riskplatform.desk.allocation_ground import Ground, ground_of
from riskplatform.desk.allocation_rules import rule_named
from riskplatform.errors import UserInputError
from riskplatform.market.content import content_hash
from riskplatform.optimisation.purged_folds import PurgedFolds
from riskplatform.optimisation.recipes import allocator_of
from riskplatform.optimisation.rules import AllocationRule
from riskplatform.optimisation.validation import (
    ModelCost,
    ReturnHistory,
    Rule,
    SixtyForty,
    ValidationReport,
    WalkForward,
    cross_validated,
    walked_forward,
)
from riskplatform.store.ledger import Event

if TYPE_CHECKING:
    from riskplatform.desk.desk import Desk

TRIALS = "trial"
"""The stream with one subject for every rule and its choices that was ever validated here."""

_HISTORY = "historical"
_EQUITIES = ("equity", "etf", "reit")
_BONDS = ("fixed_bond", "floating_bond", "zero_bond")
_EMBARGO = 5


def validate_rules(
    desk: Desk,
    node: str,
    rules: Sequence[str | AllocationRule],
    as_of: date,
    *,
    days: int,
    train: int,
    every: int,
    folds: bool,
    progress: Callable[[int, int], None] | None = None,
) -> ValidationReport:
    """Each decides again and again on what was known by then; its trades cost what they cost.

    Returns are those of today's lines by full revaluation over the days of the past. The Sharpe
    ratios are deflated for every rule that was ever tried on this desk.
    """
    chosen = [rule_named(desk, each) if isinstance(each, str) else each for each in rules]
    if not chosen:
        raise UserInputError("There is no rule to validate.", hint="Name one with --rule.")
    book = desk.risk_book(
        as_of, scenarios=(_HISTORY,), days=days, with_exposures=True, progress=progress
    )
    grounds = [ground_of(desk, book, node, replace(each, scenarios=_HISTORY)) for each in chosen]
    ground = grounds[0]
    history = _history(ground)
    trials = _count_trials(desk, node, chosen)
    cost = ModelCost(ground.rule.costs, ground.liquidity, ground.value)
    tried = [_as_tried(each) for each in grounds]
    mixed = _sixty_forty(ground)
    if folds:
        cut = PurgedFolds(groups=8, tested=2, purge=0, embargo=_EMBARGO)
        return cross_validated(
            history, tried, cost, trials=trials, folds=cut, every=every, sixty_forty=mixed
        )
    walk = WalkForward(train=train, every=every)
    return walked_forward(history, tried, cost, trials=trials, scheme=walk, sixty_forty=mixed)


def _history(ground: Ground) -> ReturnHistory:
    view = ground.book.view(_HISTORY)
    kept = ground.inputs.asset_ids
    return ReturnHistory(
        asset_ids=kept,
        returns=ground.inputs.scenarios,
        days=tuple(date.fromisoformat(label) for label in view.labels),
        base_currency=ground.book.base_currency,
    )


def _as_tried(ground: Ground) -> Rule:
    rule = ground.rule
    benchmark = ground.inputs.benchmark
    named = None
    if benchmark is not None:
        named = dict(zip(ground.inputs.asset_ids, benchmark.tolist(), strict=True))
    method = allocator_of(rule.recipe, rule.choices, ground.constraints())
    return Rule(rule.rule_id, method, rule.expected, benchmark=named)


def _sixty_forty(ground: Ground) -> SixtyForty | None:
    """Where the portfolio has both."""
    kinds = {
        ground.book.instrument_ids[place]: str(ground.book.kinds[place]) for place in ground.places
    }
    inside = set(ground.inputs.asset_ids)
    equities = tuple(name for name, kind in kinds.items() if kind in _EQUITIES and name in inside)
    bonds = tuple(name for name, kind in kinds.items() if kind in _BONDS and name in inside)
    return SixtyForty(equities, bonds) if equities and bonds else None


def _count_trials(desk: Desk, node: str, rules: Sequence[AllocationRule]) -> int:
    """How many rules were ever tried; these are recorded before anybody sees how they did."""
    known = set(desk.ledger.journal.subjects(TRIALS))
    named = {content_hash(repr(replace(rule, status="")))[:16]: rule for rule in rules}
    fresh = [
        Event(TRIALS, name, 0, {"rule": rule.rule_id, "recipe": rule.recipe, "node": node})
        for name, rule in named.items()
        if name not in known
    ]
    desk.ledger.journal.append(fresh, actor=desk.settings.actor, action="try a rule")
    return len(known | set(named))
