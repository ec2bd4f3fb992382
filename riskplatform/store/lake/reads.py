"""The questions that the rest of the platform asks the lake.

Every read takes ``at_snapshot``: the same question to the same snapshot has the same answer,
bit for bit, whatever has been written since.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import pandas as pd
import pyarrow as pa

from riskplatform.store.lake.frames import to_pandas
from riskplatform.store.lake.query import (
    Between,
    Statement,
    find_table,
    latest,
    newest_date,
    select,
)


class LakeReads(ABC):
    """Reads over one abstract way of running a statement."""

    @abstractmethod
    def _run(self, statement: Statement) -> pa.Table:
        """Run one SELECT and return all of its rows."""

    def read_arrow(
        self,
        table: str,
        *,
        where: Mapping[str, Any] | None = None,
        columns: Sequence[str] | None = None,
        order_by: Sequence[str] | None = None,
        at_snapshot: int | None = None,
    ) -> pa.Table:
        """Rows of a table as Arrow. ``where`` maps a column to a value, a collection or Between.

        The rows come in the order of the table's key, so that the answer is reproducible;
        ``order_by=()`` leaves them as stored.
        """
        return self._run(
            select(
                find_table(table),
                where=where or {},
                columns=columns,
                order_by=order_by,
                at_snapshot=at_snapshot,
            )
        )

    def read(
        self,
        table: str,
        *,
        where: Mapping[str, Any] | None = None,
        columns: Sequence[str] | None = None,
        order_by: Sequence[str] | None = None,
        at_snapshot: int | None = None,
    ) -> pd.DataFrame:
        """As :meth:`read_arrow`, as a DataFrame: dates are datetime64, lists are arrays."""
        return to_pandas(
            self.read_arrow(
                table, where=where, columns=columns, order_by=order_by, at_snapshot=at_snapshot
            )
        )

    def price_history(
        self,
        instrument_id: str,
        start: date | None = None,
        end: date | None = None,
        *,
        at_snapshot: int | None = None,
    ) -> pd.DataFrame:
        """The prices of one instrument from ``start`` to ``end``, both included."""
        return self.read(
            "prices",
            where={"instrument_id": instrument_id, "date": Between(start, end)},
            columns=("date", "close", "volume", "repaired_close", "repair_rule"),
            order_by=("date",),
            at_snapshot=at_snapshot,
        )

    def price_slice(self, on: date, *, at_snapshot: int | None = None) -> pd.DataFrame:
        """The prices of all instruments on one day; nothing is carried over from earlier days."""
        return self.read(
            "prices",
            where={"date": on},
            columns=("instrument_id", "close", "volume", "repaired_close", "repair_rule"),
            order_by=("instrument_id",),
            at_snapshot=at_snapshot,
        )

    def last_prices(
        self,
        as_of: date,
        instrument_ids: Iterable[str] | None = None,
        max_age_days: int | None = None,
        *,
        at_snapshot: int | None = None,
    ) -> pd.DataFrame:
        """The last known price on or before ``as_of``, with its date and ``age_days``.

        An instrument without a price (or none younger than ``max_age_days``) has no row.
        A bound on the age also bounds what has to be read.
        """
        where = None if instrument_ids is None else {"instrument_id": list(instrument_ids)}
        return self._latest("prices", as_of, max_age_days, at_snapshot, where)

    def last_date(
        self, table: str, on_or_before: date, *, at_snapshot: int | None = None
    ) -> date | None:
        """The newest day for which ``table`` has a row, or None when it has none."""
        found = self._run(
            newest_date(find_table(table), on_or_before=on_or_before, at_snapshot=at_snapshot)
        )
        day: date | None = found.column(0)[0].as_py()
        return day

    def curves(
        self, as_of: date, max_age_days: int | None = None, *, at_snapshot: int | None = None
    ) -> pd.DataFrame:
        """The last curve of each id on or before ``as_of``, with its date and ``age_days``."""
        return self._latest("curves", as_of, max_age_days, at_snapshot)

    def credit_curves(
        self, as_of: date, max_age_days: int | None = None, *, at_snapshot: int | None = None
    ) -> pd.DataFrame:
        """The last hazard-rate curve of each issuer on or before ``as_of``."""
        return self._latest("credit_curves", as_of, max_age_days, at_snapshot)

    def vol_surfaces(
        self, as_of: date, max_age_days: int | None = None, *, at_snapshot: int | None = None
    ) -> pd.DataFrame:
        """The last volatility surface of each id on or before ``as_of``."""
        return self._latest("vol_surfaces", as_of, max_age_days, at_snapshot)

    def fx(
        self, as_of: date, max_age_days: int | None = None, *, at_snapshot: int | None = None
    ) -> pd.DataFrame:
        """The last USD price of each currency on or before ``as_of``."""
        return self._latest("fx", as_of, max_age_days, at_snapshot)

    def carry(
        self, as_of: date, max_age_days: int | None = None, *, at_snapshot: int | None = None
    ) -> pd.DataFrame:
        """The last dividend, borrow or convenience yields of each underlying."""
        return self._latest("carry", as_of, max_age_days, at_snapshot)

    def fixings(self, until: date, *, at_snapshot: int | None = None) -> pd.DataFrame:
        """All fixings up to ``until``, that day included."""
        return self.read("fixings", where={"date": Between(high=until)}, at_snapshot=at_snapshot)

    def _latest(
        self,
        table: str,
        as_of: date,
        max_age_days: int | None,
        at_snapshot: int | None,
        where: Mapping[str, Any] | None = None,
    ) -> pd.DataFrame:
        oldest = None if max_age_days is None else as_of - timedelta(days=max_age_days)
        conditions = {"date": Between(oldest, as_of), **(where or {})}
        return to_pandas(
            self._run(
                latest(find_table(table), where=conditions, as_of=as_of, at_snapshot=at_snapshot)
            )
        )
