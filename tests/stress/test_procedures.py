"""Stress tests of procedure on the small book, every number by hand."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from riskplatform.errors import MissingDataError, UnknownNameError, UserInputError
from riskplatform.risk.book import RiskBook
from riskplatform.risk.quantiles import var_and_es
from riskplatform.stress.procedure_closed import exchange_closed
from riskplatform.stress.procedure_gaps import StopLoss, gap_through_stops
from riskplatform.stress.procedure_liquidity import zero_liquidity
from riskplatform.stress.procedure_stale import stale_prices
from tests.risk.limits.small_book import IDS, Traded, small_book

# Firm: 200 AAA at 100, 600 BBB at 50, 1,000 EEE at 22, 2,000 BOND at 10, 7 GHOST without a value.
WORTH = {"AAA": 20_000.0, "BBB": 30_000.0, "EEE": 22_000.0, "BOND": 20_000.0}
GROSS = 92_000.0


@pytest.fixture(scope="module")
def book() -> RiskBook:
    plain = small_book()
    places = ["XNYS", "XNYS", "XETR", None, "XNYS", None, None]
    return replace(
        plain, attributes=plain.attributes.assign(exchange=np.array(places, dtype=object))
    )


def unit_gains(book: RiskBook, name: str) -> np.ndarray:
    """What one unit gains in dollars, by the cube's own row."""
    return book.view().cube.unit_row(IDS.index(name), "USD")


def test_getting_out_when_volumes_dry_up(book: RiskBook) -> None:
    """A tenth of the volume is left and a fifth of that is ours: 20 AAA, 10 BBB, 40 EEE a day."""
    found = zero_liquidity(book, haircuts={"equity": 0.2, "credit": 0.1})
    table = found.to_frame().set_index("instrument_id")
    assert table.loc[["AAA", "BBB", "EEE"], "days"].tolist() == pytest.approx([10, 60, 25])
    assert np.isnan(table["days"]["BOND"])
    assert found.summary["days_to_unwind"] == pytest.approx(60.0)
    assert found.summary["gross_value"] == pytest.approx(GROSS)
    assert found.summary["value_without_volume"] == pytest.approx(20_000.0)
    assert found.summary["haircut_loss"] == pytest.approx(0.2 * 72_000 + 0.1 * 20_000)
    in_five = 20_000 * 5 / 10 + 30_000 * 5 / 60 + 22_000 * 5 / 25
    assert found.summary["share_sold_in_5_days"] == pytest.approx(in_five / GROSS)
    assert found.summary["share_sold_in_20_days"] == pytest.approx(
        (20_000 + 30_000 * 20 / 60 + 22_000 * 20 / 25) / GROSS
    )
    assert {each.subject for each in found.coverage.failures} == {"GHOST", "BOND"}
    assert (found.coverage.done, found.coverage.total) == (3, 5)


def test_with_no_volume_at_all_nothing_is_sold(book: RiskBook) -> None:
    found = zero_liquidity(book, volume_left=0.0)
    assert found.summary["days_to_unwind"] == math.inf
    assert found.summary["share_sold_in_20_days"] == 0.0
    assert found.to_dict()["summary"]["days_to_unwind"] is None


def test_a_what_if_is_a_book_too(book: RiskBook) -> None:
    state = Traded.of(book, {"growth": {"AAA": 200.0}})
    found = zero_liquidity(state, "growth")
    table = found.to_frame().set_index("instrument_id")
    assert table.loc["AAA", "days"] == pytest.approx(500 / 20)
    assert set(table.index) == {"AAA", "BBB"}
    assert found.node == "growth"


def test_a_closed_exchange_leaves_its_lines_stuck(book: RiskBook) -> None:
    found = exchange_closed(book, "XNYS", closed_days=4.0, confidence=0.95)
    stuck = 200 * unit_gains(book, "AAA") + 600 * unit_gains(book, "BBB")
    whole = book.gains(None)
    for name, gains in (("stuck", stuck), ("rest", whole - stuck), ("whole", whole)):
        tail = var_and_es(2.0 * gains, 0.95)
        assert found.summary[f"{name}_var"] == pytest.approx(float(tail.var), rel=1e-5)
        assert found.summary[f"{name}_es"] == pytest.approx(float(tail.es), rel=1e-5)
    assert found.summary["stuck_value"] == pytest.approx(50_000.0)
    assert found.summary["stuck_share"] == pytest.approx(50_000 / GROSS)
    table = found.to_frame()
    assert set(table["instrument_id"]) == {"AAA", "BBB"}
    assert table["es"].is_monotonic_decreasing
    assert "root of 4 days" in found.notes[0]


def test_the_basis_is_what_the_best_hedge_leaves(book: RiskBook) -> None:
    """The residual of a regression of what is stuck on the rest."""
    found = exchange_closed(book, "XNYS", closed_days=1.0)
    stuck = 200 * unit_gains(book, "AAA") + 600 * unit_gains(book, "BBB")
    rest = book.gains(None) - stuck
    slope, constant = np.polyfit(rest, stuck, 1)
    left = stuck - slope * rest - constant
    assert found.summary["best_hedge"] == pytest.approx(-slope, rel=1e-4)
    assert found.summary["basis_volatility"] == pytest.approx(left.std(), rel=1e-5)
    assert found.summary["basis_share"] == pytest.approx(left.std() / stuck.std(), rel=1e-5)
    assert found.summary["correlation_with_rest"] == pytest.approx(
        np.corrcoef(stuck, rest)[0, 1], rel=1e-4
    )


