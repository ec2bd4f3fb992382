"""Limits in the ledger: over both times, audited; ledgers from before there were limits."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
import sqlalchemy as sa

from riskplatform.domain.limits import Direction, Limit
from riskplatform.errors import DamagedStoreError, StoreError, UserInputError
from riskplatform.store.ledger import Ledger
from tests.store.ledger.ledger_builders import FAR, Book, day, trade

VAR = Limit(
    limit_id="FIRM.VAR", node="FIRM", measure="var", hard=5e6, soft=4e6, confidence=0.99,
    direction=Direction.MAX, unit="USD", valid_from=date(2026, 1, 1), owner="R. Manager",
)  # fmt: skip
DV01 = Limit(limit_id="FIRM.DV01", node="FIRM", measure="dv01", hard=1e5, gross=False)


def test_limits_are_read_back_as_they_were(book: Book) -> None:
    report = book.ledger.put_limits([VAR, DV01], actor="ann", reason="mandate")
    assert (report.added, report.unchanged) == (2, 0)
    assert book.ledger.limits() == (DV01, VAR)
    again = book.ledger.put_limits([VAR], actor="ann")
    assert (again.added, again.unchanged) == (0, 1)
    assert book.ledger.audit.verify().is_intact


def test_what_was_known_and_what_held_stay_readable(book: Book) -> None:
    book.ledger.put_limits([VAR], actor="ann")
    before = book.ledger.last_recorded_at()
    wider = replace(VAR, hard=6e6)
    book.ledger.put_limits([wider], actor="bob", effective_from=day(5).date())
    assert book.ledger.limits() == (wider,)
    assert book.ledger.limits(before) == (VAR,)
    assert book.ledger.limits(effective=day(4).date()) == (VAR,)
    assert book.ledger.limits(effective=day(5).date()) == (wider,)


def test_one_limit_is_told_one_way(book: Book) -> None:
    with pytest.raises(UserInputError, match=r"Limit 'FIRM\.VAR' appears twice"):
        book.ledger.put_limits([VAR, replace(VAR, hard=6e6)], actor="ann")


def test_limits_cannot_be_changed_and_an_edit_is_found(book: Book, ledger_url: str) -> None:
    book.ledger.put_limits([VAR], actor="ann")
    with pytest.raises(StoreError, match="append-only"), book.ledger._database.write() as c:
        c.exec_driver_sql("UPDATE limits SET position = 2")
    run(ledger_url, "limits", "UPDATE limits SET terms = replace(terms, '5000000', '9000000')")
    report = book.ledger.audit.verify()
    assert "terms of limit 'FIRM.VAR'" in str(report.problem)


def run(url: str, guarded: str, *statements: str) -> None:
    """With the triggers of one table out of the way."""
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        else:
            connection.exec_driver_sql(f"DROP TRIGGER {guarded}_no_update")
        for statement in statements:
            connection.exec_driver_sql(statement)
    engine.dispose()


@pytest.fixture
def old_url(book: Book, ledger_url: str) -> str:
    """A ledger with history as version 1 left it: without limits and a journal."""
    book.add(trade("T1", day(1), 1, 10))
    book.ledger.close()
    run(
        ledger_url, "ledger_meta", "DROP TABLE limits", "DROP TABLE journal",
        "UPDATE ledger_meta SET value = '1' WHERE name = 'schema_version'",
    )  # fmt: skip
    engine = sa.create_engine(ledger_url)
    if engine.dialect.name == "sqlite":
        with engine.begin() as connection:
            connection.exec_driver_sql("PRAGMA user_version = 1")
            connection.exec_driver_sql(
                "CREATE TRIGGER ledger_meta_no_update BEFORE UPDATE ON ledger_meta BEGIN "
                "SELECT RAISE(ABORT, 'the ledger is append-only'); END"
            )
    engine.dispose()
    return ledger_url


def test_an_older_ledger_gets_limits_and_keeps_all_else(old_url: str) -> None:
    with Ledger.open(old_url) as ledger:
        assert len(ledger.positions(FAR)) == 2
        known = ledger.audit.verify()
        assert known.is_intact
        assert ledger.limits() == ()
        ledger.put_limits([VAR], actor="ann")
        with pytest.raises(StoreError, match="append-only"), ledger._database.write() as c:
            c.exec_driver_sql("DELETE FROM limits")
        with pytest.raises(StoreError, match="append-only"), ledger._database.write() as c:
            c.exec_driver_sql("UPDATE ledger_meta SET value = '1'")
    with Ledger.open(old_url) as ledger:
        assert ledger.limits() == (VAR,)
        after = ledger.audit.verify(known.head)
        assert after.is_intact
        assert after.entries == known.entries + 1
        with ledger._database.read() as connection:
            query = "SELECT value FROM ledger_meta WHERE name = 'schema_version'"
            assert connection.exec_driver_sql(query).scalar_one() == "3"


def test_two_that_open_an_older_ledger_at_once_both_get_it(old_url: str) -> None:
    from riskplatform.store.ledger.database import Database
    from riskplatform.store.ledger.schema import upgrade_schema

    first, second = Database(old_url), Database(old_url)
    upgrade_schema(first)
    upgrade_schema(second)
    first.close()
    second.close()
    with Ledger.open(old_url) as ledger:
        assert ledger.audit.verify().is_intact


def test_an_older_ledger_that_lacks_more_is_damaged(old_url: str) -> None:
    engine = sa.create_engine(old_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE movements")
    engine.dispose()
    with pytest.raises(DamagedStoreError, match=r"lacks movements\."):
        Ledger.open(old_url)
