"""The ledger at the size of a firm: a million transactions folded to positions, and written.

The peer of the fold is what an analyst would write: the same transactions in a Parquet file, read
with pandas and grouped, as floats (which lose cents) or as decimals (which lose time).
"""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.benchmarks.harness import Case

if TYPE_CHECKING:
    from riskplatform.domain.transactions import Transaction
    from riskplatform.store.ledger import Ledger
    from riskplatform.store.ledger.fold import Chunk

BUILD = Path(__file__).resolve().parents[2] / "build" / "bench"
ROWS = 1_000_000
BATCH = 25_000
LEAVES, NAMES, DAYS = 40, 2_000, 1_500
SPLITS = 20
FIRST = datetime(2020, 1, 1, tzinfo=UTC)
AS_OF = date(2023, 6, 30)


def _columns(rows: int, seed: int) -> dict[str, Any]:
    """Random trades as columns: leaf, name, minute, quantity, price in cents."""
    import numpy as np

    rng = np.random.default_rng(seed)
    return {
        "leaf": rng.integers(0, LEAVES, rows).tolist(),
        "name": rng.integers(0, NAMES, rows).tolist(),
        "minute": np.sort(rng.integers(0, DAYS * 1440, rows)).tolist(),
        "quantity": (rng.integers(1, 5_000, rows) * rng.choice([-1, 1], rows)).tolist(),
        "cents": rng.integers(100, 50_000, rows).tolist(),
    }


def _transactions(rows: int, seed: int) -> list[Transaction]:
    from riskplatform.domain.transactions import Transaction, TransactionKind

    found = []
    columns = _columns(rows, seed)
    for n, (leaf, name, minute, quantity, cents) in enumerate(zip(*columns.values(), strict=True)):
        price = Decimal(cents) / 100
        found.append(
            Transaction(
                transaction_id=f"{seed}-{n}",
                kind=TransactionKind.TRADE,
                effective_at=FIRST + timedelta(minutes=minute),
                portfolio_id=f"BOOK{leaf}",
                instrument_id=f"EQ{name}",
                quantity=Decimal(quantity),
                price=price,
                currency="USD",
                amount=-quantity * price,
            )
        )
    return found


def _new_ledger(folder: Path) -> Ledger:
    from riskplatform.domain.instruments import Cash, Equity
    from riskplatform.domain.portfolio import PortfolioNode
    from riskplatform.store.ledger import Ledger

    ledger = Ledger.create(f"sqlite:///{folder / 'ledger.sqlite'}")
    books = [PortfolioNode(portfolio_id=f"BOOK{n}", name=f"{n}") for n in range(LEAVES)]
    shares = [Equity(instrument_id=f"EQ{n}", name=f"{n}", currency="USD") for n in range(NAMES)]
    ledger.put_portfolios(books, actor="benchmark")
    ledger.put_instruments([*shares, Cash.of("USD")], actor="benchmark")
    return ledger


@dataclass(frozen=True)
class Written:
    """The same million transactions as a ledger and as a Parquet file."""

    ledger: Ledger
    parquet: Path


def _million() -> Iterator[Written]:
    """Written once, in two minutes, and kept in build/ for the other sides and the next run."""
    from riskplatform.store.ledger import Ledger
    from riskplatform.store.ledger.tables import SCHEMA_VERSION

    folder = BUILD / f"ledger-{ROWS}-v{SCHEMA_VERSION}"
    if not folder.exists():
        unfinished = folder.with_name(f"{folder.name}-{uuid.uuid4().hex}")
        unfinished.mkdir(parents=True)
        _write_million(unfinished)
        unfinished.rename(folder)
    with Ledger.open(f"sqlite:///{folder / 'ledger.sqlite'}") as ledger:
        yield Written(ledger, folder / "transactions.parquet")


