"""The trail finds every edit, deletion, insertion and reordering, and names the row."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from riskplatform.domain.limits import Limit
from riskplatform.errors import StoreError, UserInputError
from riskplatform.store.ledger import Event, Ledger
from riskplatform.store.ledger.tables import metadata
from tests.store.ledger.ledger_builders import Book, D, day, equity, split_of, trade


def fill(book: Book) -> Book:
    """Some history of every sort."""
    book.add(*[trade(f"T{n}", day(n), n + 1, 10) for n in range(6)])
    book.add(split_of("S", day(3, 0), "2"))
    right = replace(trade("T2", day(2), 30, 10), portfolio_id="OTHER")
    book.ledger.correct(right, actor="bob", reason="typed wrong")
    book.ledger.void("T4", actor="bob", reason="duplicate")
    book.ledger.put_instruments([equity(lot_size=D(100))], actor="ann")
    limit = Limit(limit_id="L", node="FIRM", measure="var", hard=1e6)
    book.ledger.put_limits([limit], actor="ann")
    book.ledger.audit.add("approve", "order 7", {"by": "bob", "shares": 3}, "bob")
    assert book.ledger.audit.verify().is_intact
    return book


@pytest.fixture
def told(sqlite_ledger: Ledger) -> Book:
    """A ledger in a file, with history."""
    return fill(Book(sqlite_ledger))


def tamper(book: Book, statement: str) -> None:
    """What somebody with the database's password can do: the triggers go first."""
    engine = sa.create_engine(book.ledger._database.url)
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        else:
            for table in metadata.tables:
                for event in ("update", "delete"):
                    connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {table}_no_{event}")
        for part in statement.split(";"):
            connection.exec_driver_sql(part)
    engine.dispose()


def copy_of(table: str, change: dict[str, str], where: str) -> str:
    """An INSERT of a row like another, but for some columns."""
    columns = [column.name for column in metadata.tables[table].columns]
    values = ", ".join(change.get(name, name) for name in columns)
    return f"INSERT INTO {table} ({', '.join(columns)}) SELECT {values} FROM {table} WHERE {where}"


