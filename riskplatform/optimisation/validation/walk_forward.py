"""Deciding again and again on what was known by then, and holding it until the next time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np

from riskplatform.domain.outcome import Failure
from riskplatform.errors import UserInputError
from riskplatform.market.content import FloatArray
from riskplatform.optimisation.validation.baselines import SixtyForty
from riskplatform.optimisation.validation.history import ReturnHistory
from riskplatform.optimisation.validation.holding import Run, Target, TradingCost, held
from riskplatform.optimisation.validation.report import Judged, ValidationReport, judged
from riskplatform.optimisation.validation.rules import Rule, decided, with_baselines


@dataclass(frozen=True, slots=True)
class WalkForward:
    """Every ``every`` days a decision on the ``train`` days before (on all before, where
    ``is_expanding``), of which the last ``gap`` are not known yet."""

    train: int = 252
    every: int = 21
    gap: int = 0
    is_expanding: bool = False

    def __post_init__(self) -> None:
        if self.train < 2 or self.every < 1 or self.gap < 0:
            raise UserInputError(
                f"Trained on {self.train} days, every {self.every} days, with a gap of {self.gap}.",
                hint="Train on 2 days or more, decide every 1 or more, with a gap of 0 or more.",
            )

    def decisions(self, days: int) -> list[tuple[int, slice]]:
        """The day from which a decision is held, and the days it stands on."""
        first = self.train + self.gap
        if first >= days:
            raise UserInputError(
                f"{days} days are too few to train on {self.train} with a gap of {self.gap}.",
                hint="Give a longer history, or train on less.",
            )
        out = []
        for day in range(first, days, self.every):
            known = day - self.gap
            out.append((day, slice(0 if self.is_expanding else known - self.train, known)))
        return out


def walked_forward(
    history: ReturnHistory,
    rules: Sequence[Rule],
    cost: TradingCost,
    *,
    trials: float,
    scheme: WalkForward | None = None,
    sixty_forty: SixtyForty | None = None,
    trial_variance: float | None = None,
    days_of_year: float = 252.0,
    blocks: int = 16,
) -> ValidationReport:
    """One path per rule. ``trials`` is how many rules and choices were tried until these were
    found, all in all; ``trial_variance`` that of their Sharpe ratios per day, if it is known."""
    walk = scheme or WalkForward()
    everyone, failures = with_baselines(rules, sixty_forty)
    runs = tuple(_walked(history, rule, cost, walk) for rule in everyone)
    how = Judged(
        kind="walk-forward",
        scheme=asdict(walk),
        cost_id=cost.cost_id,
        trials=trials,
        trial_variance=trial_variance,
        days_of_year=days_of_year,
        blocks=blocks,
        candidates=tuple(each.name for each in rules),
        failures=failures,
    )
    return judged(history, everyone, runs, how)


def _walked(history: ReturnHistory, rule: Rule, cost: TradingCost, walk: WalkForward) -> Run:
    targets: list[Target] = []
    failures: list[Failure] = []
    current = np.zeros(len(history.asset_ids))
    decisions = walk.decisions(len(history.days))
    for place, (day, known) in enumerate(decisions):
        if place:
            current = _drifted(history, current, decisions[place - 1][0], day)
        when = f"on {history.days[day]}"
        found = decided(rule, history.window(known), history.asset_ids, when, current)
        failures += found.failures
        targets.append(Target(day, found.weights))
        current = current if found.weights is None else found.weights
    return held(history, targets, len(history.days), cost, rule=rule.name, failures=failures)


def _drifted(history: ReturnHistory, weights: FloatArray, start: int, end: int) -> FloatArray:
    """Weights at the end of the day before ``end``: what a rule is told that it holds."""
    growth = np.prod(1.0 + np.nan_to_num(history.returns[start:end]), axis=0)
    capital = 1.0 - float(weights.sum()) + float(growth @ weights)
    return weights * growth / capital if capital > 0.0 else np.zeros_like(weights)
