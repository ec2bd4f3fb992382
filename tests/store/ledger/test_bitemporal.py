"""When it was true and when we learnt it: corrections never change what was known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from riskplatform.domain.transactions import Transaction
from riskplatform.errors import UnknownNameError, UserInputError
from riskplatform.store.ledger import Ledger, PositionTable
from tests.store.ledger.ledger_builders import FAR, Book, D, day, equity, split_of, trade

JUST_BEFORE = timedelta(microseconds=1)


def rows(table: PositionTable) -> list[tuple[str, str, Decimal, Decimal]]:
    return list(table)


def recorded_at(report_of: Callable[[], object]) -> datetime:
    moment = report_of().recorded_at  # type: ignore[attr-defined]  # an AppendReport
    assert isinstance(moment, datetime)
    return moment


def test_a_correction_leaves_what_was_known_before(book: Book) -> None:
    told = trade("T1", day(1), 10, 12)
    first = recorded_at(lambda: book.add(told))
    right = replace(told, quantity=D(100), amount=D(-1200), portfolio_id="OTHER")
    second = recorded_at(lambda: book.ledger.correct(right, actor="bob", reason="typed wrong"))
    assert book.held(recorded=first) == {"ACME": D(10), "CASH.USD": D(-120)}
    assert book.held(recorded=second - JUST_BEFORE) == {"ACME": D(10), "CASH.USD": D(-120)}
    assert book.held(recorded=second) == {}
    assert book.held(portfolio_id="OTHER") == {"ACME": D(100), "CASH.USD": D(-1200)}
    assert book.held(recorded=first - JUST_BEFORE) == {}
    assert book.ledger.get("T1", recorded=first) == told
    assert book.ledger.get("T1") == right


def test_a_correction_may_move_the_moment(book: Book) -> None:
    told = trade("T1", day(5), 10, 12)
    book.add(told)
    book.ledger.correct(replace(told, effective_at=day(2)), actor="bob", reason="late")
    assert book.held(day(3)) == {"ACME": D(10), "CASH.USD": D(-120)}
    book.ledger.correct(replace(told, effective_at=day(9)), actor="bob", reason="later")
    assert book.held(day(8)) == {}
    assert book.held(day(9))["ACME"] == 10


def test_a_void_transaction_never_was(book: Book) -> None:
    first = recorded_at(lambda: book.add(trade("T1", day(1), 10, 12), trade("T2", day(1), 1, 12)))
    report = book.ledger.void("T1", actor="bob", reason="duplicate")
    assert (report.added, book.held()["ACME"]) == (1, 1)
    assert book.held(recorded=first)["ACME"] == 11
    assert list(book.ledger.transactions().transaction_id) == ["T2"]
    assert book.ledger.void("T1", actor="bob", reason="again").unchanged == 1
    with pytest.raises(UnknownNameError, match="'T1'"):
        book.ledger.get("T1")
    # Told once more by the same file it stays void; corrected, it is valid again.
    told = trade("T1", day(1), 10, 12)
    assert book.add(told).unchanged == 1
    assert book.held()["ACME"] == 1
    assert book.ledger.correct(told, actor="bob", reason="was real").added == 1
    assert book.held()["ACME"] == 11


def test_a_file_told_again_does_not_undo_a_correction(book: Book) -> None:
    told = trade("T1", day(1), 10, 12)
    book.add(told)
    right = replace(told, note="checked")
    book.ledger.correct(right, actor="bob", reason="note")
    assert book.add(told).unchanged == 1
    assert book.ledger.get("T1") == right
    assert book.ledger.correct(right, actor="bob", reason="same").unchanged == 1


def test_what_is_unknown_cannot_be_corrected(book: Book) -> None:
    with pytest.raises(UnknownNameError, match="transaction named 'T1'"):
        book.ledger.correct(trade("T1", day(1), 1, 1), actor="bob", reason="x")
    with pytest.raises(UnknownNameError, match="transaction named 'T1'"):
        book.ledger.void("T1", actor="bob", reason="x")


def test_history_shows_every_revision(book: Book) -> None:
    told = trade("T1", day(1), 10, 12)
    book.add(told)
    book.ledger.correct(replace(told, note="n"), actor="bob", reason="x")
    book.ledger.void("T1", actor="bob", reason="y")
    frame = book.ledger.transactions(history=True)
    assert list(frame.revision) == [1, 2, 3]
    assert list(frame.void) == [False, False, True]
    assert frame.recorded_at.is_monotonic_increasing
    assert book.ledger.transactions().empty


def test_a_split_can_be_corrected(book: Book) -> None:
    book.add(trade("T1", day(1), 100, 12))
    first = recorded_at(lambda: book.add(split_of("S", day(5, 0), "2")))
    assert book.held()["ACME"] == 200
    book.ledger.correct(split_of("S", day(5, 0), "3"), actor="bob", reason="typed wrong")
    assert book.held()["ACME"] == 300
    book.ledger.void("S", actor="bob", reason="was cancelled")
    assert book.held()["ACME"] == 100
    assert book.held(recorded=first)["ACME"] == 200
    assert book.held(day(4), recorded=first)["ACME"] == 100


def test_a_clock_that_goes_back_does_not_reorder(sqlite_ledger: Ledger) -> None:
    moments = iter([day(9), day(9), day(3), day(3), day(12), *[day(2)] * 20])
    sqlite_ledger._clock = lambda: next(moments)
    sqlite_ledger.audit._clock = sqlite_ledger._clock
    book = Book(sqlite_ledger)
    for n in range(5):
        book.add(trade(f"T{n}", day(n), 1, 1))
    recorded = [entry.recorded_at for entry in sqlite_ledger.audit.entries()]
    assert recorded == sorted(set(recorded))


def test_a_moment_without_a_zone_is_refused(book: Book) -> None:
    with pytest.raises(UserInputError, match="no time zone"):
        book.ledger.positions(FAR, recorded=datetime(2026, 1, 1))
    with pytest.raises(UserInputError, match="no time zone"):
        book.ledger.positions(datetime(2026, 1, 1))


def test_a_table_is_frozen_and_knows_what_it_is_of(book: Book) -> None:
    report = book.add(trade("T1", day(1), "1.5", 10))
    table = book.ledger.positions(FAR)
    assert table.recorded_at == report.recorded_at
    assert table.quantity.tolist() == [1.5, -15.0]
    assert list(table.to_frame().instrument_id) == ["ACME", "CASH.USD"]
    with pytest.raises(ValueError, match="read-only"):
        table.units[0] = 9


# A script of what may happen: each step appends, corrects or voids one of a few transactions.
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["tell", "void", "split"]),
        st.integers(0, 4),
        st.integers(-50, 50).filter(bool),
        st.integers(0, 6),
        st.sampled_from(["2", "0.5", "0.333333333"]),
    ),
    min_size=1,
    max_size=14,
)


@pytest.mark.slow
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS, method=st.sampled_from(["fifo", "lifo", "average"]))
def test_whatever_is_learnt_later_what_was_known_stays(
    book: Book, steps: list[tuple[str, int, int, int, str]], method: str
) -> None:
    """After each step everything known earlier is asked again; lots always sum to positions."""
    # Each example has an instrument of its own, so that they do not meet.
    name = f"X{len(book.ledger.instruments())}"
    share = equity(name)
    book.ledger.put_instruments([share], actor="ann")
    told: dict[str, Transaction | None] = {}
    seen: list[tuple[datetime, int, list[tuple[str, str, Decimal, Decimal]]]] = []
    for what, number, quantity, when, ratio in steps:
        key = f"{name}-{what == 'split'}-{number}"
        if what == "void":
            if told.get(key) is None:
                continue
            book.ledger.void(key, actor="ann", reason="step")
            told[key] = None
        else:
            new = (
                split_of(key, day(when, 0), ratio, name)
                if what == "split"
                else trade(key, day(when), quantity, 7, instrument=share)
            )
            if key in told:
                book.ledger.correct(new, actor="ann", reason="step")
            else:
                book.add(new)
            told[key] = new
        table = book.ledger.positions(day(3))
        assert table.recorded_at is not None
        seen.append((table.recorded_at, 3, rows(table)))
        lots = book.ledger.lots("LONG", name, effective=FAR, method=method)
        assert sum(lot.quantity for lot in lots) == book.held().get(name, 0)
    for recorded, when, known in seen:
        assert rows(book.ledger.positions(day(when), recorded=recorded)) == known
