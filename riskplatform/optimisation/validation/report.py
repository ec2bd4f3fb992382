"""What a validation found: every path of every rule, scored after costs and for what was tried."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from riskplatform.domain.outcome import Coverage, Failure, FailureReason
from riskplatform.errors import MissingDataError, UserInputError
from riskplatform.market.content import FloatArray, content_hash
from riskplatform.optimisation.overfitting import overfitting
from riskplatform.optimisation.sharpe_ratios import deflated_sharpe, moments_of
from riskplatform.optimisation.validation.history import ReturnHistory
from riskplatform.optimisation.validation.holding import Run
from riskplatform.optimisation.validation.rules import Rule

_LOW, _HIGH = 0.05, 0.95
_DEFLATED = "deflated_sharpe"
SCORES = (
    "annual_return", "annual_volatility", "sharpe", _DEFLATED, "max_drawdown",
    "annual_turnover", "annual_cost",
)  # fmt: skip
"""Per path: the first three are per year and after costs, of which the last is the part."""


@dataclass(frozen=True, slots=True)
class Judged:
    """How rules were validated and are judged."""

    kind: str
    scheme: Mapping[str, Any]
    cost_id: str
    trials: float
    trial_variance: float | None
    days_of_year: float
    blocks: int
    candidates: tuple[str, ...]
    failures: tuple[Failure, ...]


@dataclass(frozen=True, eq=False)
class ValidationReport:
    """``runs`` of every rule, path by path, and ``scores`` with one row for each of them.

    ``overfitting`` is the probability that the best of all rules shown here in one half of the days
    is below the middle in the other half, by path; its absence is told in the coverage. The Sharpe
    ratio of a rule is deflated for ``how.trials`` trials; that of a baseline, which nobody had to
    look for, for one. A path that hardly moves has none, and is named in the coverage.
    """

    rules: tuple[str, ...]
    runs: tuple[Run, ...]
    scores: pd.DataFrame
    overfitting: tuple[float, ...]
    trial_variance: float | None
    how: Judged
    history: ReturnHistory
    run_id: str
    coverage: Coverage

    def of(self, rule: str) -> tuple[Run, ...]:
        """The paths of one rule."""
        return tuple(run for run in self.runs if run.rule == rule)

    @property
    def probability_of_overfitting(self) -> float | None:
        """The mean over paths; None where there is none."""
        return float(np.mean(self.overfitting)) if self.overfitting else None

    def to_frame(self) -> pd.DataFrame:
        """One row per rule: the median of its paths, and of the Sharpe ratio the band as well."""
        rows = []
        for rule in self.rules:
            mine = self.scores[self.scores["rule"] == rule]
            sharpe = mine["sharpe"].to_numpy(dtype=float)
            rows.append({
                "rule": rule,
                "is_baseline": rule not in self.how.candidates,
                "paths": len(mine),
                **{name: float(mine[name].median()) for name in SCORES},
                "sharpe_low": float(np.quantile(sharpe, _LOW)),
                "sharpe_high": float(np.quantile(sharpe, _HIGH)),
                "share_of_losing_paths": float(np.mean(mine["annual_return"] < 0.0)),
                "failures": int(mine["failures"].max()),
            })  # fmt: skip
        return pd.DataFrame(rows)

    def beside(self, baseline: str) -> pd.DataFrame:
        """One row per rule: in how many paths its Sharpe ratio is above the baseline's, and by how
        much in the median."""
        if baseline not in self.rules:
            raise UserInputError(
                f"{baseline} was not validated.", hint=f"There are {', '.join(self.rules)}."
            )
        table = self.scores.pivot(index="path", columns="rule", values="sharpe")
        gaps = table.sub(table[baseline], axis=0)[list(self.rules)]
        wins = [float((gaps[rule] > 0.0).mean()) for rule in self.rules]
        median = [float(gaps[rule].median()) for rule in self.rules]
        return pd.DataFrame({"rule": list(self.rules), "wins": wins, "median_gain": median})

    def plot_data(self) -> pd.DataFrame:
        """One row per day, rule and path: what one unit of money has become."""
        parts = []
        for run in self.runs:
            days = self.history.days[run.first : run.first + len(run.returns)]
            parts.append(
                pd.DataFrame(
                    {"day": list(days), "rule": run.rule, "path": run.path, "growth": run.growth}
                )
            )
        return pd.concat(parts, ignore_index=True)

    def trades(self) -> pd.DataFrame:
        """One row per rebalancing: its day, turnover and cost, as shares of the capital."""
        rows = [
            {"rule": run.rule, "path": run.path, "day": self.history.days[day],
             "turnover": turnover, "cost": cost}
            for run in self.runs
            for day, turnover, cost in zip(
                run.traded.tolist(), run.turnover.tolist(), run.costs.tolist(), strict=True)
        ]  # fmt: skip
        return pd.DataFrame(rows, columns=["rule", "path", "day", "turnover", "cost"])

    def to_dict(self) -> dict[str, Any]:
        return {
            "run_id": self.run_id,
            "as_of": self.history.days[-1].isoformat(),
            "base_currency": self.history.base_currency,
            "model_id": self.how.kind,
            "inputs": {"history": self.history.content, "costs": self.how.cost_id},
            "scheme": dict(self.how.scheme),
            "trials": self.how.trials,
            "trial_variance": self.trial_variance,
            "probability_of_overfitting": self.probability_of_overfitting,
            "rules": _records(self.to_frame()),
            "paths": _records(self.scores),
            "coverage": self.coverage.to_dict(),
        }

    def _repr_html_(self) -> str:
        chance = self.probability_of_overfitting
        told = "not known" if chance is None else f"{100.0 * chance:.0f} %"
        head = (
            f"<p><b>{self.how.kind}</b>, {self.history.days[0]} to {self.history.days[-1]}, "
            f"{self.how.trials:g} trials, probability of overfitting {told}</p>"
        )
        return head + str(self.to_frame().to_html(index=False, float_format="{:.4f}".format))


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows in which what is not a number is nothing."""
    return [
        {str(key): None if pd.isna(value) else value for key, value in row.items()}
        for row in frame.to_dict("records")
    ]


