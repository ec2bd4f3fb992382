"""The paper venue's day from the lake of the small desk, and the venue begun on it."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest

from riskplatform.desk import Desk
from riskplatform.domain.orders import Order, OrderKey, Side
from riskplatform.errors import MissingDataError, UserInputError
from riskplatform.execution.gateways.paper import PaperGateway
from riskplatform.execution.paper.handshake import DATABASE_FILE
from riskplatform.execution.paper.market import Bar, Listing
from riskplatform.execution.paper.rules import Latency, VenueRules
from riskplatform.execution.paper.service import PaperService
from riskplatform.execution.paper.store import VenueStore
from riskplatform.project.strict_yaml import ContentError

pytestmark = pytest.mark.slow

THURSDAY, FRIDAY = date(2026, 3, 5), date(2026, 3, 6)


def listing(desk: Desk, day: date, name: str) -> Listing:
    found = desk.paper_market(day, seed=1).market
    return next(one for one in found.listings if one.instrument_id == name)


def bar(desk: Desk, day: date, name: str) -> Bar:
    made = listing(desk, day, name).bar
    assert made is not None
    return made


def test_what_is_traded_by_price_is_listed(desk: Desk) -> None:
    """Not cash, and not what was never priced."""
    found = desk.paper_market(FRIDAY, seed=1)
    names = [one.instrument_id for one in found.market.listings]
    assert names == ["ALFA.XNYS", "BETA.XETR", "ESM6", "GOVT30"]
    assert found.coverage.is_complete


def test_hours_are_those_of_the_exchange(desk: Desk) -> None:
    """New York 9:30 to 16:00 in winter; Xetra 9:00 to 17:30; a whole day over the counter."""
    york, xetra = listing(desk, FRIDAY, "ALFA.XNYS"), listing(desk, FRIDAY, "BETA.XETR")
    assert york.opens_at == datetime(2026, 3, 6, 14, 30, tzinfo=UTC)
    assert york.closes_at == datetime(2026, 3, 6, 21, 0, tzinfo=UTC)
    assert xetra.opens_at == datetime(2026, 3, 6, 8, 0, tzinfo=UTC)
    assert xetra.closes_at == datetime(2026, 3, 6, 16, 30, tzinfo=UTC)
    bond = listing(desk, FRIDAY, "GOVT30")
    assert bond.closes_at - bond.opens_at == timedelta(days=1) - timedelta(seconds=1)


def test_bar_is_from_close_to_close(desk: Desk) -> None:
    made = bar(desk, FRIDAY, "BETA.XETR")
    assert (made.open, made.close) == (Decimal("50.0"), Decimal("50.0"))
    assert made.low <= 50 <= made.high
    # Before, it moved by -1, 2 and -1: there is a volatility, so that there is a range.
    assert made.low < made.high


def test_splits_are_undone(desk: Desk) -> None:
    """Two for one on Thursday: Wednesday's 102 are 51 of Thursday's shares."""
    made = bar(desk, THURSDAY, "ALFA.XNYS")
    assert (made.open, made.close) == (Decimal("51.0"), Decimal("51.5"))
    assert made.high < 60


def test_unknown_volume_is_a_turnover(desk: Desk) -> None:
    """500 million at 5,030 times 50 are 1,988 contracts and a bit."""
    assert bar(desk, FRIDAY, "ESM6").volume == 1_988
    terms = listing(desk, FRIDAY, "ESM6")
    assert (terms.multiplier, terms.currency) == (Decimal(50), "USD")


def test_reported_volume_is_kept(desk: Desk) -> None:
    row = pd.DataFrame(
        [("ALFA.XNYS", FRIDAY, 52.0, 12_345.0, "test")],
        columns=["instrument_id", "date", "close", "volume", "source"],
    )
    with desk.lake.batch() as batch:
        batch.write("prices", row, mode="replace_keys")
    assert bar(desk, FRIDAY, "ALFA.XNYS").volume == 12_345


def test_the_same_seed_gives_the_same_day(desk: Desk) -> None:
    first = desk.paper_market(FRIDAY, seed=1)
    assert first == desk.paper_market(FRIDAY, seed=1)
    assert first != desk.paper_market(FRIDAY, seed=2)


def test_halts_by_chance(desk: Desk) -> None:
    halted = desk.paper_market(FRIDAY, rules=VenueRules(halt_probability=1.0), seed=1).market.halts
    assert [one.instrument_id for one in halted] == ["ALFA.XNYS", "BETA.XETR", "ESM6", "GOVT30"]
    assert desk.paper_market(FRIDAY, seed=1).market.halts == ()


def test_a_session_without_a_price_is_said(desk: Desk) -> None:
    """BETA's last price is Friday's; Monday it should trade and has none."""
    monday = date(2026, 3, 9)
    rows = pd.DataFrame(
        [("ALFA.XNYS", monday, 53.0, None, "test")],
        columns=["instrument_id", "date", "close", "volume", "source"],
    )
    with desk.lake.batch() as batch:
        batch.write("prices", rows)
    found = desk.paper_market(monday, seed=1)
    assert [one.instrument_id for one in found.market.listings] == ["ALFA.XNYS"]
    assert {one.subject for one in found.coverage.failures} == {"BETA.XETR", "ESM6", "GOVT30"}


def test_a_day_without_any_price(desk: Desk) -> None:
    with pytest.raises(MissingDataError, match="no price on 2026-03-10"):
        desk.paper_market(date(2026, 3, 10), seed=1)


# ---------------------------------------------------------------------- the venue on it


def order(number: int) -> Order:
    key = OrderKey("A", "growth", "ALFA.XNYS", number)
    return Order(key=key, side=Side.BUY, quantity=Decimal(10), currency="USD")


def test_begin_open_and_go_on(desk: Desk, tmp_path: Path) -> None:
    """The day is opened once; the next day lets the rest of the first pass."""
    folder = tmp_path / "venue"
    facts, coverage = desk.begin_paper_venue(folder, day=THURSDAY, seed=5, at=time(15, 0))
    assert (facts["day"], facts["instruments"]) == ("2026-03-05", 4)
    assert facts["now"] == "2026-03-05T15:00:00+00:00"
    assert coverage is not None
    assert coverage.is_complete
    again, coverage = desk.begin_paper_venue(folder)
    assert coverage is None
    assert again == facts
    later, coverage = desk.begin_paper_venue(folder, day=FRIDAY)
    assert coverage is not None
    assert (later["day"], later["venue_id"]) == ("2026-03-06", facts["venue_id"])


def test_orders_trade_on_the_lakes_prices(desk: Desk, tmp_path: Path) -> None:
    folder = tmp_path / "venue"
    desk.begin_paper_venue(folder, day=FRIDAY, at=time(15, 0))
    with closing(PaperService(VenueStore.open(folder / DATABASE_FILE))) as service:
        gateway = PaperGateway.within(service)
        gateway.submit(order(1))
        gateway.advance(gateway.now() + timedelta(minutes=1))
        (fill,) = gateway.executions()
        made = bar_of(service)
        # A buyer pays at most a spread of 2 bp on either side more than the bar's high.
        assert made.low <= fill.price <= made.high * Decimal("1.0005")
        # 0.5 bp of some 520 dollars.
        assert fill.fee == Decimal("0.03")
        assert gateway.positions() == {("growth", "ALFA.XNYS"): Decimal(10)}


def bar_of(service: PaperService) -> Bar:
    market = service.venue.market
    assert market is not None
    made = next(one.bar for one in market.listings if one.instrument_id == "ALFA.XNYS")
    assert made is not None
    return made


def test_a_venue_keeps_its_seed_and_rules(desk: Desk, tmp_path: Path) -> None:
    folder = tmp_path / "venue"
    desk.begin_paper_venue(folder, day=FRIDAY, seed=5)
    with pytest.raises(UserInputError, match=r"another seed \(5\)"):
        desk.begin_paper_venue(folder, seed=6)
    with pytest.raises(UserInputError, match="has other rules"):
        desk.begin_paper_venue(folder, rules=VenueRules(levels=3))
    desk.begin_paper_venue(folder, seed=5, rules=VenueRules())


def test_rules_from_a_file(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "rules.yaml"
    file.write_text("levels: 3\nlatency: {fixed_ms: 1.5, mean_extra_ms: 0}\nfees:\n  bp: 1\n")
    desk.begin_paper_venue(tmp_path / "venue", day=FRIDAY, rules=file)
    with closing(VenueStore.open(tmp_path / "venue" / DATABASE_FILE)) as store:
        rules = store.facts().rules
    assert (rules.levels, rules.fees.bp) == (3, Decimal(1))
    assert rules.latency == Latency(fixed_ms=1.5, mean_extra_ms=0.0)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("levels: 3\nspread: 4\n", r"rules.yaml:2: .*named 'spread'"),
        ("levels: many\n", r"rules.yaml:1: levels is 'many'"),
        ("seed: 1\nlevels: 3\n", r"rules.yaml:1: .*named 'seed'"),
        ("participation: 3\n", r"rules.yaml:1: .*participation is 3"),
    ],
)
def test_wrong_rules_name_file_and_line(desk: Desk, tmp_path: Path, text: str, why: str) -> None:
    file = tmp_path / "rules.yaml"
    file.write_text(text)
    with pytest.raises(ContentError, match=why):
        desk.begin_paper_venue(tmp_path / "venue", day=FRIDAY, rules=file)
