"""What is not a whole ledger of ours is refused by name, and never overwritten."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import pytest
import sqlalchemy as sa

from riskplatform.errors import ConflictError, DamagedStoreError, SettingsError, StoreError
from riskplatform.store.ledger import Ledger
from tests.store.ledger.ledger_builders import FAR, Book, day, trade


def url_of(path: Path) -> str:
    return f"sqlite:///{path}"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A closed ledger with some hundred transactions."""
    found = tmp_path / "book.sqlite"
    with Ledger.create(url_of(found)) as ledger:
        Book(ledger).add(*[trade(f"T{n}", day(n), 1, 1) for n in range(500)])
    return found


def test_a_ledger_is_opened_again(ledger: Ledger, ledger_url: str) -> None:
    Book(ledger).add(trade("T1", day(1), 1, 10))
    ledger.close()
    with Ledger.open(ledger_url) as again:
        assert len(again.positions(FAR)) == 2
        assert again.audit.verify().is_intact


def test_a_ledger_is_never_overwritten(ledger: Ledger, ledger_url: str) -> None:
    with pytest.raises(ConflictError, match=r"already a ledger.*Open it instead"):
        Ledger.create(ledger_url)
    ledger.put_instruments([], actor="ann")


def test_what_is_absent_is_not_created_by_opening(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"no ledger at .*absent\.sqlite.*Create it"):
        Ledger.open(url_of(tmp_path / "absent.sqlite"))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "content", [b"", b"garbage", b"id,date\n1,2026-01-01\n" * 50, os.urandom(20_000), bytes(9000)]
)
def test_a_foreign_file_is_refused_by_name_and_left_alone(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "prices.csv"
    file.write_bytes(content)
    with pytest.raises(DamagedStoreError, match=r"prices\.csv is not a ledger"):
        Ledger.open(url_of(file))
    if content:
        with pytest.raises(DamagedStoreError, match=r"prices\.csv is not a ledger"):
            Ledger.create(url_of(file))
    assert file.read_bytes() == content


def test_a_database_of_another_program_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "other.sqlite"
    connection = sqlite3.connect(file)
    connection.execute("CREATE TABLE bookmarks (url TEXT)")
    connection.close()
    with pytest.raises(DamagedStoreError, match=r"other\.sqlite is not a ledger"):
        Ledger.open(url_of(file))
    with pytest.raises(DamagedStoreError, match=r"other\.sqlite holds other tables \(bookmarks\)"):
        Ledger.create(url_of(file))


@pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
def test_a_file_that_is_cut_short_is_refused(path: Path, share: float) -> None:
    os.truncate(path, int(path.stat().st_size * share))
    with pytest.raises(DamagedStoreError, match=r"book\.sqlite is cut short: it has .* bytes"):
        Ledger.open(url_of(path))


def test_a_file_with_garbage_inside_is_refused_or_found(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[4096:] = os.urandom(len(content) - 4096)
    path.write_bytes(bytes(content))

    def use() -> None:
        with Ledger.open(url_of(path)) as ledger:
            ledger.positions(FAR)

    with pytest.raises(DamagedStoreError, match=r"book\.sqlite"):
        use()


def test_one_damaged_page_is_found_by_the_audit(path: Path) -> None:
    content = bytearray(path.read_bytes())
    middle = len(content) // 8192 * 4096
    content[middle : middle + 4096] = bytes(4096)
    path.write_bytes(bytes(content))

    with Ledger.open(url_of(path)) as ledger:
        report = ledger.audit.verify()
    assert not report.is_intact


def rewrite(url: str, statement: str) -> None:
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("SET session_replication_role = replica")
        else:
            connection.exec_driver_sql("DROP TRIGGER ledger_meta_no_update")
        connection.exec_driver_sql(statement)
    engine.dispose()


def test_a_newer_ledger_asks_for_a_newer_program(ledger: Ledger, ledger_url: str) -> None:
    rewrite(ledger_url, "UPDATE ledger_meta SET value = '99' WHERE name = 'schema_version'")
    with pytest.raises(DamagedStoreError, match=r"has version 99; .* up to 3\. Upgrade"):
        Ledger.open(ledger_url)


def test_a_ledger_that_lacks_a_table_is_damaged(ledger: Ledger, ledger_url: str) -> None:
    ledger.close()
    rewrite(ledger_url, "DROP TABLE movements")
    with pytest.raises(DamagedStoreError, match="lacks movements"):
        Ledger.open(ledger_url)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("sqlite://", "names no file"),
        ("sqlite:///:memory:", "names no file"),
        ("mysql://host/book", "cannot be kept in mysql"),
        ("not a url", "cannot be read"),
    ],
)
def test_a_url_that_cannot_be_used_is_refused(url: str, reason: str) -> None:
    with pytest.raises(SettingsError, match=reason):
        Ledger.create(url)


def test_an_unreachable_server_is_named_without_its_password() -> None:
    with pytest.raises(StoreError) as caught:
        Ledger.open("postgresql+psycopg://ann:secret@127.0.0.1:1/book")
    assert "127.0.0.1:1/book" in str(caught.value)
    assert "secret" not in str(caught.value)
