"""Bootstraps against QuantLib's piecewise curves, exact repricing, histories and refusals."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
import QuantLib as ql

from riskplatform.domain.outcome import Failure, FailureReason
from riskplatform.errors import TermsError, UserInputError
from riskplatform.market.bootstrap import (
    Bootstrapped,
    CurveHistory,
    bootstrap,
    bootstrap_history,
)
from riskplatform.market.calendars import business_calendar
from riskplatform.market.curve_recipes import CurveRecipe, ois_recipe, projection_recipe
from riskplatform.market.interpolation import Interpolation
from riskplatform.market.rate_conventions import CONVENTIONS, rate_convention
from riskplatform.market.rate_instruments import Deposit, Fra, Future, ParSwap, imm_wednesdays
from riskplatform.market.tenors import tenor_years

AS_OF = date(2026, 11, 18)
LOCAL = [Interpolation.LINEAR_ZERO, Interpolation.LOG_LINEAR_DISCOUNT]
# The shape of the dollar curve in a year of expected cuts: falling to 3 years, rising after.
USD_OIS = {
    "DEP 1D": 0.0432, "SWAP 1W": 0.04325, "SWAP 2W": 0.04324, "SWAP 1M": 0.0431,
    "SWAP 2M": 0.0428, "SWAP 3M": 0.0424, "SWAP 6M": 0.0411, "SWAP 9M": 0.0399, "SWAP 1Y": 0.0388,
    "SWAP 18M": 0.0371, "SWAP 2Y": 0.0362, "SWAP 3Y": 0.0356, "SWAP 4Y": 0.0357, "SWAP 5Y": 0.0360,
    "SWAP 6Y": 0.0364, "SWAP 7Y": 0.0368, "SWAP 8Y": 0.0372, "SWAP 9Y": 0.0376, "SWAP 10Y": 0.0380,
    "SWAP 12Y": 0.0387, "SWAP 15Y": 0.0394, "SWAP 20Y": 0.0397, "SWAP 25Y": 0.0393,
    "SWAP 30Y": 0.0387, "SWAP 40Y": 0.0373, "SWAP 50Y": 0.0360,
}  # fmt: skip
EUR_OIS = {label: rate - 0.0175 for label, rate in USD_OIS.items()}
EURIBOR_6M = {
    "DEP 6M": 0.0252, "FRA 3x9": 0.0244, "FRA 6x12": 0.0239, "FRA 9x15": 0.0237,
    "FRA 12x18": 0.0238, "SWAP 2Y": 0.0240, "SWAP 3Y": 0.0243, "SWAP 4Y": 0.0247,
    "SWAP 5Y": 0.0251, "SWAP 6Y": 0.0255, "SWAP 7Y": 0.0259, "SWAP 8Y": 0.0262, "SWAP 9Y": 0.0265,
    "SWAP 10Y": 0.0268, "SWAP 12Y": 0.0273, "SWAP 15Y": 0.0278, "SWAP 20Y": 0.0279,
    "SWAP 25Y": 0.0275, "SWAP 30Y": 0.0271, "SWAP 40Y": 0.0262, "SWAP 50Y": 0.0255,
}  # fmt: skip
PIECEWISE = {
    Interpolation.LINEAR_ZERO: ql.PiecewiseLinearZero,
    Interpolation.LOG_LINEAR_DISCOUNT: ql.PiecewiseLogLinearDiscount,
    Interpolation.MONOTONE_CUBIC_LOG_DISCOUNT: ql.PiecewiseLogCubicDiscount,
}


def ql_date(day: date) -> ql.Date:
    return ql.Date(day.day, day.month, day.year)


def made(outcome: Bootstrapped | Failure) -> Bootstrapped:
    assert isinstance(outcome, Bootstrapped), outcome
    return outcome


def failed(outcome: object) -> Failure:
    assert isinstance(outcome, Failure), outcome
    return outcome


def overnight_index(calendar: ql.Calendar, day_count: ql.DayCounter) -> ql.OvernightIndex:
    return ql.OvernightIndex("ON", 0, ql.USDCurrency(), calendar, day_count)


def ois_helpers(
    quotes: dict[str, float], calendar: ql.Calendar, day_count: ql.DayCounter, spot: int, lag: int
) -> list[ql.RateHelper]:
    index = overnight_index(calendar, day_count)
    helpers: list[ql.RateHelper] = [
        ql.DepositRateHelper(
            quotes["DEP 1D"], ql.Period("1D"), 0, calendar, ql.Following, False, day_count
        )
    ]
    for label, rate in quotes.items():
        if label.startswith("SWAP"):
            helpers.append(
                ql.OISRateHelper(
                    spot, ql.Period(label.split()[1]), rate, index,
                    telescopicValueDates=True, paymentLag=lag, pillar=ql.Pillar.MaturityDate,
                    endOfMonth=False,
                )
            )  # fmt: skip
    return helpers


def quantlib_curve(rule: Interpolation, helpers: list[ql.RateHelper]) -> ql.YieldTermStructure:
    make = PIECEWISE[rule]
    solver = ql.IterativeBootstrap(accuracy=1e-15)
    curve = make(ql_date(AS_OF), helpers, ql.Actual365Fixed(), solver)
    curve.enableExtrapolation()
    return curve


@pytest.fixture(autouse=True)
def _today() -> None:
    ql.Settings.instance().evaluationDate = ql_date(AS_OF)


CASES = {
    "USD.OIS": (USD_OIS, ql.UnitedStates(ql.UnitedStates.GovernmentBond), ql.Actual360(), 2, 2),
    "EUR.OIS": (EUR_OIS, ql.TARGET(), ql.Actual360(), 2, 1),
    "GBP.OIS": (USD_OIS, ql.UnitedKingdom(ql.UnitedKingdom.Settlement), ql.Actual365Fixed(), 0, 0),
}


@pytest.mark.parametrize("rule", Interpolation)
@pytest.mark.parametrize("curve_id", CASES)
def test_ois_curves_are_quantlibs(curve_id: str, rule: Interpolation) -> None:
    quotes, calendar, day_count, spot, lag = CASES[curve_id]
    ours = made(bootstrap(ois_recipe(curve_id, rule), AS_OF, quotes)).curve
    theirs = quantlib_curve(rule, ois_helpers(quotes, calendar, day_count, spot, lag))
    # The last payment comes two days after the last node, where our linear rule is flat in the
    # zero rate and QuantLib's in the forward: the last node differs, by 1e-6 of a discount factor.
    last = ours.times[-2 if rule is Interpolation.LINEAR_ZERO and lag else -1]
    at = np.concatenate([ours.times, np.linspace(0.05, 49.5, 120)])
    at = at[at <= last]
    expected = [theirs.discount(float(t)) for t in at]
    assert ours.discount(at) == pytest.approx(expected, abs=1e-10, rel=0)


@pytest.mark.parametrize("rule", LOCAL)
def test_projection_under_ois_discounting_is_quantlibs(rule: Interpolation) -> None:
    discount = made(bootstrap(ois_recipe("EUR.OIS"), AS_OF, EUR_OIS)).curve
    recipe = projection_recipe("EUR.6M", "EUR.OIS", rule)
    ours = made(bootstrap(recipe, AS_OF, EURIBOR_6M, discount)).curve
    helpers = ois_helpers(EUR_OIS, ql.TARGET(), ql.Actual360(), 2, 1)
    ois = quantlib_curve(Interpolation.LOG_LINEAR_DISCOUNT, helpers)
    index = ql.Euribor6M()
    helpers = [ql.DepositRateHelper(EURIBOR_6M["DEP 6M"], index)]
    for label, rate in EURIBOR_6M.items():
        kind, term = label.split()
        if kind == "FRA":
            start = int(term.split("x")[0])
            helpers.append(
                ql.FraRateHelper(
                    rate, start, start + 6, 2, ql.TARGET(), ql.ModifiedFollowing, True,
                    ql.Actual360(), ql.Pillar.LastRelevantDate, ql.Date(), False,
                )
            )  # fmt: skip
        elif kind == "SWAP":
            helpers.append(
                ql.SwapRateHelper(
                    rate, ql.Period(term), ql.TARGET(), ql.Annual, ql.ModifiedFollowing,
                    ql.Thirty360(ql.Thirty360.USA), index, ql.QuoteHandle(), ql.Period(0, ql.Days),
                    ql.YieldTermStructureHandle(ois),
                )
            )  # fmt: skip
    theirs = quantlib_curve(rule, helpers)
    at = np.concatenate([ours.times, np.linspace(0.6, 49.5, 120)])
    expected = [theirs.discount(float(t)) for t in at]
    assert ours.discount(at) == pytest.approx(expected, abs=1e-10, rel=0)


@pytest.mark.parametrize("rule", Interpolation)
@pytest.mark.parametrize("curve_id", [name for name in CONVENTIONS if name.endswith(".OIS")])
def test_every_quote_reprices(curve_id: str, rule: Interpolation) -> None:
    result = made(bootstrap(ois_recipe(curve_id, rule), AS_OF, USD_OIS))
    assert result.worst_error < 1e-12
    assert [reprice.label for reprice in result.reprices] == list(USD_OIS)
    assert result.reprices[5].quote == USD_OIS["SWAP 3M"]
    assert result.reprices[5].pillar.month == (result.reprices[3].pillar.month + 1) % 12 + 1


def test_a_swap_valued_by_hand_has_its_quote() -> None:
    """The 2-year sterling swap: annual, no lag, Act/365F, from the schedule's own dates."""
    curve = made(bootstrap(ois_recipe("GBP.OIS"), AS_OF, USD_OIS)).curve
    days = [0, (date(2027, 11, 18) - AS_OF).days, (date(2028, 11, 20) - AS_OF).days]
    # 18 November 2028 is a Saturday, so the last payment is on Monday the 20th.
    times = np.array(days) / 365
    rate = curve.par_swap_rate(times[1:], np.diff(times))
    assert rate == pytest.approx(USD_OIS["SWAP 2Y"], abs=1e-14)


