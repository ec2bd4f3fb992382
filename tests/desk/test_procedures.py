"""Procedure on the small desk: what the store knows (volumes, marks, exchanges) put in by hand."""

from __future__ import annotations

import math
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from riskplatform.desk import Desk
from riskplatform.desk.what_if_session import written
from riskplatform.errors import UnknownNameError, UserInputError
from riskplatform.risk.quantiles import var_and_es
from riskplatform.stress.procedure_liquidity import HAIRCUTS
from tests.desk.conftest import INSTRUMENTS, now
from tests.desk.risk_desk import LAST, make
from tests.desk.test_stress import contents

pytestmark = pytest.mark.slow

# 2,000 ALFA at 52, 100 BETA at 50 euros of 1.20, -2 futures of 50 × 5,030, a bond near par.
ALFA, BETA, FUTURE = 104_000.0, 6_000.0, 503_000.0


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("procedures") / "desk"
    with make(folder) as desk:
        share = next(each for each in INSTRUMENTS if each.instrument_id == "ALFA.XNYS")
        desk.put_instruments([replace(share, tags=replace(share.tags, exchange="XNYS"))])
    return folder


@pytest.fixture
def desk(template: Path, tmp_path: Path) -> Iterator[Desk]:
    shutil.copytree(template, tmp_path / "desk")
    with Desk.open(tmp_path / "desk", clock=now) as opened:
        yield opened


def test_getting_out_of_the_book_by_the_store_s_volumes(desk: Desk) -> None:
    """The median of the last twenty days is that of the history; a tenth of it, a fifth of that."""
    found = desk.zero_liquidity("growth", LAST)
    table = found.to_frame().set_index("instrument_id")
    assert table.loc["ALFA.XNYS", "value"] == pytest.approx(ALFA)
    assert table.loc["ALFA.XNYS", "daily_volume"] == 1_000.0
    assert table.loc["ALFA.XNYS", "days"] == pytest.approx(2_000 / (1_000 * 0.1 * 0.2))
    assert found.summary["haircut_loss"] == pytest.approx(HAIRCUTS["equity"] * (ALFA + BETA))
    assert found.provenance.as_of == LAST
    deep = desk.zero_liquidity("growth", LAST, volume_left=1.0, participation=1.0)
    assert deep.summary["days_to_unwind"] == pytest.approx(2.0)


def test_a_closed_exchange_by_the_history_of_its_share(desk: Desk) -> None:
    found = desk.exchange_closed("XNYS", "growth", LAST, closed_days=4.0, confidence=0.95)
    book = desk.risk_book(LAST, scenarios=["historical"])
    unit = book.view().cube.unit_row(book.place("ALFA.XNYS"), "USD")
    stuck = var_and_es(2_000 * 2.0 * unit, 0.95)
    assert found.summary["stuck_es"] == pytest.approx(float(stuck.es), rel=1e-6)
    assert found.summary["stuck_value"] == pytest.approx(ALFA)
    assert found.summary["stuck_share"] == pytest.approx(ALFA / (ALFA + BETA))
    with pytest.raises(UnknownNameError, match="XNYS"):
        desk.exchange_closed("XNSY", "growth", LAST)


def test_marks_are_as_old_as_the_store_says_or_as_one_asks(desk: Desk) -> None:
    fresh = desk.stale_prices("growth", LAST, confidence=0.95)
    assert fresh.summary["stale_value"] == 0.0
    assert fresh.summary["hidden_var"] == 0.0
    old = desk.stale_prices("growth", LAST, ages={"ALFA.XNYS": 9}, confidence=0.95)
    book = desk.risk_book(LAST, scenarios=["historical"])
    unit = book.view().cube.unit_row(book.place("ALFA.XNYS"), "USD")
    hidden = var_and_es(2_000 * 3.0 * unit, 0.95)
    assert old.summary["hidden_es"] == pytest.approx(float(hidden.es), rel=1e-6)
    assert old.to_frame()["instrument_id"].tolist() == ["ALFA.XNYS"]
    # Friday's mark on the next Tuesday is two trading days old.
    later = desk.stale_prices("growth", date(2026, 3, 10), confidence=0.95)
    assert later.summary["oldest_days"] == 2.0
    assert later.summary["stale_share"] == pytest.approx(1.0)


def test_gaps_jump_past_stops(desk: Desk) -> None:
    found = desk.gap_through_stops({"equity": 0.05, "BETA.XETR": 0.3}, 0.2, None, LAST)
    # The future is an equity too: sold, it loses when prices jump up.
    at_stop = 0.05 * (ALFA + FUTURE) + 0.2 * BETA
    assert found.summary["loss_at_stops"] == pytest.approx(at_stop)
    assert found.summary["loss_beyond_stops"] == pytest.approx(0.15 * (ALFA + FUTURE))
    assert found.summary["lines_stopped"] == 2.0
    with pytest.raises(UnknownNameError, match="equity"):
        desk.gap_through_stops({"equities": 0.05}, 0.2, None, LAST)
    with pytest.raises(UserInputError, match="rule"):
        desk.gap_through_stops({}, 0.2, None, LAST)


def test_a_what_if_is_asked_like_the_book_and_nothing_is_written(desk: Desk) -> None:
    session = desk.what_if_session(LAST, scenarios=["historical"], with_stress=False)
    desk.risk_book(LAST, scenarios=["historical"])
    before = contents(desk)
    state = session.ready_for([]).state_of(written("growth: ALFA.XNYS -50%"))
    half = desk.zero_liquidity("growth", state=state)
    whole = desk.zero_liquidity("growth", state=session.book)
    one, two = (r.to_frame().set_index("instrument_id")["days"]["ALFA.XNYS"] for r in (half, whole))
    assert one == pytest.approx(two / 2)
    for found in (
        desk.exchange_closed("XNYS", state=session.book, confidence=0.95),
        desk.stale_prices(state=session.book, confidence=0.95),
        desk.gap_through_stops({"equity": 0.1}, 0.2, state=session.book),
    ):
        assert math.isfinite(next(iter(found.summary.values())))
        assert found.to_dict()["provenance"]["as_of"] == LAST.isoformat()
    assert contents(desk) == before


def test_what_has_no_mark_is_told(desk: Desk) -> None:
    book = desk.risk_book(LAST, scenarios=["historical"], with_exposures=True)
    lines = desk.stale_prices(state=book, confidence=0.95)
    held = {name for name, q in zip(book.instrument_ids, book.held_by(None), strict=True) if q}
    assert lines.coverage.is_complete == (not np.isnan(book.known.values).any())
    assert {str(f.subject) for f in lines.coverage.failures} <= held
