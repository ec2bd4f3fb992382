"""Holdings times unit exposures: sums over slices, money of futures, what is not covered."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskplatform.domain.instruments import Equity, Instrument
from riskplatform.errors import UnknownNameError, UserInputError
from riskplatform.pricing.exposures.book import Exposures, book_exposures
from riskplatform.pricing.exposures.measures import SUMMED
from riskplatform.pricing.exposures.units import unit_exposures
from riskplatform.pricing.units.book import unit_book
from riskplatform.pricing.valuation import value_lines
from tests.pricing.units.listed_market import PRICES, OptionDraw, basics, listed_market


def instruments() -> list[Instrument]:
    draw = OptionDraw(21)
    options = [draw.european(name) for name in ("SHARE", "INDEX", "BTC")]
    unlisted = Equity(instrument_id="PRIVATE", name="private", currency="USD")
    return [*basics(), *options, unlisted]


def positions(order: list[int] | None = None) -> pd.DataFrame:
    """Two books; one holds futures whose price has not been paid."""
    rows = [
        ("A", "SHARE", 100.0, 0.0),
        ("A", "INDEX.F", 3.0, -3.0 * 50 * 5200.0),
        ("B", "EUR.F", -2.0, 2.0 * 50 * 1.12),
        ("B", "SHARE", -40.0, 0.0),
        ("B", "O1", 10.0, 0.0),
        ("B", "O3", -1.0, 0.0),
        ("B", "CASH.EUR", 5_000.0, 0.0),
        ("B", "PRIVATE", 7.0, 0.0),
    ]
    chosen = [rows[i] for i in order or range(len(rows))]
    names = ["portfolio_id", "instrument_id", "quantity", "balance"]
    return pd.DataFrame(chosen, columns=names)


def exposures(order: list[int] | None = None, base_currency: str = "USD") -> Exposures:
    known = {each.instrument_id: each for each in instruments()}
    market = listed_market().with_(prices={"O1": 4.0, "O3": 900.0})
    valuation = value_lines(positions(order), known, market, base_currency=base_currency, inputs={})
    units = unit_exposures(unit_book(known.values(), market, terms=known), base_currency)
    return book_exposures(valuation, units, valuation.provenance)


def test_the_model_value_of_a_future_is_what_it_gained() -> None:
    lines = exposures().lines.set_index(["portfolio_id", "instrument_id"])
    gained = 3.0 * 50 * (PRICES["INDEX.F"] - 5200.0)
    assert lines.loc[("A", "INDEX.F"), "model_value"] == pytest.approx(gained, rel=1e-9)
    assert lines.loc[("A", "INDEX.F"), "value"] == pytest.approx(gained, rel=1e-9)


def test_a_future_exposes_its_whole_size_to_the_price_and_its_gain_to_the_currency() -> None:
    found = exposures(base_currency="EUR")
    delta = found.ladder("delta", "portfolio_id").set_index(["portfolio_id", "factor_id"])["value"]
    whole = 3.0 * 50 * PRICES["INDEX.F"] / 1.08
    assert delta.loc[("A", "INDEX")] == pytest.approx(whole, rel=0.02)  # dividends move less
    fx = found.ladder("fx_delta", "instrument_id").set_index(["instrument_id", "factor_id"])
    gained = 3.0 * 50 * (PRICES["INDEX.F"] - 5200.0) / 1.08
    assert fx.loc[("INDEX.F", "USD"), "value"] == pytest.approx(gained, rel=1e-9)


def test_slices_sum_to_the_whole() -> None:
    found = exposures()
    totals = found.totals()
    for slices in (("asset_class",), ("portfolio_id", "kind"), ("instrument_id",)):
        table = found.by(*slices, measures=SUMMED)
        for name in SUMMED:
            assert table[name].sum() == pytest.approx(totals[name], rel=1e-12, abs=1e-9)
    for name in SUMMED:
        whole = found.ladder(name)["value"].sum()
        parts = found.ladder(name, "portfolio_id", "currency")["value"].sum()
        assert whole == pytest.approx(totals[name], rel=1e-12, abs=1e-9)
        assert parts == pytest.approx(totals[name], rel=1e-12, abs=1e-9)
    long = found.to_frame().groupby("measure")["value"].sum()
    assert long["delta"] == pytest.approx(totals["delta"], rel=1e-12)


def test_in_long_form_the_money_of_a_future_is_its_own() -> None:
    found = exposures(base_currency="EUR")
    long = found.to_frame()
    fx = long[(long["measure"] == "fx_delta") & (long["instrument_id"] == "INDEX.F")]
    gained = 3.0 * 50 * (PRICES["INDEX.F"] - 5200.0) / 1.08
    assert fx["value"].sum() == pytest.approx(gained, rel=1e-9)


def test_a_group_of_which_nothing_is_known_is_not_nothing() -> None:
    row = exposures().by("instrument_id").set_index("instrument_id").loc["PRIVATE"]
    assert np.isnan(row["value"])
    assert np.isnan(row["model_value"])
    assert row["not_covered"] == 1


@pytest.mark.slow
@given(order=st.permutations(range(8)))
def test_the_order_of_lines_changes_nothing(order: list[int]) -> None:
    one, other = exposures().by("kind"), exposures(order).by("kind")
    both = one.merge(other, on="kind", suffixes=("", "_other"))
    for name in ("value", "delta", "vega", "fx_delta"):
        assert both[name].to_numpy() == pytest.approx(both[f"{name}_other"].to_numpy(), rel=1e-12)


def test_what_is_not_covered_says_why_and_has_no_value_made_up() -> None:
    missing = exposures().not_covered()
    assert list(missing["instrument_id"]) == ["PRIVATE"]
    assert missing["reason"].item() == "missing data"
    assert np.isnan(missing["value"].item())
    assert "PRIVATE" in missing["message"].item()


def test_gaps_between_model_and_mark_are_listed_largest_first() -> None:
    gaps = exposures().gaps(0.01)
    assert set(gaps["instrument_id"]) == {"O1", "O3"}
    assert gaps["gap"].abs().is_monotonic_decreasing
    assert (gaps["gap"] == gaps["model_value"] - gaps["value"]).all()


def test_wrong_names_are_refused_with_the_nearest() -> None:
    found = exposures()
    with pytest.raises(UnknownNameError, match="dv01"):
        found.ladder("dv1")
    with pytest.raises(UserInputError, match="overlap"):
        found.by("kind", measures=["beta"])
    with pytest.raises(UnknownNameError, match="asset_class"):
        found.by("asset_clas")


def test_an_empty_book_is_nothing() -> None:
    found = exposures()
    empty = replace(found, lines=found.lines.iloc[:0], holdings=found.holdings[:0])
    assert empty.by("asset_class").empty
    assert empty.covered_share == 1.0
    assert empty.totals()["delta"] == 0.0
    assert empty.not_covered().empty
