"""FX: triangulation is stated, round trips are exact, quotes that disagree are named."""

from __future__ import annotations

import pickle
from datetime import date
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskplatform.domain.outcome import FailureReason
from riskplatform.errors import DataError, MissingDataError
from riskplatform.market.fx import FxMatrix, fx_from_quotes

DAY = date(2024, 6, 3)
PRICES = {"EUR": 1.09, "JPY": 0.0064, "GBP": 1.28, "CHF": 1.11}
RATES = st.floats(min_value=1e-5, max_value=1e5)


def test_rates_are_ratios_of_prices() -> None:
    fx = FxMatrix(DAY, PRICES)
    assert fx.rate("EUR", "USD") == 1.09
    assert fx.rate("EUR", "JPY") == pytest.approx(1.09 / 0.0064, rel=1e-15)
    assert fx.convert(100.0, "GBP", "CHF") == pytest.approx(100 * 1.28 / 1.11, rel=1e-15)
    np.testing.assert_allclose(fx.rates(["EUR", "USD"], "GBP"), [1.09 / 1.28, 1 / 1.28], rtol=1e-15)


@pytest.mark.parametrize(
    ("source", "target", "path"),
    [
        ("EUR", "JPY", ("EUR", "USD", "JPY")),
        ("EUR", "USD", ("EUR", "USD")),
        ("USD", "JPY", ("USD", "JPY")),
        ("EUR", "EUR", ("EUR",)),
    ],
)
def test_the_path_states_the_triangulation(source: str, target: str, path: tuple[str, ...]) -> None:
    assert FxMatrix(DAY, PRICES).path(source, target) == path


@given(a=RATES, b=RATES, amount=st.floats(min_value=1e-6, max_value=1e12))
def test_round_trips_are_exact(a: float, b: float, amount: float) -> None:
    fx = FxMatrix(DAY, {"EUR": a, "JPY": b})
    back = fx.convert(fx.convert(amount, "EUR", "JPY"), "JPY", "EUR")
    assert back == pytest.approx(amount, rel=1e-15)
    assert fx.rate("EUR", "JPY") * fx.rate("JPY", "EUR") == pytest.approx(1.0, rel=1e-15)


@given(st.lists(RATES, min_size=3, max_size=3))
def test_no_triangle_gains(prices: list[float]) -> None:
    fx = FxMatrix(DAY, dict(zip(("EUR", "JPY", "GBP"), prices, strict=True)))
    for a, b, c in permutations(fx.currencies, 3):
        assert fx.rate(a, b) * fx.rate(b, c) * fx.rate(c, a) == pytest.approx(1.0, rel=1e-14)


def test_a_missing_currency_names_itself_and_who_needed_it() -> None:
    with pytest.raises(MissingDataError, match=r"EQ\.SAP needs the exchange rate of SEK") as caught:
        FxMatrix(DAY, PRICES).rate("SEK", "USD", needed_by="EQ.SAP")
    assert "CHF, EUR, GBP, JPY, USD" in str(caught.value)


@pytest.mark.parametrize("bad", [0.0, -1.0, float("nan"), float("inf")])
def test_a_price_that_is_none_is_refused(bad: float) -> None:
    with pytest.raises(DataError, match="EUR"):
        FxMatrix(DAY, {"EUR": bad})


def test_the_pivot_costs_one() -> None:
    with pytest.raises(DataError, match="not 1"):
        FxMatrix(DAY, {"USD": 1.1})


def test_the_matrix_cannot_be_changed_but_replaced_and_pickled() -> None:
    fx = FxMatrix(DAY, PRICES, quoted_on={"EUR": date(2024, 5, 20)})
    with pytest.raises(TypeError):
        fx.usd_per_unit["EUR"] = 2.0  # type: ignore[index] # the point of the test
    moved = fx.with_prices({"EUR": 1.2})
    assert (moved.rate("EUR", "USD"), fx.rate("EUR", "USD")) == (1.2, 1.09)
    assert "EUR" not in moved.quoted_on
    assert pickle.loads(pickle.dumps(fx)) == fx
    assert moved != fx


def test_quotes_of_any_pair_build_the_matrix() -> None:
    quotes = {("EUR", "USD"): 1.10, ("USD", "JPY"): 150.0, ("EUR", "NOK"): 11.5}
    fx, failures = fx_from_quotes(DAY, quotes)
    assert failures == ()
    assert fx.rate("EUR", "JPY") == pytest.approx(165.0)
    assert fx.rate("USD", "NOK") == pytest.approx(11.5 / 1.10)


def test_a_triangle_that_disagrees_is_named_by_its_three_quotes() -> None:
    quotes = {("EUR", "USD"): 1.10, ("USD", "JPY"): 150.0, ("EUR", "JPY"): 170.0}
    fx, (failure,) = fx_from_quotes(DAY, quotes)
    assert failure.reason is FailureReason.INVALID_DATA
    assert failure.subject == "EURJPY"
    for text in ("EURUSD 1.1", "USDJPY 150", "EURJPY 170", "2.99%"):  # ln(170/165)
        assert text in failure.message
    assert fx.rate("EUR", "JPY") == pytest.approx(165.0)  # the cross was not used


def test_a_cross_within_the_tolerance_is_silent() -> None:
    quotes = {("EUR", "USD"): 1.10, ("USD", "JPY"): 150.0, ("EUR", "JPY"): 165.1}
    assert fx_from_quotes(DAY, quotes)[1] == ()
    assert len(fx_from_quotes(DAY, quotes, tolerance=1e-4)[1]) == 1


def test_both_directions_of_a_pair_are_held_against_each_other() -> None:
    quotes = {("EUR", "USD"): 1.10, ("USD", "EUR"): 0.80}
    _, (failure,) = fx_from_quotes(DAY, quotes)
    assert "EURUSD 1.1, USDEUR 0.8" in failure.message


def test_bad_and_unconnected_quotes_are_reasons() -> None:
    quotes = {("EUR", "USD"): float("nan"), ("SEK", "NOK"): 1.01, ("GBP", "USD"): 1.3}
    fx, failures = fx_from_quotes(DAY, quotes)
    assert fx.currencies == ("GBP", "USD")
    assert {failure.subject for failure in failures} == {"EURUSD", "SEKNOK"}


@given(st.dictionaries(st.sampled_from(["EUR", "JPY", "GBP", "CHF"]), RATES, min_size=2))
def test_consistent_quotes_give_back_their_prices(prices: dict[str, float]) -> None:
    full = {**prices, "USD": 1.0}
    quotes = {(a, b): full[a] / full[b] for a, b in permutations(full, 2)}
    fx, failures = fx_from_quotes(DAY, quotes)
    assert failures == ()
    for currency, price in prices.items():
        assert fx.rate(currency, "USD") == pytest.approx(price, rel=1e-12)
