"""Lakes to test with. Making one takes most of a second, copying an empty one almost nothing."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from riskplatform.store.lake import Lake
from tests.fixtures.postgres import Cluster


@pytest.fixture(scope="session")
def empty_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty lake that is only copied from."""
    folder = tmp_path_factory.mktemp("empty-lake") / "lake"
    Lake.open(folder).close()
    return folder


@pytest.fixture
def folder(empty_folder: Path, tmp_path: Path) -> Path:
    """The folder of an empty lake with an SQLite catalogue."""
    return Path(shutil.copytree(empty_folder, tmp_path / "lake"))


@pytest.fixture(scope="session")
def empty_database(
    postgres_cluster: Cluster, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The name of a database with an empty lake, only used as a template."""
    name = f"lake_{uuid.uuid4().hex}"
    postgres_cluster.statement(f"CREATE DATABASE {name}")
    data = tmp_path_factory.mktemp("empty-data")
    Lake.open(f"{postgres_cluster.url(name)}?data_path={data}").close()
    yield name
    postgres_cluster.statement(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def postgres_lake(postgres_cluster: Cluster, empty_database: str, tmp_path: Path) -> Iterator[str]:
    """The address of an empty lake with a PostgreSQL catalogue."""
    name = f"lake_{uuid.uuid4().hex}"
    postgres_cluster.statement(f"CREATE DATABASE {name} TEMPLATE {empty_database}")
    yield f"{postgres_cluster.url(name)}?data_path={tmp_path / 'data'}"
    postgres_cluster.statement(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def lake(folder: Path) -> Iterator[Lake]:
    """An open, empty lake with an SQLite catalogue."""
    with Lake.open(folder, lock_timeout_seconds=0.0) as opened:
        yield opened


@pytest.fixture(
    params=["sqlite", pytest.param("postgres", marks=[pytest.mark.postgres, pytest.mark.slow])]
)
def lake_anywhere(request: pytest.FixtureRequest) -> Iterator[Lake]:
    """An open, empty lake on each kind of catalogue, for what the catalogue has a say in."""
    fixture = {"sqlite": "folder", "postgres": "postgres_lake"}[request.param]
    location = request.getfixturevalue(fixture)
    with Lake.open(location, lock_timeout_seconds=0.0) as opened:
        yield opened