LAST = "sequence = (SELECT max(sequence) FROM audit)"


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        # Transactions: an edit of each sort of column.
        ("UPDATE transactions SET note = 'x' WHERE row_key = 3", "'T2' revision 1"),
        ("UPDATE transactions SET units = units + 1 WHERE row_key = 5", "'T4' revision 1"),
        ("UPDATE transactions SET void = 0 WHERE void = 1", "'T4' revision 2"),
        ("UPDATE transactions SET ordinal = 1 WHERE row_key = 4", "'T3' revision 1"),
        ("UPDATE transactions SET sequence = sequence + 1 WHERE row_key = 6", "'T5' revision 1"),
        ("UPDATE transactions SET recorded_at = recorded_at - 9 WHERE row_key = 6", "'T5'"),
        ("UPDATE transactions SET portfolio_key = 3 WHERE row_key = 4", "'T3' revision 1"),
        ("UPDATE transactions SET ratio = '3' WHERE kind = 'split'", "'S' revision 1"),
        # The digest is recomputed too: only the entry can show it.
        (
            "UPDATE transactions SET digest = (SELECT digest FROM transactions WHERE row_key = 1) "
            "WHERE row_key = 4",
            "'T3'",
        ),
        # Movements.
        ("UPDATE movements SET units = units + 1 WHERE row_key = 4 AND leg = 1", "'T3'"),
        ("UPDATE movements SET effective_at = effective_at + 1 WHERE row_key = 4", "'T3'"),
        ("DELETE FROM movements WHERE row_key = 8 AND leg = -1", "'T2' revision 2"),
        (copy_of("movements", {"leg": "7"}, "row_key = 4 AND leg = 1"), "'T3' revision 1"),
        (copy_of("movements", {"row_key": "99"}, "row_key = 4"), "row 99"),
        # Deletions.
        ("DELETE FROM movements WHERE row_key = 4; DELETE FROM transactions WHERE row_key = 4",
         "row 4 is missing"),
        ("DELETE FROM movements WHERE row_key = 9; DELETE FROM transactions WHERE row_key = 9",
         "wrote 1 rows and has 0"),
        ("DELETE FROM audit WHERE sequence = 4", "audit entry 4 is missing"),
        ("DELETE FROM instruments WHERE position = 2", "wrote 5 rows and has 4"),
        # Insertions.
        (
            copy_of("transactions", {"row_key": "10", "transaction_id": "'NEW'"}, "row_key = 1"),
            "'NEW' revision 1",
        ),
        (copy_of("portfolios", {"position": "9"}, "position = 1"), "'FIRM'"),
        (
            copy_of("audit", {"sequence": "sequence + 1", "recorded_at": "recorded_at + 1"}, LAST),
            "(approve by bob) was changed",
        ),
        # Reordering.
        (
            "UPDATE transactions SET row_key = -1 WHERE row_key = 2;"
            "UPDATE transactions SET row_key = 2 WHERE row_key = 3;"
            "UPDATE transactions SET row_key = 3 WHERE row_key = -1",
            "was changed",
        ),
        (
            "UPDATE audit SET sequence = -1 WHERE sequence = 3;"
            "UPDATE audit SET sequence = 3 WHERE sequence = 4;"
            "UPDATE audit SET sequence = 4 WHERE sequence = -1",
            "audit entry 3",
        ),
        # Audit rows and terms.
        ("UPDATE audit SET actor = 'eve' WHERE action = 'approve'", "(approve by eve) was changed"),
        ("UPDATE audit SET payload = '{}' WHERE sequence = 5", "audit entry 5"),
        ("UPDATE instruments SET terms = replace(terms, 'ACME', 'ACNE')", "terms of instrument"),
        ("UPDATE portfolios SET effective_from = 0", "terms of portfolio"),
        # Names behind the keys.
        (
            "UPDATE instrument_keys SET instrument_id = 'x' WHERE instrument_id = 'ACME';"
            "UPDATE instrument_keys SET instrument_id = 'ACME' WHERE instrument_id = 'BETA'",
            "'T0' revision 1",
        ),
    ],
)  # fmt: skip
def test_tampering_is_found_and_named(told: Book, statement: str, named: str) -> None:
    tamper(told, statement)
    report = told.ledger.audit.verify()
    assert not report.is_intact
    assert named in str(report.problem)


def test_an_entry_that_hashes_right_still_breaks_the_chain(told: Book) -> None:
    """Somebody who knows the rule and rewrites one entry whole is betrayed by the next."""
    from riskplatform.store.ledger.audit import content_digest, entry_hash
    from riskplatform.store.ledger.tables import audit

    with told.ledger._database.read() as connection:
        rows = [dict(row) for row in connection.execute(sa.select(audit)).mappings()]
    forged = {**rows[-1], "actor": "eve"}
    forged["digest"] = content_digest(forged["payload"], [])
    forged["hash"] = entry_hash(forged)
    head = rows[-1]["hash"]
    tamper(
        told,
        f"UPDATE audit SET actor = 'eve', digest = '{forged['digest']}', "
        f"hash = '{forged['hash']}' WHERE sequence = {forged['sequence']}",
    )
    # The last entry has no successor, so only a head that was kept elsewhere shows it.
    assert told.ledger.audit.verify().is_intact
    assert "known hash" in str(told.ledger.audit.verify(head).problem)
    told.ledger.audit.add("next", "x", {}, "bob")
    second = {**rows[-2], "actor": "eve"}
    second["hash"] = entry_hash(second)
    tamper(
        told,
        f"UPDATE audit SET actor = 'eve', hash = '{second['hash']}' "
        f"WHERE sequence = {second['sequence']}",
    )
    assert "does not follow" in str(told.ledger.audit.verify().problem)