def _write_million(folder: Path) -> None:
    import pandas as pd

    columns = ["portfolio_id", "instrument_id", "effective_at", "quantity", "amount"]
    frames = []
    with _new_ledger(folder) as ledger:
        for seed in range(ROWS // BATCH):
            batch = _transactions(BATCH, seed)
            ledger.append(batch, actor="benchmark")
            rows = [[getattr(told, name) for name in columns] for told in batch]
            frames.append(pd.DataFrame(rows, columns=columns))
        ledger.append(_splits(), actor="benchmark")
    exact = pd.concat(frames)
    exact.to_pickle(folder / "transactions.pickle")
    floats = {name: exact[name].astype(float) for name in ("quantity", "amount")}
    exact.assign(**floats).to_parquet(folder / "transactions.parquet")


def _splits() -> list[Transaction]:
    from riskplatform.domain.transactions import Transaction, TransactionKind, start_of

    return [
        Transaction(
            transaction_id=f"split-{n}",
            kind=TransactionKind.SPLIT,
            effective_at=start_of(date(2022, 1, 3) + timedelta(days=n)),
            instrument_id=f"EQ{n}",
            ratio=Decimal(2),
        )
        for n in range(SPLITS)
    ]


def _positions(written: Written) -> object:
    return written.ledger.positions(AS_OF)


def _pandas(read: Callable[[Path], Any]) -> Callable[[Written], object]:
    def group(written: Written) -> object:
        table = read(written.parquet)
        table = table[table.effective_at < "2023-07-01"]
        held = table.groupby(["portfolio_id", "instrument_id"]).quantity.sum()
        return held, table.groupby("portfolio_id").amount.sum()

    return group


def _read_floats(path: Path) -> Any:
    import pandas as pd

    return pd.read_parquet(path)


def _read_decimals(path: Path) -> Any:
    import pandas as pd

    return pd.read_pickle(path.with_suffix(".pickle"))


def _chunk() -> Chunk:
    """A million movements in memory."""
    import numpy as np

    from riskplatform.store.ledger.fold import Chunk

    columns = _columns(ROWS, 1)
    units, cents = divmod(np.array(columns["quantity"]) * np.array(columns["cents"]), 100)
    zero = np.zeros(ROWS, np.int64)
    rows = [columns["leaf"], columns["name"], columns["minute"], columns["quantity"]]
    return Chunk.of(np.column_stack([*rows, zero, units, cents * 10_000_000]))


def _fold(chunk: Chunk) -> object:
    from riskplatform.store.ledger.fold import finish, fold, start

    return finish(fold(start(), chunk))


def _fold_in_pandas(chunk: Chunk) -> object:
    import pandas as pd

    numbers = pd.DataFrame(chunk.sums / 1.0)
    return numbers.groupby([chunk.portfolio, chunk.instrument]).sum()


def _empty_ledger() -> Iterator[Ledger]:
    with tempfile.TemporaryDirectory() as folder, _new_ledger(Path(folder)) as ledger:
        yield ledger


class _Batches:
    """Each call appends transactions that are new."""

    def __init__(self) -> None:
        self.seed = 0

    def prepare(self, ledger: Ledger) -> tuple[Ledger, list[Transaction]]:
        self.seed += 1
        return ledger, _transactions(BATCH, self.seed)


def _append(work: tuple[Ledger, list[Transaction]]) -> object:
    ledger, batch = work
    return ledger.append(batch, actor="benchmark")


def _append_singly(work: tuple[Ledger, list[Transaction]]) -> None:
    ledger, batch = work
    for transaction in batch[:200]:
        ledger.append([transaction], actor="benchmark")


CASES = [
    Case(
        name="ledger: positions of 1M transactions, from the file",
        setup=_million,
        ours=_positions,
        peer=_pandas(_read_floats),
        peer_name="pandas groupby of floats, from Parquet",
        target="≤ 2 s",
    ),
    Case(
        name="ledger: positions of 1M transactions, exact peer",
        setup=_million,
        ours=_positions,
        peer=_pandas(_read_decimals),
        peer_name="pandas groupby of decimals, from a pickle",
        target="≤ 2 s",
        repeats=3,
    ),
    Case(
        name="ledger: fold of 1M movements in memory",
        setup=_chunk,
        ours=_fold,
        peer=_fold_in_pandas,
        peer_name="pandas groupby of floats",
        target="≤ 2 s",
    ),
    Case(
        name="ledger: append 25,000 transactions in one batch",
        setup=_empty_ledger,
        prepare=_Batches().prepare,
        ours=_append,
        target="≤ 2 s",
    ),
    Case(
        name="ledger: append 200 transactions one by one",
        setup=_empty_ledger,
        prepare=_Batches().prepare,
        ours=_append_singly,
        target="≤ 2 s",
    ),
]
