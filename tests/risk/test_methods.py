"""Methods side by side: each against its formula, and the answers to what cannot be measured."""

from __future__ import annotations

import json

import numpy as np
import pytest
from scipy import stats

from riskplatform.domain.outcome import Failure, FailureReason
from riskplatform.errors import DataError, UnknownNameError, UserInputError
from riskplatform.risk.figures import RiskFigures
from riskplatform.risk.methods import METHODS, OF_HISTORY, measure, side_by_side
from riskplatform.risk.quantiles import var_and_es
from riskplatform.risk.sample import Question, Sample
from riskplatform.risk.student_fit import fit_student, student_intervals

RNG = np.random.default_rng(1)


def garch_history(days: int = 1_200) -> np.ndarray:
    """P&L whose volatility is quiet for long and then doubles."""
    level = np.where(np.arange(days) < days - 60, 1.0, 2.5)
    return RNG.standard_t(6, days) * level * 1e4


PNL = garch_history()


def figures(method: str, *args: object, **more: object) -> RiskFigures:
    found = measure(method, *args, **more)  # type: ignore[arg-type]
    assert isinstance(found, RiskFigures), found
    return found


def test_all_methods_answer_a_history() -> None:
    table = side_by_side(PNL, is_history=True)
    assert [each.method for each in table.figures] == list(OF_HISTORY)
    assert table.coverage.is_complete
    for found in table.figures:
        assert found.es >= found.var > 0
        assert found.var_interval is not None
        assert found.var_interval.low <= found.var <= found.var_interval.high
        assert found.confidence == 0.99
        json.dumps(found.to_dict(), allow_nan=False)
    frame = table.to_frame()
    assert len(frame) == len(OF_HISTORY)
    assert {"var", "var_low", "var_high", "es", "rule", "notes"} <= set(frame.columns)
    # The market has become wilder: methods that look at today say so.
    plain = table["historical"].var
    for name in ("age_weighted", "volatility_scaled", "filtered_historical"):
        assert table[name].var > 1.3 * plain
    assert "historical" in table._repr_html_()
    assert "VaR" in str(table["normal"])


def test_historical_is_the_quantile_and_monte_carlo_too() -> None:
    exact = var_and_es(PNL, 0.975)
    for name, more in (("historical", {"is_history": True}), ("monte_carlo", {})):
        found = figures(name, PNL, Question(confidence=0.975), **more)
        assert (found.var, found.es) == (float(exact.var), float(exact.es))
        assert (found.scenarios, found.effective_sample_size) == (1_200, 1_200.0)
        assert found.rule == "hull"
    asked = figures("historical", PNL, Question(rule="interpolated"), is_history=True)
    assert asked.var == pytest.approx(np.quantile(-PNL, 0.99))
    aged = figures("age_weighted", PNL, Question(rule="interpolated"), is_history=True)
    assert "knows no weights" in aged.notes[0]
    weights = RNG.exponential(size=1_200)
    weighted = figures("monte_carlo", PNL, weights=weights / weights.sum())
    assert weighted.rule == "weighted"
    assert weighted.effective_sample_size < 900


def test_age_weights_by_hand() -> None:
    asked = Question(confidence=0.95, age_decay=0.99)
    found = figures("age_weighted", PNL, asked, is_history=True)
    weights = 0.99 ** np.arange(1_199, -1, -1)
    exact = var_and_es(PNL, 0.95, weights / weights.sum())
    assert (found.var, found.es) == pytest.approx((float(exact.var), float(exact.es)))


def test_one_day_of_exponential_filter_is_volatility_scaling() -> None:
    """Up to how the variance starts, which twenty days and a decay forget."""
    one, other = (
        figures(name, PNL, is_history=True)
        for name in ("volatility_scaled", "filtered_historical_ewma")
    )
    assert one.var == pytest.approx(other.var, rel=0.01)
    assert one.details["volatility_today"] == pytest.approx(other.details["volatility_today"])


def test_filtered_history_finds_the_volatility_of_today() -> None:
    found = figures("filtered_historical", PNL, is_history=True)
    assert found.details["volatility_today"] > 1.4 * PNL.std()  # type: ignore[operator]
    assert 0.5 < found.details["persistence"] <= 1.0  # type: ignore[operator]
    assert any("start the filter" in note for note in found.notes)


def test_several_days_are_simulated_with_a_seed_and_scaled_without() -> None:
    ask = {"horizon_days": 10.0, "confidence": 0.99}
    drawn, again = (
        figures("filtered_historical", PNL, Question(seed=3, **ask), is_history=True)
        for _ in range(2)
    )
    assert drawn == again
    assert drawn.scaling is None
    assert drawn.scenarios == 10_000
    scaled = figures("filtered_historical", PNL, Question(**ask), is_history=True)
    assert scaled.scaling is not None
    assert "square root of time from 1 to 10 days" in scaled.scaling
    # Volatility falls back from today's height, so ten days are less than the root of ten.
    assert drawn.var < scaled.var
    one = figures("historical", PNL, is_history=True)
    ten = figures("historical", PNL, Question(**ask), is_history=True)
    assert ten.var == pytest.approx(np.sqrt(10) * one.var)
    assert ten.mean == pytest.approx(10 * one.mean)
    assert ten.var_interval.high == pytest.approx(np.sqrt(10) * one.var_interval.high)  # type: ignore[union-attr]


