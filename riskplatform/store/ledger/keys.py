"""Names and their small integers, both ways, as one reading of the ledger knows them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property

import sqlalchemy as sa

from riskplatform.errors import UnknownNameError
from riskplatform.store.ledger.names import INSTRUMENTS, PORTFOLIOS, read_keys


@dataclass(frozen=True)
class Keys:
    """Portfolios and instruments by name and by key."""

    portfolios: Mapping[str, int]
    instruments: Mapping[str, int]

    @classmethod
    def read(
        cls,
        connection: sa.Connection,
        portfolios: Collection[str] | None = None,
        instruments: Collection[str] | None = None,
    ) -> Keys:
        """All names, or only some."""
        return cls(
            read_keys(connection, PORTFOLIOS, portfolios),
            read_keys(connection, INSTRUMENTS, instruments),
        )

    @cached_property
    def portfolio_names(self) -> dict[int, str]:
        return {key: name for name, key in self.portfolios.items()}

    @cached_property
    def instrument_names(self) -> dict[int, str]:
        return {key: name for name, key in self.instruments.items()}

    def of_portfolios(self, names: Collection[str]) -> list[int]:
        return _of("portfolio", names, self.portfolios)

    def of_instruments(self, names: Collection[str]) -> list[int]:
        return _of("instrument", names, self.instruments)


def _of(what: str, names: Collection[str], keys: Mapping[str, int]) -> list[int]:
    for name in names:
        if name not in keys:
            raise UnknownNameError(what, name, keys)
    return sorted({keys[name] for name in names})
