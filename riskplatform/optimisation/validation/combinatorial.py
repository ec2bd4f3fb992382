"""Many histories out of one: every choice of test groups, trained on the rest without what is near
them, joined to whole paths (López de Prado 2018)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from riskplatform.domain.outcome import Failure
from riskplatform.errors import UserInputError
from riskplatform.optimisation.purged_folds import PurgedFolds
from riskplatform.optimisation.validation.baselines import SixtyForty
from riskplatform.optimisation.validation.history import ReturnHistory
from riskplatform.optimisation.validation.holding import Run, Target, TradingCost, held
from riskplatform.optimisation.validation.report import Judged, ValidationReport, judged
from riskplatform.optimisation.validation.rules import Decision, Rule, decided, with_baselines


def cross_validated(
    history: ReturnHistory,
    rules: Sequence[Rule],
    cost: TradingCost,
    *,
    trials: float,
    folds: PurgedFolds | None = None,
    every: int | None = 21,
    sixty_forty: SixtyForty | None = None,
    trial_variance: float | None = None,
    days_of_year: float = 252.0,
    blocks: int = 10,
) -> ValidationReport:
    """As many paths per rule as the folds make.

    Weights of a split are held through each of its test groups and bought back to every ``every``
    days (only at the start of the group for None). A path goes from group to group and pays for it.
    A rule is not told what it holds: a split has no day before it.
    """
    if every is not None and every < 1:
        raise UserInputError(f"Rebalanced every {every} days; give 1 or more, or None.")
    cut = folds or PurgedFolds(groups=10, tested=2, purge=0, embargo=5)
    everyone, failures = with_baselines(rules, sixty_forty)
    runs: list[Run] = []
    for rule in everyone:
        runs += _paths(history, rule, cost, cut, every)
    how = Judged(
        kind="combinatorial purged cross-validation",
        scheme={**asdict(cut), "every": every, "splits": cut.splits, "paths": cut.paths},
        cost_id=cost.cost_id,
        trials=trials,
        trial_variance=trial_variance,
        days_of_year=days_of_year,
        blocks=blocks,
        candidates=tuple(each.name for each in rules),
        failures=failures,
    )
    return judged(history, everyone, tuple(runs), how)


def _paths(
    history: ReturnHistory, rule: Rule, cost: TradingCost, folds: PurgedFolds, every: int | None
) -> list[Run]:
    days = len(history.days)
    bounds, on = folds.bounds(days), folds.path_of()
    decisions: list[Decision] = []
    for number, fold in enumerate(folds.folds(days), start=1):
        known = history.window(fold.train)
        decisions.append(decided(rule, known, history.asset_ids, f"in split {number}"))
    runs = []
    for path in range(folds.paths):
        targets: list[Target] = []
        failures: list[Failure] = []
        for group in range(folds.groups):
            split = next(s for s in range(len(decisions)) if on[s, group] == path)
            found = decisions[split]
            failures += found.failures
            step = every or days
            for day in range(bounds[group], bounds[group + 1], step):
                targets.append(Target(day, found.weights))
        runs.append(
            held(history, targets, days, cost, rule=rule.name, path=path, failures=failures)
        )
    return runs