def test_fitted_distributions_find_the_truth() -> None:
    """20,000 draws of a t with 5 degrees: t, evt and their intervals; the normal is too low."""
    draws = stats.t.rvs(5, size=20_000, random_state=np.random.default_rng(2))
    exact = stats.t.ppf(0.995, 5)
    asked = Question(confidence=0.995)
    for name in ("student_t", "evt", "evt_pwm"):
        found = figures(name, draws, asked)
        assert found.var == pytest.approx(exact, rel=0.06)
        assert found.var_interval.low < exact < found.var_interval.high  # type: ignore[union-attr]
    assert figures("student_t", draws).details["degrees"] == pytest.approx(5, rel=0.1)
    normal = figures("normal", draws, asked)
    assert normal.var_interval.high < exact  # type: ignore[union-attr]
    by_hand = stats.norm.ppf(0.995) * draws.std(ddof=1) - draws.mean()
    assert normal.var == pytest.approx(by_hand, rel=1e-9)


def test_the_fit_of_a_t_is_that_of_scipy() -> None:
    draws = stats.t.rvs(4, loc=2, scale=3, size=1_500, random_state=np.random.default_rng(3))
    found = fit_student(draws, np.full(1_500, 1 / 1_500))
    assert (found.degrees, found.location, found.scale) == pytest.approx(
        stats.t.fit(draws), rel=1e-3
    )
    # A scenario of double weight is one that stands there twice.
    raw = np.ones(1_500)
    raw[:300] = 2.0
    by_weight = fit_student(draws, raw / raw.sum())
    longer = np.append(draws, draws[:300])
    assert by_weight == pytest.approx(fit_student(longer, np.full(1_800, 1 / 1_800)), rel=1e-4)


def test_cornish_fisher_reports_its_region_and_refuses_beyond_it() -> None:
    mild = figures("cornish_fisher", RNG.standard_t(12, 5_000) * 100)
    assert mild.details["is_valid"] is True
    assert mild.notes == ()
    skewed = -RNG.chisquare(3, 5_000)
    outside = figures("cornish_fisher", skewed)
    assert outside.details["is_valid"] is False
    assert "outside its region" in outside.notes[0]
    refused = measure("cornish_fisher", -skewed)
    assert isinstance(refused, Failure)
    assert "not to be used" in refused.message


@pytest.mark.parametrize("method", METHODS)
def test_what_cannot_be_measured_has_a_reason(method: str) -> None:
    history = {"is_history": method != "monte_carlo"}
    ask = Question(confidence=0.999)
    ten = measure(method, RNG.standard_normal(10), ask, **history)
    assert isinstance(ten, Failure)
    assert ten.subject == method
    assert "10 " in ten.message
    zero = measure(method, np.zeros(500), **history)
    assert isinstance(zero, Failure)
    assert zero.reason is FailureReason.INVALID_DATA
    assert "All 500 P&L are zero" in zero.message
    broken = PNL.copy()
    broken[7] = np.nan
    labels = [f"day {i}" for i in range(1_200)]
    named = measure(method, Sample(broken, labels=labels, **history))
    assert isinstance(named, Failure)
    assert "1 of 1,200 places: day 7" in named.message
    empty = measure(method, [], **history)
    assert isinstance(empty, Failure)
    assert "empty" in empty.message


def test_ten_scenarios_at_one_in_a_thousand() -> None:
    found = measure("historical", RNG.standard_normal(10), Question(confidence=0.999))
    assert isinstance(found, Failure)
    assert found.message == (
        "10 scenarios hold 0.01 in the tail beyond 0.999; at least 1 is needed, which takes 1,000 "
        "scenarios"
    )


def test_order_is_asked_for_where_it_is_needed() -> None:
    for name in ("age_weighted", "volatility_scaled", "filtered_historical"):
        found = measure(name, PNL)
        assert isinstance(found, Failure)
        assert found.reason is FailureReason.NOT_SUPPORTED
    assert isinstance(measure("monte_carlo", PNL, is_history=True), Failure)
    table = side_by_side(PNL, methods=("historical", "age_weighted"))
    assert len(table.figures) == len(table.failures) == 1
    assert table.to_frame()["notes"].iloc[1].startswith("This method weighs days")
    assert not table.coverage.is_complete


def test_bad_questions() -> None:
    with pytest.raises(UserInputError, match=r"not a percentage: 0\.99"):
        Question(confidence=99)
    with pytest.raises(UserInputError, match="number above 0"):
        Question(horizon_days=0)
    with pytest.raises(UserInputError, match="needs a seed"):
        Question(interval="bootstrap")
    with pytest.raises(UnknownNameError, match="Did you mean historical"):
        measure("historcal", PNL)
    with pytest.raises(UserInputError, match="one vector"):
        measure("historical", np.ones((2, 5)))
    with pytest.raises(UserInputError, match="labels for"):
        Sample(PNL, labels=["a"])


def test_figures_are_consistent_or_refused() -> None:
    found = figures("historical", PNL, is_history=True)
    with pytest.raises(DataError, match="below the VaR"):
        RiskFigures(
            method="x", rule="y", confidence=0.99, horizon_days=1, var=2.0, es=1.0, volatility=1.0,
            mean=0.0, scenarios=1, effective_sample_size=1.0,
        )  # fmt: skip
    assert found.scaled_to(1.0) is found
    assert found.to_frame()["var"].iloc[0] == found.var
    assert found.with_notes("seen").notes[-1] == "seen"


@pytest.mark.slow
def test_coverage_of_the_fitted_t() -> None:
    rng, hits, runs = np.random.default_rng(5), np.zeros(2), 400
    var, shares = stats.t.ppf(0.99, 5), np.full(1_000, 1e-3)
    es = stats.t.pdf(var, 5) / 0.01 * (5 + var**2) / 4
    for draws in rng.standard_t(5, (runs, 1_000)):
        found = student_intervals(fit_student(draws, shares), draws, shares, 0.99, 0.95)
        hits += [found.var.low <= var <= found.var.high, found.es.low <= es <= found.es.high]
    assert (hits / runs >= 0.91).all()
    assert (hits / runs <= 0.98).all()
