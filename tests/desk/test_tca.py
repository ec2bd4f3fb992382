"""Trading costs of a day on the small desk, worked out by hand."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest

from riskplatform.desk import Desk
from riskplatform.errors import UserInputError
from riskplatform.execution.order_journal import CLOSES
from riskplatform.store.ledger import Event
from tests.desk.trading_told import OPEN, Told, a_day, bars, plan

pytestmark = pytest.mark.slow
DAY = date(2026, 3, 5)


@pytest.fixture
def traded(desk: Desk) -> Desk:
    a_day().tell(desk)
    return desk


def test_the_parts_of_a_parent_in_dollars(traded: Desk) -> None:
    found = traded.tca_report(until=DAY)
    costs = {each.group: each for each in found.by("instrument")}
    alfa = costs["ALFA.XNYS"]
    # Decided at 51, arrived at 51.2; the second order met 51.4.
    assert float(alfa.parts["delay"]) == pytest.approx(200 * 0.2)
    assert float(alfa.parts["timing"]) == pytest.approx(100 * 0.2)
    assert float(alfa.parts["impact"]) == pytest.approx(100 * 0.05 + 60 * 0.05 + 40 * 0.1)
    assert float(alfa.parts["fees"]) == pytest.approx(3.0)
    assert float(alfa.parts["opportunity"]) == 0.0
    assert alfa.shortfall_bp == pytest.approx((40 + 20 + 12 + 3) / (200 * 51) * 1e4)


def test_a_sale_in_euros_that_was_not_finished(traded: Desk) -> None:
    beta = {each.group: each for each in traded.tca_report(until=DAY).by("instrument")}["BETA.XETR"]
    assert float(beta.parts["delay"]) == pytest.approx(70 * 0.1 * 1.1)
    assert float(beta.parts["impact"]) == pytest.approx(70 * 0.1 * 1.1)
    # 30 were not sold at 50.5 and are worth 50 at the close.
    assert float(beta.parts["opportunity"]) == pytest.approx(30 * 0.5 * 1.1)
    # Paid in dollars.
    assert float(beta.parts["fees"]) == pytest.approx(2.2)
    assert beta.unfilled == 30


def test_the_whole_is_complete_and_the_same_by_any_grouping(traded: Desk) -> None:
    found = traded.tca_report(until=DAY)
    assert found.provenance.coverage.is_complete
    assert found.provenance.coverage.done == 2
    total = float(found.total.shortfall)
    for by in ("order", "parent", "day", "instrument", "portfolio", "algorithm", "side"):
        assert found.to_frame(by)["shortfall"].sum() == pytest.approx(total)
    assert found.run_id == traded.tca_report(until=DAY).run_id


def test_benchmarks_of_the_close_and_the_markets_own_average(traded: Desk, tmp_path: Path) -> None:
    market = pd.DataFrame(bars([
        ("ALFA.XNYS", -5, 40.0, 1e6), ("ALFA.XNYS", 10, 51.0, 100), ("ALFA.XNYS", 20, 51.6, 300),
        ("ALFA.XNYS", 40, 60.0, 1e6),
    ]))  # fmt: skip
    file = tmp_path / "bars.csv"
    market.to_csv(file, index=False)
    for given in (market, file):
        costs = traded.tca_report(until=DAY, bars=given).by("instrument")
        alfa = {each.group: each for each in costs}["ALFA.XNYS"]
        paid = 100 * 51.25 + 60 * 51.45 + 40 * 51.5
        average = (100 * 51.0 + 300 * 51.6) / 400
        assert alfa.against_bp("vwap") == pytest.approx((paid / (200 * average) - 1) * 1e4)
        assert alfa.against_bp("close") == pytest.approx((paid / (200 * 51.5) - 1) * 1e4)


def test_days_and_nodes_choose_what_is_told(traded: Desk) -> None:
    assert not traded.tca_report(until=date(2026, 3, 4)).pieces
    assert not traded.tca_report(since=date(2026, 3, 6), until=date(2026, 3, 6)).pieces
    assert not traded.tca_report(until=DAY, node="macro").pieces
    assert len(traded.tca_report(until=DAY, node="fund").pieces) == 5


def test_what_is_not_known_is_said(desk: Desk) -> None:
    told = a_day()
    odd = plan("GHOST", "growth", 10, 5.0, currency="JPY", approval_id="A3")
    told.parent(odd)
    late = plan("ALFA.XNYS", "macro", 10, 51.0, approval_id="A4")
    told.parent(late)
    told.fill(told.order(late, 0, 10, 1, None), 10, 51.3, 2)
    told.tell(desk)
    found = desk.tca_report(until=DAY)
    words = " ".join(each.message for each in found.provenance.coverage.failures)
    assert "no rate of JPY" in words
    assert "has no price of arrival" in words
    assert "A4 macro ALFA.XNYS has no VWAP to be measured by: the venue was not asked" in words
    assert len(found.provenance.coverage.failures) == 3


def test_what_the_venue_told_is_the_markets_average(traded: Desk) -> None:
    found = traded.tca_report(until=DAY)
    alfa = {each.group: each for each in found.by("instrument")}["ALFA.XNYS"]
    paid = 100 * 51.25 + 60 * 51.45 + 40 * 51.5
    average = (100 * 51.0 + 300 * 51.6) / 400
    assert alfa.against_bp("vwap") == pytest.approx((paid / (200 * average) - 1) * 1e4)
    assert {each.parent: (each.vwap, each.close) for each in found.sources} == {
        "A1 growth ALFA.XNYS": ("PV", "prices of the lake"),
        "A2 growth BETA.XETR": ("PV", "prices of the lake"),
    }


def test_bars_are_a_better_word_where_they_know_the_time(traded: Desk) -> None:
    market = pd.DataFrame(bars([("ALFA.XNYS", 10, 51.0, 100), ("BETA.XETR", 90, 1.0, 1)]))
    found = traded.tca_report(until=DAY, bars=market)
    assert [each.vwap for each in found.sources] == ["bars", "PV"]
    assert found.source_counts()["vwap"] == {"bars": 1, "PV": 1}
    told = found.to_dict()["coverage"]["sources"]
    assert told == found.sources_frame().to_dict("records")
    alfa = {each.group: each for each in found.by("instrument")}["ALFA.XNYS"]
    paid = 100 * 51.25 + 60 * 51.45 + 40 * 51.5
    assert alfa.against_bp("vwap") == pytest.approx((paid / (200 * 51.0) - 1) * 1e4)


def test_a_line_without_an_average_says_why(desk: Desk) -> None:
    told = a_day()
    lines = [("nothing", 2.0, []), ("unknown", 2.0, []), ("early", 1.0, [(51.0, 5.0)])]
    for place, (name, until, trades) in enumerate(lines):
        made = plan("ALFA.XNYS", "macro", 10, 51.0, approval_id=name)
        told.parent(made)
        told.fill(told.order(made, place, 10, 0, 51.0), 10, 51.3, 2)
        told.market(made, (0.0, until), *trades, is_known=name != "unknown")
    told.tell(desk)
    report = desk.tca_report(until=DAY)
    # What nobody traded has no average; that is said and is no gap.
    failures = report.provenance.coverage.failures
    assert {str(each.subject).split()[0] for each in failures} == {"unknown", "early"}
    found = {each.parent.split()[0]: each for each in report.sources}
    assert found["nothing"].no_vwap.startswith("nothing traded at PV from 2026-03-05 15:00:00")
    assert found["unknown"].no_vwap.startswith("PV does not know its market")
    assert found["early"].no_vwap == "the venue was asked at 15:01:00 UTC last"
    assert not any(found[name].vwap for name in ("nothing", "unknown", "early"))
    assert not found["A1"].no_vwap


def test_a_close_of_the_venue_counts_where_the_lake_has_none(desk: Desk) -> None:
    told = Told()
    made = plan("ALFA.XNYS", "growth", 100, 51.0)
    told.parent(made)
    day = OPEN + timedelta(days=20)
    order = told.order(made, 0, 100, 20 * 24 * 60, 51.0)
    told.fill(order, 60, 51.3, 20 * 24 * 60)
    told.tell(desk)
    before = desk.tca_report(until=day.date())
    assert before.sources[0].no_close == "no close of 2026-03-25 is known"
    body = {"gateway": "PV", "instrument_id": "ALFA.XNYS", "day": "2026-03-25", "price": "52.5"}
    desk.ledger.journal.append([Event(CLOSES, "ALFA.XNYS 2026-03-25", 0, body)], actor="test",
                               action="test")  # fmt: skip
    after = desk.tca_report(until=day.date())
    assert (after.sources[0].close, after.sources[0].no_close) == ("PV", "")
    assert after.total.against_bp("close") == pytest.approx((51.3 / 52.5 - 1) * 1e4)
    # What was not bought is valued at it too: 40 at 52.5 that were decided on at 51.
    assert float(after.total.parts["opportunity"]) == pytest.approx(40 * 1.5)


def test_an_empty_journal_is_an_empty_report(desk: Desk) -> None:
    found = desk.tca_report()
    assert not found.pieces
    assert found.provenance.coverage.is_complete


def test_bars_that_cannot_be_read_are_refused(traded: Desk, tmp_path: Path) -> None:
    with pytest.raises(UserInputError, match="There is no file"):
        traded.tca_report(bars=tmp_path / "no.csv")
    with pytest.raises(UserInputError, match="Bars without volume"):
        traded.tca_report(bars=pd.DataFrame(columns=["instrument_id", "at", "price"]))
    odd = pd.DataFrame(bars([("ALFA.XNYS", 1, 51.0, 1.0)])).assign(price="many")
    with pytest.raises(UserInputError, match="cannot be read"):
        traded.tca_report(bars=odd)
