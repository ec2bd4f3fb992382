"""What a person waits for: the demo firm, its value, its history, a report, an import."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from tests.benchmarks.harness import Case

AS_OF = date(2026, 6, 30)


def folder() -> Iterator[Path]:
    """A place of its own, removed afterwards."""
    place = Path(tempfile.mkdtemp(prefix="riskplatform-bench-"))
    yield place
    shutil.rmtree(place)


def fresh(place: Path) -> Path:
    """A folder that is not there yet."""
    target = place / "demo"
    shutil.rmtree(target, ignore_errors=True)
    return target


def make_demo(target: Path) -> None:
    from riskplatform.demofirm import create_demo

    create_demo(target, as_of=AS_OF).close()


def demo() -> Iterator[Any]:
    """The demo desk, opened."""
    from riskplatform.desk import Desk

    for place in folder():
        make_demo(place / "demo")
        with Desk.open(place / "demo") as desk:
            yield desk


def blotter() -> Iterator[tuple[Any, Path]]:
    """A desk with one portfolio and one share, and a file of 10,000 trades in it."""
    from riskplatform.desk import Desk
    from riskplatform.domain.instruments import Equity
    from riskplatform.domain.portfolio import PortfolioNode

    for place in folder():
        file = place / "trades.csv"
        rows = (f"T{i},2026-03-05,main,AAA,1,50,USD,trade" for i in range(10_000))
        header = "trade_id,date,portfolio,symbol,quantity,price,currency,kind"
        file.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
        with Desk.create(place / "desk") as desk:
            desk.put_portfolios([PortfolioNode(portfolio_id="main", name="Main")])
            desk.put_instruments([Equity(instrument_id="AAA", name="A", currency="USD")])
            yield desk, file


def read_blotter(data: tuple[Any, Path]) -> None:
    """Read and check the file; nothing is written, so that every repeat reads the same."""
    from riskplatform.ingest import ImportContext, read_batch

    desk, file = data
    context = ImportContext(
        instruments=desk.instruments(), portfolios=desk.portfolios(), held={}, as_of=AS_OF
    )
    assert read_batch(file, "transactions", context).rows_taken == 10_000


def read_plainly(data: tuple[Any, Path]) -> None:
    import pandas as pd

    assert len(pd.read_csv(data[1])) == 10_000


CASES = [
    Case(
        name="desk: make the demo firm",
        ours=make_demo,
        setup=folder,
        prepare=fresh,
        target="≤ 30 s",
        repeats=3,
        warmups=0,
    ),
    Case(name="desk: value the demo firm", ours=lambda desk: desk.value(), setup=demo),
    Case(name="desk: a year of the demo firm", ours=lambda desk: desk.history(), setup=demo),
    Case(name="desk: morning report", ours=lambda desk: desk.morning(), setup=demo, repeats=3),
    Case(
        name="ingest: read and check 10,000 trades",
        ours=read_blotter,
        peer=read_plainly,
        peer_name="pandas.read_csv, unchecked",
        setup=blotter,
        target="≤ 2 s",
    ),
]