def test_the_newest_entries_cut_off_are_missed_by_a_known_head(told: Book) -> None:
    report = told.ledger.audit.verify()
    tamper(told, f"DELETE FROM audit WHERE {LAST}")
    assert told.ledger.audit.verify().is_intact
    assert f"no audit entry has the known hash {report.head}" in str(
        told.ledger.audit.verify(report.head)
    )


def test_tampering_is_found_in_either_database(book: Book) -> None:
    fill(book)
    tamper(book, "UPDATE movements SET units = units + 1 WHERE row_key = 4 AND leg = 1")
    assert "transaction 'T3' revision 1 (row 4) was changed" in str(book.ledger.audit.verify())


def test_the_database_itself_refuses_changes(book: Book) -> None:
    fill(book)
    book.ledger.journal.append([Event("s", "A", 0, {})], actor="ann", action="say")
    engine = sa.create_engine(book.ledger._database.url)
    is_postgres = engine.dialect.name == "postgresql"
    for name, table in metadata.tables.items():
        column = table.columns.keys()[-1]
        changes = [f"UPDATE {name} SET {column} = NULL", f"DELETE FROM {name}"]
        for change in changes + [f"TRUNCATE {name} CASCADE"] * is_postgres:
            with (
                engine.connect() as connection,
                pytest.raises(sa.exc.DBAPIError, match="append-only"),
            ):
                connection.exec_driver_sql(change)
    engine.dispose()
    assert book.ledger.audit.verify().is_intact


def test_replacing_a_row_is_refused_on_our_connections(sqlite_ledger: Ledger) -> None:
    with (
        pytest.raises(StoreError, match="append-only"),
        sqlite_ledger._database.write() as connection,
    ):
        connection.exec_driver_sql("REPLACE INTO ledger_meta VALUES ('schema_version', '9')")


def test_entries_say_who_did_what_and_why(told: Book) -> None:
    entries = told.ledger.audit.entries()
    assert [entry.sequence for entry in entries] == list(range(1, len(entries) + 1))
    assert [(e.actor, e.action, e.subject, e.row_count) for e in entries] == [
        ("setup", "put portfolios", "3 portfolios", 3),
        ("setup", "put instruments", "5 instruments", 5),
        ("ann", "append transactions", "6 transactions", 6),
        ("ann", "append transactions", "S", 1),
        ("bob", "correct transactions", "T2", 1),
        ("bob", "void transactions", "T4", 1),
        ("ann", "put instruments", "ACME", 1),
        ("ann", "put limits", "L", 1),
        ("bob", "approve", "order 7", 0),
    ]
    assert entries[4].payload == {"reason": "typed wrong"}
    assert told.ledger.audit.entries(subject="order 7") == entries[-1:]
    assert told.ledger.audit.entries(limit=2) == entries[-2:]
    assert told.ledger.audit.entries(recorded=entries[2].recorded_at) == entries[:3]
    assert entries[3].recorded_at - entries[2].recorded_at >= timedelta(microseconds=1)


def test_an_entry_keeps_its_payload_as_it_was_given(book: Book) -> None:
    payload = {"text": 'it\'s "so" 日本\n', "numbers": [1, 2.5, None, True], "nested": {"b": {}}}
    entry = book.ledger.audit.add("note", "x", payload, "ann")
    assert json.loads(json.dumps(payload)) == entry.payload
    assert book.ledger.audit.entries(action="note") == [entry]


def test_what_cannot_be_kept_is_refused(book: Book) -> None:
    with pytest.raises(UserInputError, match="NUL"):
        book.ledger.audit.add("note", "a\x00b", {}, "ann")
    with pytest.raises(UserInputError, match="no actor"):
        book.ledger.audit.add("note", "x", {}, "")
    for value in (D(1), float("nan"), day(1)):
        with pytest.raises(UserInputError, match="cannot be written as JSON"):
            book.ledger.audit.add("note", "x", {"value": value}, "ann")
