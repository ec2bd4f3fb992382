"""The journal: places taken once, batches whole or not at all, and the chain over all of it."""

from __future__ import annotations

import multiprocessing
from collections.abc import Sequence
from datetime import timedelta

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from riskplatform.domain.limits import Limit
from riskplatform.errors import ConflictError, StoreError, UserInputError
from riskplatform.store.ledger import Event, Ledger
from tests.store.ledger.ledger_builders import Book, day, ticking, trade


def steps(subject: str, *kinds: str, start: int = 0, stream: str = "order") -> list[Event]:
    return [
        Event(stream, subject, place, {"kind": kind}) for place, kind in enumerate(kinds, start)
    ]


def kinds(found: Sequence[object]) -> list[str]:
    return [event.body["kind"] for event in found]  # type: ignore[attr-defined]


def test_events_are_read_back_in_order(ledger: Ledger) -> None:
    journal = ledger.journal
    written = journal.append(
        [*steps("A", "new", "sent"), *steps("B", "new")], actor="desk", action="send orders"
    )
    journal.append(steps("A", "filled", start=2), actor="venue", action="fill")
    assert kinds(journal.read("order", "A")) == ["new", "sent", "filled"]
    assert [event.actor for event in journal.read("order", "A")] == ["desk", "desk", "venue"]
    assert journal.subjects("order") == ["A", "B"]
    assert [(e.subject, e.body["kind"]) for e in journal.latest("order")] == [
        ("B", "new"), ("A", "filled"),
    ]  # fmt: skip
    assert kinds(journal.since(written[-1].row_key)) == ["filled"]
    assert journal.since(stream="proposal") == []
    assert journal.read("order", "C") == []
    assert journal.append([], actor="desk", action="nothing") == []
    report = ledger.audit.verify()
    assert (report.is_intact, report.entries, report.rows) == (True, 2, 4)


def test_a_place_is_taken_once_and_nothing_of_the_batch_stays(ledger: Ledger) -> None:
    ledger.journal.append(steps("A", "new"), actor="one", action="claim")
    with pytest.raises(ConflictError, match=r"Event 0 of order 'A' was recorded before"):
        ledger.journal.append([*steps("B", "new"), *steps("A", "new")], actor="two", action="claim")
    with pytest.raises(ConflictError, match=r"Event 5 .* leaves a gap: the next one is 1"):
        ledger.journal.append(steps("A", "late", start=5), actor="two", action="claim")
    with pytest.raises(ConflictError, match=r"recorded before"):
        ledger.journal.append([*steps("C", "x"), *steps("C", "y")], actor="two", action="claim")
    assert ledger.journal.subjects("order") == ["A"]
    assert ledger.audit.verify().entries == 1


def book_and_tell(book: Book, events: list[Event]) -> None:
    with book.ledger.transaction():
        book.add(trade("T2", day(2), 1, 10))
        book.ledger.journal.append(events, actor="venue", action="fill")


def test_an_event_and_its_booking_stand_or_fall_together(book: Book) -> None:
    book.add(trade("T1", day(1), 1, 10))
    before = book.ledger.book_recorded_at()
    with pytest.raises(ConflictError):
        book_and_tell(book, steps("E", "x", start=1))
    assert book.ledger.book_recorded_at() == before
    book_and_tell(book, steps("E", "x"))
    after = book.ledger.book_recorded_at()
    assert before is not None
    assert after is not None
    assert after > before
    book.ledger.journal.append(steps("F", "x"), actor="venue", action="fill")
    assert book.ledger.book_recorded_at() == after
    assert book.ledger.audit.verify().is_intact


@pytest.mark.parametrize(
    "statement",
    [
        'UPDATE journal SET body = \'{"kind":"sold"}\' WHERE row_key = 2',
        "UPDATE journal SET position = 7 WHERE row_key = 2",
        "UPDATE journal SET subject = 'B' WHERE row_key = 2",
        "DELETE FROM journal WHERE row_key = 2",
        "DELETE FROM journal",
        "UPDATE journal SET sequence = 2 WHERE row_key = 1",
    ],
)
def test_any_edit_of_an_event_is_refused_and_found(
    ledger: Ledger, ledger_url: str, statement: str
) -> None:
    ledger.journal.append(steps("A", "new", "sent"), actor="desk", action="send")
    ledger.journal.append(steps("A", "filled", start=2), actor="venue", action="fill")
    with (
        pytest.raises(StoreError, match="append-only"),
        ledger._database.write() as connection,
    ):
        connection.exec_driver_sql(statement)
    engine = sa.create_engine(ledger_url)
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        else:
            connection.exec_driver_sql("DROP TRIGGER journal_no_update")
            connection.exec_driver_sql("DROP TRIGGER journal_no_delete")
        connection.exec_driver_sql(statement)
    engine.dispose()
    assert not ledger.audit.verify().is_intact