def test_futures_give_their_rate_less_convexity() -> None:
    convention = rate_convention("USD.OIS")
    futures = tuple(Future(number, convexity=1e-5 * number) for number in range(1, 5))
    recipe = CurveRecipe("USD.OIS", convention, (Deposit("1M"), *futures))
    quotes = {"DEP 1M": 0.04} | {f"FUT {n}": 96.0 + 0.05 * n for n in range(1, 5)}
    result = made(bootstrap(recipe, AS_OF, quotes))
    start, end = (
        imm_wednesdays(np.array([AS_OF], dtype="datetime64[D]"), 2),
        imm_wednesdays(np.array([AS_OF], dtype="datetime64[D]"), 3),
    )
    assert (start[0].item(), end[0].item()) == (date(2027, 3, 17), date(2027, 6, 16))
    first, last = ((day[0].item() - AS_OF).days / 365 for day in (start, end))
    forward = result.curve.simple_forward(first, last, accrual=91 / 360)
    assert forward == pytest.approx(0.039 - 2e-5, abs=1e-13)
    assert result.reprices[2].model == pytest.approx(96.1, abs=1e-10)


def test_the_first_imm_date_is_after_today() -> None:
    days = np.array(["2026-12-15", "2026-12-16", "2027-01-04"], dtype="datetime64[D]")
    expected = [date(2026, 12, 16), date(2027, 3, 17), date(2027, 3, 17)]
    assert imm_wednesdays(days, 1).tolist() == expected


