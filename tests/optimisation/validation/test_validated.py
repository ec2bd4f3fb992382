"""Walk-forward and combinatorial validation: nothing of the future, baselines, deflation."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskplatform.domain.outcome import FailureReason
from riskplatform.errors import UserInputError
from riskplatform.market.content import FloatArray
from riskplatform.optimisation.constraints import Box, Turnover
from riskplatform.optimisation.expected_returns import BayesStein, Equilibrium, SampleMean
from riskplatform.optimisation.hrp import Hrp
from riskplatform.optimisation.inputs import Inputs
from riskplatform.optimisation.long_only import MaximumSharpe, MinimumVariance
from riskplatform.optimisation.overfitting import overfitting
from riskplatform.optimisation.portfolio import Allocation
from riskplatform.optimisation.purged_folds import PurgedFolds
from riskplatform.optimisation.sharpe_ratios import deflated_sharpe, moments_of
from riskplatform.optimisation.validation import (
    EqualWeight,
    NoCost,
    ProportionalCost,
    ReturnHistory,
    Rule,
    SixtyForty,
    ValidationReport,
    WalkForward,
    cross_validated,
    walked_forward,
)
from tests.optimisation.random_markets import names, returns

COUNT, DAYS = 5, 200
NAMES = names(COUNT)
MIX = SixtyForty(tuple(NAMES[:3]), tuple(NAMES[3:]))
WALK = WalkForward(train=60, every=20)
FOLDS = PurgedFolds(groups=5, tested=2, purge=2, embargo=3)
RULES = (
    Rule("least variance", MinimumVariance()),
    Rule("largest ratio", MaximumSharpe(), expected=BayesStein()),
    Rule("tree", Hrp()),
)


def history_of(table: FloatArray) -> ReturnHistory:
    start = date(2023, 1, 2)
    days = tuple(start + timedelta(days=i) for i in range(len(table)))
    return ReturnHistory(tuple(names(table.shape[1])), table, days, "EUR")


def market(seed: int = 1) -> ReturnHistory:
    return history_of(returns(COUNT, DAYS, seed) + 0.0005)


def walked(history: ReturnHistory, *rules: Rule, scheme: WalkForward = WALK) -> ValidationReport:
    return walked_forward(
        history, rules or RULES, ProportionalCost(10.0), trials=50, scheme=scheme,
        sixty_forty=MIX, blocks=6,
    )  # fmt: skip


def crossed(history: ReturnHistory, *rules: Rule) -> ValidationReport:
    return cross_validated(
        history, rules or RULES, ProportionalCost(10.0), trials=50, folds=FOLDS, every=10,
        sixty_forty=MIX, blocks=6,
    )  # fmt: skip


@settings(deadline=None, max_examples=6)
@given(st.integers(0, 100), st.integers(61, DAYS - 1), st.integers(0, 5), st.booleans())
def test_poison_in_the_future_changes_nothing_before_it(
    seed: int, cut: int, gap: int, is_expanding: bool
) -> None:
    history = market(seed)
    poisoned = np.array(history.returns)
    poisoned[cut:] = np.random.default_rng(seed).uniform(-0.9, 9.0, poisoned[cut:].shape)
    scheme = WalkForward(60, 20, gap, is_expanding)
    clean = walked(history, *RULES, scheme=scheme)
    other = walked(history_of(poisoned), *RULES, scheme=scheme)
    for one, two in zip(clean.runs, other.runs, strict=True):
        # What is decided on the eve of the first poisoned day is still as it was, and with a gap
        # all that is decided within it.
        same, alike = one.traded <= cut + gap, two.traded <= cut + gap
        assert two.traded[alike].tolist() == one.traded[same].tolist()
        assert two.weights[alike] == pytest.approx(one.weights[same], abs=0.0)
        until = max(cut - one.first, 0)
        assert two.returns[:until] == pytest.approx(one.returns[:until], abs=0.0)
        if one.rule == "least variance" and (~same).any():
            assert not np.array_equal(two.weights[~alike], one.weights[~same])


@dataclass
class Spy:
    """Remembers the days that it was shown, by a mark in the first asset."""

    seen: list[FloatArray] = field(default_factory=list)

    def fit(self, inputs: Inputs) -> Allocation:
        self.seen.append(np.round(1e6 * inputs.scenarios[:, 0]).astype(int))
        return EqualWeight().fit(inputs)


def test_each_decision_sees_exactly_the_days_it_may() -> None:
    table = np.array(market().returns)
    table[:, 0] = 1e-6 * np.arange(DAYS)
    spy = Spy()
    walked(history_of(table), Rule("spy", spy), scheme=WalkForward(60, 30, 7))
    starts = range(67, DAYS, 30)
    assert [(seen[0], seen[-1], len(seen)) for seen in spy.seen] == [
        (day - 67, day - 8, 60) for day in starts
    ]
    spy = Spy()
    crossed(history_of(table), Rule("spy", spy))
    assert len(spy.seen) == FOLDS.splits == 10
    for fold, seen in zip(FOLDS.folds(DAYS), spy.seen, strict=True):
        assert seen.tolist() == fold.train.tolist()
        for test in fold.tests:
            near = set(range(int(test[0]) - 2, int(test[-1]) + 2 + 3 + 1))
            assert not near.intersection(seen.tolist())


def test_poison_in_a_test_does_not_reach_its_own_weights() -> None:
    history = market(3)
    bounds = FOLDS.bounds(DAYS)
    poisoned = np.array(history.returns)
    lot = slice(bounds[2], bounds[3])
    poisoned[lot] = np.random.default_rng(3).uniform(-0.5, 2.0, poisoned[lot].shape)
    one, other = crossed(history), crossed(history_of(poisoned))
    for mine, theirs in zip(one.runs, other.runs, strict=True):
        inside = (mine.traded >= bounds[2]) & (mine.traded < bounds[3])
        assert inside.any()
        assert theirs.weights[inside] == pytest.approx(mine.weights[inside], abs=0.0)


def test_baselines_are_always_beside() -> None:
    history = market()
    report = walked(history)
    assert report.rules == ("least variance", "largest ratio", "tree", "1/N", "60/40")
    even, mix = report.of("1/N")[0], report.of("60/40")[0]
    assert even.weights == pytest.approx(np.full((7, COUNT), 1.0 / COUNT))
    assert mix.weights[0] == pytest.approx([0.2, 0.2, 0.2, 0.2, 0.2])
    assert report.coverage.done == 5
    frame = report.to_frame().set_index("rule")
    assert frame.is_baseline.tolist() == [False, False, False, True, True]
    without = walked_forward(history, RULES, NoCost(), trials=3, scheme=WALK, blocks=6)
    assert without.rules[-1] == "1/N"
    assert without.coverage.failures[0].subject == "60/40"
    assert "nothing says which assets are equities" in without.coverage.failures[0].message
    gains = report.beside("1/N").set_index("rule")
    assert gains.median_gain["1/N"] == 0.0
    assert gains.wins["tree"] in (0.0, 1.0)
    with pytest.raises(UserInputError, match="was not validated"):
        report.beside("50/50")


def test_scores_are_what_their_names_say() -> None:
    history = market(2)
    report = walked(history)
    run = report.of("largest ratio")[0]
    row = report.scores[report.scores.rule == "largest ratio"].iloc[0]
    assert run.first == 60
    assert len(run.returns) == 140
    assert row.annual_return == pytest.approx(252 * run.returns.mean())
    ratio, skew, kurtosis = moments_of(run.returns)
    assert row.sharpe == pytest.approx(ratio * np.sqrt(252))
    ratios = [each.returns.mean() / each.returns.std(ddof=1) for each in report.runs]
    assert report.trial_variance == pytest.approx(np.var(ratios, ddof=1))
    assert row.deflated_sharpe == pytest.approx(
        deflated_sharpe(ratio, 140, 50, np.var(ratios, ddof=1), skew=skew, kurtosis=kurtosis)
    )
    even = report.of("1/N")[0]
    ratio, skew, kurtosis = moments_of(even.returns)
    mine = report.scores[report.scores.rule == "1/N"].iloc[0]
    # Nobody had to look for a baseline.
    assert mine.deflated_sharpe == pytest.approx(
        deflated_sharpe(ratio, 140, 1, 1.0, skew=skew, kurtosis=kurtosis)
    )
    path = np.append(1.0, np.cumprod(1.0 + run.returns))
    worst = max(1.0 - path[j] / path[i] for i in range(141) for j in range(i, 141))
    assert row.max_drawdown == pytest.approx(worst)
    assert row.annual_cost == pytest.approx(row.annual_turnover * 1e-3)
    table = np.column_stack([each.returns for each in report.runs])
    assert report.overfitting == (overfitting(table, 6).probability,)
    plotted = report.plot_data()
    assert len(plotted) == 5 * 140
    assert plotted[plotted.rule == "largest ratio"].growth.iloc[-1] == pytest.approx(path[-1])
    trades = report.trades()
    assert trades[trades.rule == "tree"].turnover.iloc[0] == pytest.approx(1.0)
    told = report.to_dict()
    assert told["as_of"] == history.days[-1].isoformat()
    assert told["base_currency"] == "EUR"
    assert len(told["paths"]) == 5
    assert "50 trials" in report._repr_html_()


def test_costs_only_take_away_and_more_trials_only_deflate() -> None:
    history = market(4)
    free = walked_forward(history, RULES, NoCost(), trials=3, scheme=WALK, blocks=6)
    dear = walked_forward(history, RULES, ProportionalCost(50.0), trials=3, scheme=WALK, blocks=6)
    for one, other in zip(free.runs, dear.runs, strict=True):
        assert one.growth[-1] > other.growth[-1]
        assert (one.returns >= other.returns - 1e-15).all()
    many = walked_forward(
        history, RULES, NoCost(), trials=1000, scheme=WALK, blocks=6,
        trial_variance=free.trial_variance,
    )  # fmt: skip
    few, more = (each.scores.deflated_sharpe[:3].to_numpy(float) for each in (free, many))
    assert (more < few).all()
    assert free.run_id != many.run_id
    assert free.run_id == walked_forward(
        history, RULES, NoCost(), trials=3, scheme=WALK, blocks=6
    ).run_id  # fmt: skip
    with pytest.raises(UserInputError, match="2 trials are said, and 3 rules"):
        walked_forward(history, RULES, NoCost(), trials=2, scheme=WALK)


def test_paths_of_the_combinations_are_whole_and_different() -> None:
    report = crossed(market(5))
    assert FOLDS.paths == 4
    assert len(report.runs) == 5 * 4
    for rule in report.rules:
        runs = report.of(rule)
        assert [run.path for run in runs] == [0, 1, 2, 3]
        assert all(len(run.returns) == DAYS for run in runs)
    mine = report.of("largest ratio")
    assert len({round(float(run.growth[-1]), 12) for run in mine}) == 4
    even = report.of("1/N")
    assert all(run.returns == pytest.approx(even[0].returns, abs=0.0) for run in even)
    frame = report.to_frame().set_index("rule")
    assert frame.sharpe_low["largest ratio"] < frame.sharpe["largest ratio"]
    assert frame.sharpe["largest ratio"] < frame.sharpe_high["largest ratio"]
    assert len(report.overfitting) == 4
    assert report.how.scheme["paths"] == 4


def test_a_path_is_made_of_the_splits_that_tested_its_groups() -> None:
    history = market(6)
    report = crossed(history, RULES[0])
    bounds, on = FOLDS.bounds(DAYS), FOLDS.path_of()
    weights = []
    for fold in FOLDS.folds(DAYS):
        part = history_of(np.array(history.returns[fold.train]))
        known = walked_forward(
            history_of(np.vstack([part.returns, part.returns[:1]])), RULES[:1], NoCost(), trials=1,
            scheme=WalkForward(len(fold.train), 1),
        )  # fmt: skip
        weights.append(known.of("least variance")[0].weights[0])
    for path, run in enumerate(report.of("least variance")):
        for group in range(5):
            split = int(np.flatnonzero(on[:, group] == path)[0])
            place = int(np.flatnonzero(run.traded == bounds[group])[0])
            assert run.weights[place] == pytest.approx(weights[split], abs=1e-12)


@pytest.mark.slow
def test_what_fails_is_told_and_the_book_is_left_alone() -> None:
    table = np.array(market(7).returns)
    table[:80, 4] = np.nan
    impossible = Rule("impossible", MinimumVariance((Box(0.0, 0.24),)))
    report = walked(history_of(table), impossible)
    run = report.of("impossible")[0]
    # Four assets of at most 24 % cannot be whole; when the fifth has a history they can.
    assert run.traded[0] == 140
    assert (run.returns[:80] == 0.0).all()
    failed = [each for each in report.coverage.failures if each.subject.startswith("impossible")]  # type: ignore[union-attr]
    assert len(failed) == 4
    assert failed[0].reason is FailureReason.INVALID_TERMS
    assert "on 2023-03-03" in str(failed[0].subject)
    # 60/40 and 1/N hold what has a history.
    assert report.of("1/N")[0].weights[0] == pytest.approx([0.25, 0.25, 0.25, 0.25, 0.0])
    assert report.of("60/40")[0].weights[0] == pytest.approx([0.2, 0.2, 0.2, 0.4, 0.0])
    never = walked(history_of(table), Rule("never", MinimumVariance((Box(0.0, 0.1),))))
    told = [each.message for each in never.coverage.failures]
    assert "never moves on too few days of path 0 for a deflated Sharpe ratio." in told
    row = next(each for each in never.to_dict()["paths"] if each["rule"] == "never")
    assert row["sharpe"] is None
    assert row["deflated_sharpe"] is None


def test_a_rule_is_told_what_it_holds_and_what_its_benchmark_is() -> None:
    history = market(8)
    slow = Rule("slow", MinimumVariance((Turnover(2.0),)))
    lazy = Rule("lazy", MinimumVariance((Turnover(0.05), Box(0.0, 1.0))))
    bench = Rule(
        "market",
        MaximumSharpe(),
        expected=Equilibrium(aversion=2.5),
        benchmark=dict(zip(NAMES, [0.3, 0.3, 0.2, 0.1, 0.1], strict=True)),
    )
    report = walked(history, slow, lazy, bench)
    first = report.of("lazy")[0]
    # From cash, a turnover of 5 % cannot buy a whole book.
    assert not len(first.traded)
    assert report.of("slow")[0].turnover.max() <= 2.0 + 1e-6
    held = report.of("market")[0]
    assert held.weights == pytest.approx(np.tile([0.3, 0.3, 0.2, 0.1, 0.1], (7, 1)), abs=1e-9)
    # After the first purchase only drift is traded.
    assert held.turnover[0] == pytest.approx(1.0)
    assert held.turnover[1:].max() < 0.2


@pytest.mark.slow
def test_a_true_edge_is_seen_and_noise_is_not() -> None:
    """Assets of which one earns, and assets that are all the same luck."""
    rng = np.random.default_rng(2)
    noise = rng.standard_normal((1500, 6)) * 0.01
    noise -= noise.mean(axis=0)
    edge = noise.copy()
    edge[:, 2] += 0.002
    rules = (
        Rule("ratio", MaximumSharpe(), expected=SampleMean()),
        Rule("least", MinimumVariance()),
    )
    scheme = WalkForward(250, 50)
    found = {
        name: walked_forward(history_of(table), rules, ProportionalCost(2.0), trials=20,
                             scheme=scheme)
        for name, table in (("edge", edge), ("noise", noise))
    }  # fmt: skip
    scores = {name: each.scores.set_index("rule") for name, each in found.items()}
    assert scores["edge"].deflated_sharpe["ratio"] > 0.9
    assert scores["noise"].deflated_sharpe["ratio"] < 0.6
    assert found["edge"].beside("1/N").set_index("rule").median_gain["ratio"] > 0.5


def test_wrong_questions() -> None:
    history = market()
    with pytest.raises(UserInputError, match="no rule"):
        walked_forward(history, (), NoCost(), trials=1)
    for bad in ("1/N", "60/40", ""):
        with pytest.raises(UserInputError, match="name of its own"):
            walked(history, Rule(bad, MinimumVariance()))
    with pytest.raises(UserInputError, match="name of its own"):
        walked(history, RULES[0], RULES[0])
    with pytest.raises(UserInputError, match="too few to train"):
        walked(history, scheme=WalkForward(300))
    with pytest.raises(UserInputError, match="Train on 2 days"):
        WalkForward(1)
    with pytest.raises(UserInputError, match="Rebalanced every"):
        cross_validated(history, RULES, NoCost(), trials=3, every=0)
    with pytest.raises(UserInputError, match="equity and a bond"):
        SixtyForty(("A", "B"), ("B",))
    short = replace(
        history, returns=history.returns[:70], days=history.days[:70]
    )  # fmt: skip
    report = walked(short, scheme=WalkForward(60, 5))
    assert report.probability_of_overfitting is None
    assert "overfitting is not known" in report.coverage.failures[-1].message
    assert report.to_dict()["probability_of_overfitting"] is None