def judged(
    history: ReturnHistory, rules: Sequence[Rule], runs: Sequence[Run], how: Judged
) -> ValidationReport:
    """Scores of all paths, the probability of overfitting, and what failed."""
    if how.trials < len(how.candidates):
        raise UserInputError(
            f"{how.trials:g} trials are said, and {len(how.candidates)} rules are validated here.",
            hint="Count every rule and every choice that was tried, these among them.",
        )
    variance = how.trial_variance
    if variance is None:
        variance = _variance(runs)
    scores = pd.DataFrame([_score(run, how, variance) for run in runs])
    chances, more = _overfitted(runs, [each.name for each in rules], how.blocks)
    found = [failure for run in runs for failure in run.failures]
    still = [_undeflated(row) for row in scores.to_dict("records") if pd.isna(row[_DEFLATED])]
    failures = tuple(dict.fromkeys((*how.failures, *found, *still, *more)))
    terms = [(each.name, repr(each.method), repr(each.expected), repr(each.covariance),
              dict(each.benchmark or {})) for each in rules]  # fmt: skip
    asked = (how.kind, dict(how.scheme), how.cost_id, how.trials, variance, how.days_of_year)
    return ValidationReport(
        rules=tuple(each.name for each in rules),
        runs=tuple(runs),
        scores=scores,
        overfitting=chances,
        trial_variance=variance,
        how=how,
        history=history,
        run_id=content_hash(history.content, terms, *asked)[:16],
        coverage=Coverage(len(runs), failures),
    )


def _undeflated(row: Mapping[Any, Any]) -> Failure:
    message = (
        f"{row['rule']} moves on too few days of path {row['path']} for a deflated Sharpe ratio."
    )
    if not pd.isna(row["sharpe"]):
        message = (
            f"The Sharpe ratio of {row['rule']} on path {row['path']} is not deflated: its moments "
            "are those of no series, or the variance of the trials is not known."
        )
    return Failure(FailureReason.CALCULATION_FAILED, message, str(row["rule"]))


def _variance(runs: Sequence[Run]) -> float | None:
    """That of the Sharpe ratios per day of all rules, path by path, in the mean over paths; none
    where no path has two rules with a ratio."""
    by_path: dict[int, list[float]] = {}
    for run in runs:
        spread = float(run.returns.std(ddof=1)) if len(run.returns) > 1 else 0.0
        if spread > 0.0:
            by_path.setdefault(run.path, []).append(float(run.returns.mean()) / spread)
    found = [float(np.var(ratios, ddof=1)) for ratios in by_path.values() if len(ratios) > 1]
    return float(np.mean(found)) if found else None


def _score(run: Run, how: Judged, variance: float | None) -> dict[str, Any]:
    """One row; a ratio that cannot be is none."""
    year, count = how.days_of_year, len(run.returns)
    years = count / year
    growth = np.append(1.0, run.growth)
    ratio = deflated = np.nan
    trials = how.trials if run.rule in how.candidates else 1.0
    try:
        ratio, skew, kurtosis = moments_of(run.returns)
        if variance is not None or trials == 1.0:
            deflated = deflated_sharpe(
                ratio, count, trials, variance or 0.0, skew=skew, kurtosis=kurtosis
            )
    except (MissingDataError, UserInputError):
        # Too few days, or days that are all the same: said in the coverage.
        pass
    return {
        "rule": run.rule,
        "path": run.path,
        "annual_return": float(run.returns.mean()) * year,
        "annual_volatility": float(run.returns.std(ddof=1)) * year**0.5 if count > 1 else np.nan,
        "sharpe": ratio * year**0.5,
        _DEFLATED: deflated,
        "max_drawdown": float(np.max(1.0 - growth / np.maximum.accumulate(growth))),
        "annual_turnover": float(run.turnover.sum()) / years,
        "annual_cost": float(run.costs.sum()) / years,
        "failures": len(run.failures),
    }


def _overfitted(
    runs: Sequence[Run], rules: Sequence[str], blocks: int
) -> tuple[tuple[float, ...], tuple[Failure, ...]]:
    """By path; a failure where rules or days are too few."""
    chances = []
    for path in sorted({run.path for run in runs}):
        table: list[FloatArray] = [
            run.returns for rule in rules for run in runs if run.rule == rule and run.path == path
        ]
        try:
            chances.append(overfitting(np.column_stack(table), blocks).probability)
        except UserInputError as error:
            message = f"The probability of overfitting is not known: {error.message}"
            failure = Failure(FailureReason.MISSING_DATA, message, "overfitting")
            return (), (failure,)
    return tuple(chances), ()