def history_of(recipe: CurveRecipe, days: np.ndarray, seed: int) -> tuple[np.ndarray, CurveHistory]:
    rng = np.random.default_rng(seed)
    base = np.array([USD_OIS[label] for label in recipe.labels])
    level = np.cumsum(rng.normal(0, 4e-4, (len(days), 1)), axis=0)
    quotes = base + level + rng.normal(0, 5e-5, (len(days), len(base)))
    return quotes, bootstrap_history(recipe, days, quotes)


@pytest.mark.parametrize("rule", Interpolation)
def test_a_history_is_its_days_one_by_one(rule: Interpolation) -> None:
    recipe = ois_recipe("JPY.OIS", rule)
    # Golden Week: payments of the one-week swap fall behind the two-week node.
    days = business_calendar("JPTO").business_days(date(2025, 4, 14), date(2025, 5, 12))
    quotes, history = history_of(recipe, days, seed=3)
    assert len(history) == len(days)
    assert history.worst_errors.max() < 1e-12
    for row in (0, 7, len(days) - 1):
        alone = made(
            bootstrap(recipe, days[row].item(), dict(zip(recipe.labels, quotes[row], strict=True)))
        ).curve
        assert history.curve(days[row].item()).zero_rates == pytest.approx(
            alone.zero_rates, abs=1e-13
        )


@pytest.mark.slow
@pytest.mark.parametrize("curve_id", [name for name in CONVENTIONS if name.endswith(".OIS")])
def test_ten_years_of_every_currency_reprice(curve_id: str) -> None:
    recipe = ois_recipe(curve_id)
    calendar = business_calendar(recipe.convention.calendar)
    days = calendar.business_days(date(2016, 11, 21), date(2026, 11, 20))[::3]
    _, history = history_of(recipe, days, seed=11)
    assert history.failures == ()
    assert len(history) == len(days)
    assert history.worst_errors.max() < 1e-12


