"""Values of the small desk, worked out by hand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from riskplatform.desk import Desk
from riskplatform.errors import MissingDataError, UnknownNameError, UserInputError
from tests.desk.conftest import move

LAST = date(2026, 3, 6)


def by_hand() -> dict[str, float]:
    """On the last day: the split has doubled ALFA, EUR is at 1.20."""
    return {
        "ALFA.XNYS": 2_000 * 52.0,
        "BETA.XETR": 100 * 50.0 * 1.20,
        "CASH.EUR": (10_000 - 4_900) * 1.20,
        "CASH.USD": 1_000_000 - 11_000 - 100_000 + 200_000 - 98_250,
        "GOVT30": 100_000 * 99.0 / 100,
        "ESM6": -2 * 50 * 5_030.0 + 500_500,
    }


def test_every_line_and_the_total(desk: Desk) -> None:
    valuation = desk.value()
    lines = valuation.lines.groupby("instrument_id")["value"].sum().to_dict()
    assert lines == pytest.approx(by_hand(), rel=1e-12)
    assert valuation.total == pytest.approx(sum(by_hand().values()), rel=1e-12)
    assert valuation.provenance.as_of == LAST
    assert valuation.coverage.is_complete


def test_a_future_is_worth_its_gain_and_its_size_is_the_notional(desk: Desk) -> None:
    future = desk.value().lines.set_index("instrument_id").loc["ESM6"]
    assert future["value"] == pytest.approx(-2 * 50 * (5_030 - 5_005))
    assert future["notional"] == pytest.approx(-2 * 50 * 5_030)


def test_accrued_interest_is_part_of_a_bond(desk: Desk) -> None:
    bond = desk.value(date(2026, 3, 5)).lines.set_index("instrument_id").loc["GOVT30"]
    accrued = 4.0 * 364 / 365
    assert bond["accrued"] == pytest.approx(accrued)
    assert bond["value"] == pytest.approx(100_000 * (98.0 + accrued) / 100)


def test_a_node_is_the_sum_of_its_leaves(desk: Desk) -> None:
    whole = desk.value()
    children = whole.by("portfolio").set_index("portfolio")["value"]
    assert set(children.index) == {"fund", "macro"}
    for name, value in children.items():
        assert desk.value(node=str(name)).total == pytest.approx(value, rel=1e-12)
    assert desk.value(node="growth").total == pytest.approx(children["fund"], rel=1e-12)


@pytest.mark.slow
def test_the_base_currency_changes_the_unit_and_nothing_else(desk: Desk) -> None:
    in_euro = Desk.open(desk.settings.desk, base_currency="EUR", clock=desk._clock)
    with in_euro:
        assert in_euro.value().total == pytest.approx(desk.value().total / 1.20, rel=1e-12)


def test_what_has_no_mark_is_listed_and_the_rest_is_still_a_number(desk: Desk) -> None:
    desk.add_transactions(
        [move("g", "opening", 6, instrument_id="GHOST", quantity=10)], reason="unlisted"
    )
    valuation = desk.value()
    assert valuation.total == pytest.approx(sum(by_hand().values()), rel=1e-12)
    (failure,) = valuation.coverage.failures
    assert failure.subject == "GHOST"
    assert "GHOST" in failure.message
    assert str(valuation.coverage) == "7 of 8 (1 missing data)"


@pytest.mark.slow
def test_an_ended_instrument_still_held_is_said_to_be_so(desk: Desk) -> None:
    valuation = desk.value(date(2026, 6, 22), node="macro")
    (failure,) = valuation.coverage.failures
    assert "ended on 2026-06-19" in failure.message
    assert {"GOVT30"} == set(valuation.stale)


@pytest.mark.slow
def test_a_correction_recorded_later_leaves_the_earlier_number_reproducible(desk: Desk) -> None:
    before = desk.value()
    known = desk.ledger.last_recorded_at()
    desk.correct(
        move("t2", "trade", 3, instrument_id="BETA.XETR", quantity=90, price=49, currency="EUR",
             amount=-4_410),
        reason="ninety, not a hundred",
    )  # fmt: skip
    assert desk.value().total == pytest.approx(before.total - 10 * (50 - 49) * 1.20)
    again = desk.value(recorded=known, at_snapshot=int(before.provenance.inputs["lake snapshot"]))
    assert again.total == before.total
    assert again.provenance.run_id == before.provenance.run_id


def test_positions_are_exact(desk: Desk) -> None:
    table = desk.ledger.positions(LAST)
    held = {instrument: quantity for _, instrument, quantity, _ in table}
    assert held["ALFA.XNYS"] == Decimal(2_000)
    assert held["ESM6"] == Decimal(-2)


@pytest.mark.slow
def test_questions_that_have_no_answer(empty_desk: Desk, desk: Desk) -> None:
    with pytest.raises(UnknownNameError, match="growth"):
        desk.value(node="grwth")
    with pytest.raises(UnknownNameError, match="asset_class"):
        desk.value().by("assetclass")
    with pytest.raises(UserInputError, match="no desk"):
        Desk.open(desk.settings.desk / "data")


def test_a_desk_without_prices_says_what_to_do(empty_desk: Desk) -> None:
    with pytest.raises(MissingDataError, match="--what prices"):
        empty_desk.value()


def test_lots_and_gains_of_a_line(desk: Desk) -> None:
    desk.add_transactions(
        [move("t5", "trade", 6, instrument_id="ALFA.XNYS", quantity=-500, price=52,
              currency="USD", amount=26_000)]
    )  # fmt: skip
    (lot,) = desk.lots("growth", "ALFA.XNYS")
    assert (lot.quantity, lot.cost) == (Decimal(1_500), Decimal(75_000))
    report = desk.pnl(node="growth").to_frame().set_index("instrument_id")
    assert report.loc["ALFA.XNYS", "realised"] == Decimal(500 * (52 - 50))
    assert report.loc["ALFA.XNYS", "unrealised"] == pytest.approx(1_500 * (52 - 50))


def test_positions_by_slice(desk: Desk) -> None:
    by_sector = desk.positions(by="sector").set_index("sector")["lines"].to_dict()
    assert by_sector == {"Energy": 1, "Health": 1, "unclassified": 5}
    by_instrument = desk.positions(by="instrument_id").set_index("instrument_id")
    assert by_instrument.loc["CASH.USD", "quantity"] == by_hand()["CASH.USD"]