def test_what_no_database_can_keep_is_refused_by_name(ledger: Ledger) -> None:
    for body in ({"kind": float("nan")}, {"kind": object()}, {"kind": "a\x00b"}):
        bad = Event("order", "A", 0, body)
        if body["kind"] == "a\x00b":
            # JSON spells the character out, so it is stored and comes back.
            ledger.journal.append([bad], actor="desk", action="say")
            assert ledger.journal.read("order", "A")[0].body == body
            continue
        with pytest.raises(UserInputError, match=r"order 'A' cannot be written as JSON"):
            ledger.journal.append([bad], actor="desk", action="say")
    with pytest.raises(UserInputError, match="NUL"):
        ledger.journal.append([Event("order", "a\x00", 0, {})], actor="desk", action="say")


def _claim(url: str, name: str, runs: int, won: multiprocessing.Queue[tuple[str, int]]) -> None:
    with Ledger.open(url) as ledger:
        for run in range(runs):
            try:
                ledger.journal.append(
                    [Event("run", f"job-{run}", 0, {"by": name})], actor=name, action="claim"
                )
                won.put((name, run))
            except ConflictError:
                continue


@pytest.mark.slow
def test_of_processes_that_claim_the_same_runs_one_wins_each(
    ledger: Ledger, ledger_url: str
) -> None:
    context = multiprocessing.get_context("spawn")
    won: multiprocessing.Queue[tuple[str, int]] = context.Queue()
    processes = [
        context.Process(target=_claim, args=(ledger_url, name, 40, won)) for name in ("a", "b", "c")
    ]
    for process in processes:
        process.start()
    claims = sorted(won.get(timeout=60)[1] for _ in range(40))
    for process in processes:
        process.join(60)
    assert claims == list(range(40))
    assert won.empty()
    assert len(ledger.journal.latest("run")) == 40
    assert ledger.audit.verify().is_intact


@given(st.lists(st.tuples(st.sampled_from("ABC"), st.integers(0, 3)), max_size=30))
def test_the_journal_is_a_dictionary_of_lists(
    tmp_path_factory: pytest.TempPathFactory, asked: list[tuple[str, int]]
) -> None:
    """Against the plainest model: a list for each subject, appended to at its end only."""
    path = tmp_path_factory.mktemp("journal") / "ledger.sqlite"
    plain: dict[str, list[int]] = {}
    with Ledger.create(f"sqlite:///{path}", clock=ticking()) as ledger:
        for number, (subject, position) in enumerate(asked):
            event = Event("s", subject, position, {"n": number})
            mine = plain.setdefault(subject, [])
            if position == len(mine):
                ledger.journal.append([event], actor="a", action="b")
                mine.append(number)
            else:
                with pytest.raises(ConflictError):
                    ledger.journal.append([event], actor="a", action="b")
        for subject, mine in plain.items():
            assert [event.body["n"] for event in ledger.journal.read("s", subject)] == mine


def test_events_change_nothing_that_a_book_or_its_limits_depend_on(book: Book) -> None:
    book.add(trade("T1", day(1), 1, 10))
    held, kept = (book.ledger.book_recorded_at(with_limits=each) for each in (False, True))
    book.ledger.journal.append(steps("A", "new"), actor="desk", action="send")
    assert book.ledger.book_recorded_at() == held == kept
    limit = Limit(limit_id="L", node="FIRM", measure="var", hard=1.0)
    book.ledger.put_limits([limit], actor="ann")
    assert book.ledger.book_recorded_at() == held
    after = book.ledger.book_recorded_at(with_limits=True)
    assert after is not None
    assert held is not None
    assert after > held


def test_the_position_moves_with_what_is_told_of_its_streams_and_no_other(book: Book) -> None:
    journal = book.ledger.journal
    assert journal.position() == journal.position("order", "run") == 0
    book.add(trade("T1", day(1), 1, 10))
    assert journal.position() == 0
    (one,) = journal.append(steps("A", "new"), actor="desk", action="send")
    (two,) = journal.append(steps("J", "claimed", stream="run"), actor="desk", action="claim")
    assert journal.position("order") == one.row_key
    assert journal.position("run") == journal.position("order", "run") == two.row_key
    assert journal.position() == two.row_key
    assert journal.position("proposal") == 0


def test_what_was_known_at_a_moment_names_the_last_change_of_the_book_by_then(book: Book) -> None:
    book.add(trade("T1", day(1), 1, 10))
    first = book.ledger.last_recorded_at()
    book.ledger.journal.append(steps("A", "new"), actor="desk", action="send")
    told = book.ledger.last_recorded_at()
    book.add(trade("T2", day(2), 1, 10))
    assert book.ledger.book_recorded_at(recorded=first) == first
    assert book.ledger.book_recorded_at(recorded=told) == first
    assert told != first
    assert book.ledger.book_recorded_at() == book.ledger.last_recorded_at()
    assert first is not None
    assert book.ledger.book_recorded_at(recorded=first - timedelta(days=1000)) is None