def test_a_node_without_lines_on_the_exchange_has_nothing_stuck(book: RiskBook) -> None:
    found = exchange_closed(book, "XETR", "growth")
    assert found.summary["stuck_value"] == 0.0
    assert found.summary["stuck_var"] == 0.0
    assert found.summary["basis_share"] == 0.0
    assert found.to_frame().empty


def test_stale_marks_hide_what_they_will_catch_up_with(book: RiskBook) -> None:
    ages = {"AAA": 0.0, "BBB": 9.0, "EEE": 1.0, "BOND": 16.0}
    found = stale_prices(book, ages, older_than_days=1.0, confidence=0.95)
    assert found.summary["stale_value"] == pytest.approx(50_000.0)
    assert found.summary["stale_share"] == pytest.approx(50_000 / GROSS)
    assert found.summary["oldest_days"] == 16.0
    hidden = 3.0 * 600 * unit_gains(book, "BBB") + 4.0 * 2_000 * unit_gains(book, "BOND")
    tail = var_and_es(hidden, 0.95)
    assert found.summary["hidden_var"] == pytest.approx(float(tail.var), rel=1e-5)
    assert found.summary["hidden_es"] == pytest.approx(float(tail.es), rel=1e-5)
    shown = var_and_es(book.gains(None), 0.95)
    assert found.summary["shown_var"] == pytest.approx(float(shown.var))
    table = found.to_frame()
    assert set(table["instrument_id"]) == {"BBB", "BOND"}
    assert table["age_days"].tolist() != []


def test_fresh_marks_hide_nothing_and_unknown_ones_are_listed(book: RiskBook) -> None:
    found = stale_prices(book, {"AAA": 0.0, "BBB": 0.0, "EEE": 1.0})
    assert found.summary["stale_share"] == 0.0
    assert found.summary["hidden_es"] == 0.0
    assert found.summary["unknown_value"] == pytest.approx(20_000.0)
    assert {each.subject for each in found.coverage.failures} == {"GHOST", "BOND"}


def test_a_gap_takes_more_than_the_stop_allows(book: RiskBook) -> None:
    """Equities stop at 5 %, EEE at 15 %; equities gap by 12 %, bonds by 3 % and have no stop."""
    found = gap_through_stops(
        book, [StopLoss("equity", 0.05), StopLoss("EEE", 0.15)], {"equity": 0.12, "credit": 0.03}
    )
    table = found.to_frame().set_index("instrument_id")
    assert dict(zip(table.index, table["stopped"], strict=True)) == {
        "AAA": True,
        "BBB": True,
        "EEE": False,
        "BOND": False,
    }
    assert table.loc["AAA"][["at_stop", "at_gap", "beyond"]].to_numpy(dtype=float) == pytest.approx(
        [1_000.0, 2_400.0, 1_400.0]
    )
    assert table.loc["EEE", "at_stop"] == pytest.approx(0.12 * 22_000)
    assert np.isnan(table["at_stop"]["BOND"])
    assert found.summary == pytest.approx(
        {
            "value_with_stops": 72_000.0,
            "value_without_stops": 20_000.0,
            "lines_stopped": 2.0,
            "loss_at_stops": 0.05 * 50_000 + 0.12 * 22_000,
            "loss_at_gap": 0.12 * 72_000,
            "loss_beyond_stops": 0.07 * 50_000,
            "loss_without_stops": 0.03 * 20_000,
        }
    )


def test_shorts_gap_against_them_too(book: RiskBook) -> None:
    found = gap_through_stops(book, [StopLoss("AAA", 0.02)], 0.1, "macro")
    table = found.to_frame().set_index("instrument_id")
    assert table.loc["AAA", "value"] == pytest.approx(-10_000.0)
    assert table.loc["AAA", "beyond"] == pytest.approx(800.0)


def test_results_say_where_they_come_from(book: RiskBook) -> None:
    one, same, other = (
        gap_through_stops(book, [StopLoss("equity", at)], 0.1) for at in (0.05, 0.05, 0.06)
    )
    assert one.provenance.run_id == same.provenance.run_id != other.provenance.run_id
    assert one.provenance.as_of == book.as_of
    assert one.provenance.inputs["ledger"] == "test"
    told = one.to_dict()
    assert told["provenance"]["base_currency"] == "USD"
    assert len(told["lines"]) == 4
    assert "gap through stops" in one._repr_html_()


def test_what_cannot_be_asked(book: RiskBook) -> None:
    with pytest.raises(UserInputError, match="fraction is meant, such as 0"):
        zero_liquidity(book, haircuts=20.0)
    with pytest.raises(UserInputError, match="haircut of BOND"):
        zero_liquidity(book, haircuts={"equity": 0.2})
    with pytest.raises(UnknownNameError, match="equty"):
        zero_liquidity(book, haircuts={"equty": 0.2})
    with pytest.raises(UserInputError, match="participation"):
        zero_liquidity(book, participation=0.0)
    with pytest.raises(UnknownNameError, match="Did you mean XNYS"):
        exchange_closed(book, "XNYX")
    with pytest.raises(UserInputError, match="closure of"):
        exchange_closed(book, "XNYS", closed_days=0.0)
    with pytest.raises(UserInputError, match="no likelihood"):
        exchange_closed(book, "XNYS", view="shocks")
    with pytest.raises(UserInputError, match="from the future"):
        stale_prices(book, {"AAA": -1.0})
    with pytest.raises(UserInputError, match="No stop-loss rule"):
        gap_through_stops(book, [], 0.1)
    with pytest.raises(UnknownNameError, match="AAB"):
        gap_through_stops(book, [StopLoss("AAB", 0.1)], 0.1)
    with pytest.raises(MissingDataError, match="without values"):
        zero_liquidity(replace(book, facts=None))
