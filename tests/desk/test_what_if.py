"""What-if on the desk: what it says of a trade is what the book says once the trade is recorded."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from riskplatform.desk import Desk
from riskplatform.domain.instruments import Equity, Tags
from riskplatform.domain.limits import Limit
from riskplatform.domain.transactions import Transaction
from riskplatform.errors import UnknownNameError, UserInputError
from riskplatform.project.strict_yaml import ContentError
from riskplatform.risk.what_if import Trade, WhatIfResult
from tests.desk.conftest import DAYS, move, node, now
from tests.desk.risk_desk import BEFORE, LAST, make

pytestmark = pytest.mark.slow

NEW, MARK = "NEWCO.XNAS", 80.0


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The desk of risk, with a share that nobody holds and a portfolio that holds nothing."""
    path = tmp_path_factory.mktemp("what-if") / "desk"
    with make(path) as desk:
        desk.put_portfolios([node("spare", "firm", "book")])
        share = Equity(instrument_id=NEW, name="New Co", currency="USD", calendar="XNYS",
                       tags=Tags(sector="Energy", country="US"))  # fmt: skip
        desk.put_instruments([share])
        steps = np.random.default_rng(7).normal(0.0, 0.02, len(BEFORE) + len(DAYS))
        path_of = np.round(MARK * np.exp(steps.cumsum() - steps.sum()), 4)
        rows = [(NEW, day, close, 500.0, "test")
                for day, close in zip([*BEFORE, *DAYS], path_of, strict=True)]  # fmt: skip
        columns = ["instrument_id", "date", "close", "volume", "source"]
        with desk.lake.batch() as batch:
            batch.write("prices", pd.DataFrame(rows, columns=columns))
        limit = Limit(limit_id="growth", node="growth", measure="gross_value", hard=200_000.0)
        desk.set_limits([limit], reason="test")
        desk.what_if_session(LAST)
    return path


@pytest.fixture
def desk(folder: Path, tmp_path: Path) -> Iterator[Desk]:
    shutil.copytree(folder, tmp_path / "desk")
    with Desk.open(tmp_path / "desk", clock=now) as opened:
        yield opened


def recorded(desk: Desk, *trades: Transaction) -> WhatIfResult:
    """The book itself, once the trades are in the ledger."""
    desk.add_transactions(list(trades), reason="done")
    return desk.what_if([], "firm", LAST)


TRADES = {
    "share": ("growth: ALFA.XNYS +500",
              move("n1", "trade", 6, instrument_id="ALFA.XNYS", quantity=500, price=52,
                   currency="USD", amount=-26_000)),
    "foreign": ("growth: BETA.XETR -40",
                move("n2", "trade", 6, instrument_id="BETA.XETR", quantity=-40, price=50,
                     currency="EUR", amount=2_000)),
    "future": ("macro: ESM6 +3",
               move("n3", "trade", 6, portfolio_id="macro", instrument_id="ESM6", quantity=3,
                    price=5_030, currency="USD", amount=-754_500)),
    "new": (f"growth: {NEW} +250",
            move("n4", "trade", 6, instrument_id=NEW, quantity=250, price=80, currency="USD",
                 amount=-20_000)),
    "empty": ("spare: ALFA.XNYS +10",
              move("n5", "trade", 6, portfolio_id="spare", instrument_id="ALFA.XNYS", quantity=10,
                   price=52, currency="USD", amount=-520)),
}  # fmt: skip


@pytest.mark.parametrize("case", TRADES)
def test_a_trade_that_is_asked_is_the_trade_that_is_done(desk: Desk, case: str) -> None:
    line, trade = TRADES[case]
    asked = desk.what_if(line, "firm", LAST)
    done = recorded(desk, trade)
    assert [row.measure for row in asked.rows] == [row.measure for row in done.rows]
    scale = np.abs(asked.base).max()
    assert asked.scenario == pytest.approx(done.base, rel=1e-9, abs=1e-12 * scale)
    assert np.abs(asked.difference).max() > 0.0
    assert asked.limits_after is not None
    assert done.limits_before is not None
    for one, other in zip(asked.limits_after.checks, done.limits_before.checks, strict=True):
        assert one.light is other.light
        assert one.value == pytest.approx(other.value, rel=1e-9)


def test_a_removed_book_is_the_firm_without_it(desk: Desk) -> None:
    asked = desk.what_if("remove macro", "firm", LAST)
    session = desk.what_if_session(LAST)
    without = session.ask([], "fund")
    risk = [i for i, row in enumerate(asked.rows) if row.group in ("value", "risk")]
    assert asked.scenario[risk] == pytest.approx(without.base[risk], rel=1e-9)
    assert not session.ask("remove macro", "macro").scenario.any()
    assert not session.ask("scale macro 0", "macro").scenario.any()


def test_there_and_back_is_the_base_bit_for_bit(desk: Desk) -> None:
    session = desk.what_if_session(LAST)
    for name in ("ALFA", NEW):
        found = session.ask([f"growth: {name} +123.25", f"growth: {name} -123.25"])
        assert found.scenario.tobytes() == found.base.tobytes()


