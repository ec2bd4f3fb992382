"""A lake is created where there is none; what is damaged or not ours is refused by name."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from riskplatform.errors import (
    DamagedStoreError,
    StoreError,
    StoreLockedError,
    UserInputError,
)
from riskplatform.store.lake import Lake
from riskplatform.store.lake.attach import attach
from riskplatform.store.lake.location import parse_location
from riskplatform.store.lake.opening import open_catalogue

PRICE = pd.DataFrame(
    {"instrument_id": ["A"], "date": [date(2024, 1, 2)], "close": [1.0], "source": ["t"]}
)


def refused(folder: Path) -> str:
    before = (folder / "lake.sqlite").read_bytes()
    with pytest.raises(DamagedStoreError) as error:
        Lake.open(folder)
    assert (folder / "lake.sqlite").read_bytes() == before, "a refused file must not be touched"
    assert str(folder / "lake.sqlite") in str(error.value)
    return str(error.value)


def test_a_text_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "lake.sqlite").write_text("not a database at all, but longer than its header")
    assert "not an SQLite database" in refused(tmp_path)


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "lake.sqlite").touch()
    assert "not an SQLite database" in refused(tmp_path)


def test_a_database_of_another_program_is_refused(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "lake.sqlite")) as other:
        other.execute("CREATE TABLE photos (name TEXT)")
    assert "another program" in refused(tmp_path)


def test_a_ducklake_of_another_program_is_refused(tmp_path: Path) -> None:
    with closing(attach(parse_location(tmp_path))) as connection:
        connection.execute("CREATE TABLE lake.photos (name VARCHAR)")
    assert "another program" in refused(tmp_path)


def test_an_empty_ducklake_is_refused(tmp_path: Path) -> None:
    attach(parse_location(tmp_path)).close()
    assert "did not make" in refused(tmp_path)


def test_a_lake_of_a_newer_program_is_refused(folder: Path) -> None:
    with closing(attach(parse_location(folder))) as connection:
        connection.execute(
            "CREATE OR REPLACE VIEW lake.store_identity AS "
            "SELECT 'riskplatform' AS application, 99 AS schema_version"
        )
    assert "version 99" in refused(folder)


def test_a_cut_catalogue_is_refused(folder: Path) -> None:
    path = folder / "lake.sqlite"
    os.truncate(path, path.stat().st_size // 2)
    refused(folder)


def test_an_overwritten_catalogue_is_refused(folder: Path) -> None:
    with (folder / "lake.sqlite").open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * 8192)
    refused(folder)


@pytest.mark.slow
@pytest.mark.parametrize("damage", ["missing", "cut", "overwritten"])
def test_a_damaged_data_file_is_named_when_it_is_read(folder: Path, damage: str) -> None:
    with Lake.open(folder) as lake:
        lake.write("prices", PRICE)
    [path] = folder.rglob("*.parquet")
    content = path.read_bytes()
    if damage == "missing":
        path.unlink()
    else:
        path.write_bytes(content[:100] if damage == "cut" else b"x" * len(content))
    with Lake.open(folder) as lake:
        with pytest.raises(DamagedStoreError, match=path.name):
            lake.read("prices")
        found = [(problem.path, problem.reason) for problem in lake.verify()]
        if damage == "missing":
            assert found == [(str(path), "missing")]
        elif damage == "cut":
            assert found == [(str(path), f"has 100 bytes, was written with {len(content)}")]


def test_a_moved_lake_opens_at_its_new_place(folder: Path, tmp_path: Path) -> None:
    with Lake.open(folder) as lake:
        lake.write("prices", PRICE)
    moved = tmp_path / "it's moved"
    shutil.move(folder, moved)
    with Lake.open(moved) as lake:
        assert len(lake.read("prices")) == 1
        lake.write("prices", PRICE.assign(instrument_id="B"))
        assert lake.verify() == []
    assert not folder.exists()


def test_an_unfinished_creation_is_begun_again(tmp_path: Path) -> None:
    (tmp_path / "lake.sqlite.partial").write_text("half of a catalogue")
    with Lake.open(tmp_path) as lake:
        assert lake.latest_snapshot() == 1
    assert not (tmp_path / "lake.sqlite.partial").exists()


def test_nothing_is_downloaded(folder: Path) -> None:
    connection = open_catalogue(parse_location(folder), timeout_seconds=0.0, memory_limit="500MB")
    settings = dict(
        connection.execute("SELECT name, value FROM duckdb_settings()").fetchall()  # type: ignore[arg-type]
    )
    assert settings["autoinstall_known_extensions"] == "false"
    assert settings["autoload_known_extensions"] == "false"
    assert settings["memory_limit"] == "476.8 MiB"
    with pytest.raises(duckdb.Error):
        connection.execute("SELECT * FROM 'https://localhost/x.parquet'")


def test_a_second_writer_is_told_who_writes(folder: Path) -> None:
    with (
        Lake.open(folder) as first,
        Lake.open(folder, lock_timeout_seconds=0.0) as second,
        first.batch() as batch,
    ):
        batch.write("prices", PRICE)
        with pytest.raises(StoreLockedError, match=f"process {os.getpid()} on"):
            second.write("prices", PRICE)
        assert len(second.read("prices")) == 0


@pytest.mark.postgres
@pytest.mark.slow
def test_a_lake_half_made_in_postgres_is_finished(
    postgres_database_url: str, tmp_path: Path
) -> None:
    """Its maker died between DuckLake's own tables and ours, or is between them now."""
    url = f"{postgres_database_url}?data_path={tmp_path / 'data'}"
    attach(parse_location(url)).close()
    with Lake.open(url) as lake:
        assert len(lake.read("prices")) == 0


@pytest.mark.postgres
@pytest.mark.slow
def test_a_second_writer_in_postgres_is_told_who_writes(postgres_lake: str) -> None:
    with (
        Lake.open(postgres_lake) as first,
        Lake.open(postgres_lake, lock_timeout_seconds=0.0) as second,
        first.batch() as batch,
    ):
        batch.write("prices", PRICE)
        with pytest.raises(StoreLockedError, match=f"process {os.getpid()} on"):
            second.write("prices", PRICE)
        assert len(second.read("prices")) == 0


@pytest.mark.postgres
@pytest.mark.slow
def test_a_new_lake_in_postgres_needs_a_folder(postgres_database_url: str) -> None:
    with pytest.raises(UserInputError, match="data_path"):
        Lake.open(postgres_database_url)


@pytest.mark.postgres
@pytest.mark.slow
def test_the_folder_is_remembered_by_postgres(postgres_database_url: str, tmp_path: Path) -> None:
    with Lake.open(f"{postgres_database_url}?data_path={tmp_path / 'data'}") as lake:
        lake.write("prices", PRICE)
    with Lake.open(postgres_database_url) as lake:
        assert len(lake.read("prices")) == 1
        assert lake.verify() == []


def test_an_unreachable_postgres_does_not_leak_the_password(free_port: int) -> None:
    url = f"postgresql+psycopg://me:hunter2@127.0.0.1:{free_port}/x?data_path=/nowhere"
    with pytest.raises(StoreError, match=f"127.0.0.1:{free_port}") as error:
        Lake.open(url)
    assert "hunter2" not in str(error.value)
