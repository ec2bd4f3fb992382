"""Holdings day by day are the holdings of each day."""

from __future__ import annotations

import random
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskplatform.store.ledger import Ledger
from tests.store.ledger.ledger_builders import (
    Book,
    day,
    equity,
    future,
    said,
    split_of,
    ticking,
    trade,
)

DAYS = [day(0).date() + timedelta(days=number) for number in range(12)]
RATIOS = ("2", "0.25")


def tell(book: Book, seed: int) -> None:
    """A random week of trades, cash, a transfer, splits, a correction and a void."""
    rng = random.Random(seed)
    traded = [
        trade(
            f"t{i}",
            day(rng.randrange(12), hour=rng.randrange(1, 24)),
            rng.randint(-500, 500) or 1,
            rng.randint(1, 90),
            portfolio_id=rng.choice(["LONG", "OTHER"]),
            instrument=rng.choice([equity(), equity("BETA"), future()]),
        )
        for i in range(25)
    ]
    book.add(*traded)
    splits = [split_of(f"s{i}", day(rng.randrange(12), hour=0), r) for i, r in enumerate(RATIOS)]
    paid = day(rng.randrange(12))
    book.add(*splits, said("cash", "c1", paid, portfolio_id="LONG", currency="USD", amount="900"))
    when = day(rng.randrange(12))
    book.add(
        said("transfer", "x1", when, portfolio_id="LONG", instrument_id="BETA", quantity="-5",
             group_id="g"),
        said("transfer", "x2", when, portfolio_id="OTHER", instrument_id="BETA", quantity="5",
             group_id="g"),
    )  # fmt: skip
    book.ledger.void("t1", actor="ann", reason="never was")


def expected(ledger: Ledger, on: date, leaves: list[str] | None) -> dict[str, tuple[float, float]]:
    table = ledger.positions(on, portfolio_ids=leaves)
    sums: dict[str, tuple[float, float]] = {}
    for name, quantity, balance in zip(
        table.instrument_id.tolist(), table.quantity, table.balance, strict=True
    ):
        held, owed = sums.get(name, (0.0, 0.0))
        sums[name] = (held + float(quantity), owed + float(balance))
    return sums


def compare(ledger: Ledger, days: list[date], leaves: list[str] | None) -> None:
    path = ledger.path(days, portfolio_ids=leaves)
    for row, on in enumerate(days):
        right = expected(ledger, on, leaves)
        for column, name in enumerate(path.instrument_ids):
            quantity, balance = right.get(name, (0.0, 0.0))
            assert path.quantity[row, column] == pytest.approx(quantity, abs=1e-6)
            assert path.balance[row, column] == pytest.approx(balance, abs=1e-6)
        assert set(right) <= set(path.instrument_ids)


@pytest.mark.slow
@given(st.integers(0, 2**32), st.integers(0, 11), st.sampled_from([None, ["LONG"], ["OTHER"]]))
@settings(max_examples=15)
def test_each_day_of_a_path_is_the_fold_to_that_day(
    seed: int, first: int, leaves: list[str] | None
) -> None:
    with TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'ledger.sqlite'}"
        with Ledger.create(url, clock=ticking()) as ledger:
            tell(Book(ledger), seed)
            compare(ledger, DAYS[first:], leaves)


def test_a_path_on_both_databases_and_what_came_from_outside(book: Book) -> None:
    book.add(
        said("cash", "c1", day(2), portfolio_id="LONG", currency="USD", amount="900"),
        said("transfer", "x1", day(3), portfolio_id="LONG", instrument_id="BETA", quantity="-5",
             group_id="g"),
        said("transfer", "x2", day(3), portfolio_id="OTHER", instrument_id="BETA", quantity="5",
             group_id="g"),
        trade("t", day(4), 10, 7),
    )  # fmt: skip
    compare(book.ledger, DAYS[:6], None)
    one = book.ledger.path(DAYS[:6], portfolio_ids=["LONG"])
    column = {name: i for i, name in enumerate(one.instrument_ids)}
    assert one.external_quantity[:, column["CASH.USD"]].tolist() == [0, 0, 900, 0, 0, 0]
    assert one.external_quantity[:, column["BETA"]].tolist() == [0, 0, 0, -5, 0, 0]
    assert one.external_quantity[:, column["ACME"]].tolist() == [0] * 6
    whole = book.ledger.path(DAYS[:6])
    moved = whole.external_quantity[:, whole.instrument_ids.index("BETA")]
    assert np.array_equal(moved, np.zeros(6))
