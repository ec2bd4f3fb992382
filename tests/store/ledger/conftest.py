"""A ledger in each of the two databases; every test that takes it runs on both."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from riskplatform.store.ledger import Ledger
from tests.store.ledger.ledger_builders import Book, ticking


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def ledger_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a ledger may be created."""
    if request.param == "postgres":
        url: str = request.getfixturevalue("postgres_database_url")
        return url
    return f"sqlite:///{tmp_path / 'ledger.sqlite'}"


@pytest.fixture
def ledger(ledger_url: str) -> Iterator[Ledger]:
    """An empty ledger whose clock ticks one second per write."""
    with Ledger.create(ledger_url, clock=ticking()) as made:
        yield made


@pytest.fixture
def book(ledger: Ledger) -> Book:
    """The ledger with a small firm in it, and short ways to write to it."""
    return Book(ledger)


@pytest.fixture
def sqlite_ledger(tmp_path: Path) -> Iterator[Ledger]:
    """A ledger in a file, for what concerns files."""
    with Ledger.create(f"sqlite:///{tmp_path / 'ledger.sqlite'}", clock=ticking()) as made:
        yield made