def test_a_book_that_is_bought_into_first_is_as_if_it_had_been_there(desk: Desk) -> None:
    session = desk.what_if_session(LAST)
    before = session.ask([])
    found = session.ask("spare: ALFA +10", "spare")
    assert found.number("gross value") == pytest.approx((0.0, 520.0))
    assert session.ask([]).base.tobytes() == before.base.tobytes()


def test_what_is_not_held_is_priced_once_and_told_when_the_draw_is_another(desk: Desk) -> None:
    session = desk.what_if_session(LAST)
    assert NEW not in session.book.instrument_ids
    found = session.ask(f"growth: {NEW} +10")
    assert any("drawn anew" in note for note in found.notes)
    book = session.book
    assert session.ask(f"growth: {NEW} +20").number("value") == pytest.approx(
        session.ask([]).number("value")
    )
    assert session.book is book, "nothing is priced twice"
    assert not session.is_stale


def test_names_and_their_errors(desk: Desk) -> None:
    session = desk.what_if_session(LAST)
    assert session.ask(iter(["growth: alfa +1"])).changes == ("growth: ALFA.XNYS +1",)
    with pytest.raises(UnknownNameError, match="ALFB"):
        session.ask("growth: ALFB.XNYS +1")
    with pytest.raises(UnknownNameError, match="grwth"):
        session.ask("grwth: ALFA.XNYS +1")
    for _ in range(2):
        with pytest.raises(UserInputError, match="GHOST cannot be priced on 2026-03-06"):
            session.ask("growth: GHOST +1")
    assert "GHOST" not in session.book.instrument_ids
    with pytest.raises(UserInputError, match="cannot be traded in firm"):
        session.ask(f"firm: {NEW} +1")
    with pytest.raises(UserInputError, match="share is meant"):
        desk.what_if("growth: ALFA +1", as_of=LAST, confidence=99)


def test_a_session_is_stale_when_the_ledger_or_the_market_moves(desk: Desk) -> None:
    session = desk.what_if_session(LAST)
    assert not session.is_stale
    desk.add_transactions([TRADES["share"][1]], reason="done")
    assert session.is_stale
    session = desk.what_if_session(LAST)
    rows = pd.DataFrame([("EUR", LAST, 1.25, "test")],
                        columns=["currency", "date", "usd_per_unit", "source"])  # fmt: skip
    with desk.lake.batch() as batch:
        batch.write("fx", rows, mode="replace_keys")
    assert session.is_stale


def test_a_new_breach_comes_first(desk: Desk) -> None:
    found = desk.what_if("growth: ALFA +5000", as_of=LAST)
    assert [check.limit.limit_id for check in found.new_breaches] == ["growth"]
    assert found.limits_frame()["light_after"].iloc[0] == "red"


def test_questions_are_kept_by_name_and_asked_again(desk: Desk) -> None:
    first = desk.what_if(["growth: ALFA +10.5", "scale macro 0.5"], "firm", LAST, name="less_macro")
    assert desk.what_ifs()["name"].tolist() == ["less_macro"]
    again = desk.run_what_if("less_macro", LAST)
    assert again.changes == first.changes
    assert again.scenario.tobytes() == first.scenario.tobytes()
    kept = desk.run_what_if("less_macro", LAST, self_financed=False, save_as="unpaid")
    assert kept.number("value")[1] > again.number("value")[1]
    assert desk.run_what_if("unpaid", LAST).scenario.tobytes() == kept.scenario.tobytes()
    trade = Trade("ALFA.XNYS", quantity=Decimal("0.123456789012345"), node="growth")
    desk.save_what_if("small", [trade])
    assert "0.123456789012345" in (desk.settings.path("what-if") / "small.yaml").read_text()


@pytest.mark.parametrize("name", ["../up", "a/b", "", ".", "UP", "x" * 81, "nul\x00"])
def test_a_name_cannot_leave_the_folder(desk: Desk, name: str) -> None:
    with pytest.raises(UserInputError, match="cannot name a what-if"):
        desk.save_what_if(name, "growth: ALFA +1")


@pytest.mark.parametrize(
    ("text", "line", "found"),
    [
        ("title: x\nchanges:\n  - AAA +1\n  - AAA oops\n", 4, "no change of a book"),
        ("title: x\nchanges:\n  - trade: AAA\n    quantaty: 1\n", 3, "quantaty"),
        ("title: x\nchnges: []\n", 2, "unknown key"),
        ("changes: []\nself_financed: 'no'\n", 2, "self_financed is 'no'"),
        ("node: [1]\nchanges: []\n", 1, "no text"),
        ("title: x\n", None, "no list of changes"),
    ],
)
def test_an_error_in_a_file_names_the_line(
    desk: Desk, tmp_path: Path, text: str, line: int | None, found: str
) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    with pytest.raises(ContentError, match=found) as error:
        desk.run_what_if(path, LAST)
    assert error.value.line == line