def test_a_bad_day_of_a_history_is_left_out_with_its_reason() -> None:
    recipe = ois_recipe("EUR.OIS")
    days = business_calendar("TARGET").business_days(date(2026, 3, 2), date(2026, 3, 13))
    quotes, _ = history_of(recipe, days, seed=5)
    quotes[2, 4], quotes[5, 12] = np.nan, 3.5
    history = bootstrap_history(recipe, days, quotes)
    assert len(history) == len(days) - 2
    assert np.isfinite(history.zero_rates).all()
    assert [failure.reason for failure in history.failures] == [
        FailureReason.MISSING_DATA, FailureReason.CALCULATION_FAILED,
    ]  # fmt: skip
    missing = failed(history.curve(days[2].item()))
    assert missing.message == "EUR.OIS 2026-03-04 needs a quote of SWAP 2M."
    assert failed(history.curve(date(2026, 3, 7))).reason is FailureReason.MISSING_DATA
    with pytest.raises(UserInputError, match="days by instruments"):
        bootstrap_history(recipe, days, quotes[:, 1:])
    with pytest.raises(UserInputError, match="do not increase"):
        bootstrap_history(recipe, days[::-1], quotes)


def test_a_projection_history_needs_its_discount_day() -> None:
    ois, ibor = ois_recipe("EUR.OIS"), projection_recipe("EUR.6M", "EUR.OIS")
    days = business_calendar("TARGET").business_days(date(2026, 3, 2), date(2026, 3, 6))
    _, discount = history_of(ois, days[:-1], seed=5)
    quotes = np.tile([EURIBOR_6M[label] for label in ibor.labels], (len(days), 1))
    history = bootstrap_history(ibor, days, quotes, discount)
    assert len(history) == len(days) - 1
    assert "needs the discount curve EUR.OIS of that day" in history.failures[0].message


def test_quotes_that_contradict_each_other_are_a_failure() -> None:
    # A 10-year rate of 35% after 3.76% for 9 years needs a negative discount factor.
    outcome = failed(bootstrap(ois_recipe("USD.OIS"), AS_OF, USD_OIS | {"SWAP 10Y": 0.35}))
    assert outcome.reason in (FailureReason.CALCULATION_FAILED, FailureReason.INVALID_DATA)
    assert outcome.subject == "USD.OIS 2026-11-18"
    # Percent instead of decimals.
    percent = {label: 100 * rate for label, rate in USD_OIS.items()}
    assert "wrong unit" in failed(bootstrap(ois_recipe("USD.OIS"), AS_OF, percent)).message


def test_a_jump_in_the_forwards_is_a_failure() -> None:
    outcome = failed(bootstrap(ois_recipe("USD.OIS"), AS_OF, USD_OIS | {"SWAP 8Y": 0.0772}))
    assert outcome.reason is FailureReason.INVALID_DATA
    assert "jumps up to 25%" in outcome.message


def test_missing_quotes_are_named_and_can_be_done_without() -> None:
    fewer = {label: rate for label, rate in USD_OIS.items() if label != "SWAP 7Y"}
    recipe = ois_recipe("USD.OIS")
    assert failed(bootstrap(recipe, AS_OF, fewer)).message.endswith("needs a quote of SWAP 7Y.")
    assert len(made(bootstrap(recipe.only(fewer), AS_OF, fewer)).curve.times) == len(fewer)


def test_two_instruments_with_one_end_are_a_failure() -> None:
    convention = rate_convention("EUR.6M")
    recipe = CurveRecipe("X", convention, (Deposit("6M"), Fra(6, 12), ParSwap("1Y")))
    quotes = {"DEP 6M": 0.02, "FRA 6x12": 0.02, "SWAP 1Y": 0.02}
    assert "end on the same day" in failed(bootstrap(recipe, AS_OF, quotes)).message


def test_recipes_that_contradict_themselves_are_refused() -> None:
    convention = rate_convention("EUR.6M")
    with pytest.raises(TermsError, match="each once"):
        CurveRecipe("X", convention, (ParSwap("2Y"), ParSwap("2Y")))
    with pytest.raises(TermsError, match="FRA 6x6"):
        bootstrap(CurveRecipe("X", convention, (Fra(6, 6),)), AS_OF, {"FRA 6x6": 0.02})


def test_negative_rates_are_a_market() -> None:
    franc = {label: rate - 0.045 - 0.001 * tenor_years(label.split()[1]) ** 0.5
             for label, rate in USD_OIS.items()}  # fmt: skip
    for rule in Interpolation:
        result = made(bootstrap(ois_recipe("CHF.OIS", rule), AS_OF, franc))
        assert result.worst_error < 1e-12
        assert float(result.curve.discount(5.0)) > 1.0
