"""Folders and URLs as the place of a lake."""

from __future__ import annotations

from pathlib import Path

import pytest

from riskplatform.errors import UserInputError
from riskplatform.store.lake.location import (
    EmbeddedLocation,
    PostgresLocation,
    parse_location,
)


def test_a_folder_holds_a_catalogue_and_its_data(tmp_path: Path) -> None:
    location = parse_location(tmp_path)
    assert isinstance(location, EmbeddedLocation)
    assert location.catalogue == tmp_path / "lake.sqlite"
    assert location.data_path == f"{tmp_path}/lake/"


def test_a_catalogue_can_be_named(tmp_path: Path) -> None:
    location = parse_location(str(tmp_path / "other.sqlite"))
    assert location.label == str(tmp_path / "other.sqlite")


def test_a_url_carries_everything() -> None:
    location = parse_location(
        "postgresql+psycopg://me:p%40ss%27@db.example:6543/risk"
        "?sslmode=require&data_path=s3://bucket/lake"
    )
    assert isinstance(location, PostgresLocation)
    assert location.secret_parts() == {
        "host": "db.example",
        "port": "6543",
        "user": "me",
        "password": "p@ss'",
        "database": "risk",
    }
    assert location.other_parts() == {"sslmode": "require"}
    assert location.data_path == "s3://bucket/lake/"
    assert location.label == "postgresql://db.example:6543/risk"
    assert location.url.startswith("postgresql://")
    assert "data_path" not in location.url


def test_a_socket_folder_is_a_host() -> None:
    location = parse_location("postgresql:///risk?host=/run/postgresql&user=me")
    assert isinstance(location, PostgresLocation)
    assert location.secret_parts() == {
        "host": "/run/postgresql",
        "user": "me",
        "database": "risk",
    }
    assert location.data_path is None


def test_another_database_is_refused() -> None:
    with pytest.raises(UserInputError, match="mysql"):
        parse_location("mysql://host/database")
