"""What every verb of the desk stands on: its folder, its clock, its stores."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from copy import copy
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, cast

from riskplatform.desk.scope import Scope, scope_of
from riskplatform.errors import MissingDataError, UserInputError
from riskplatform.project.template import write_desk_folder
from riskplatform.settings import Settings, load_settings

if TYPE_CHECKING:
    from riskplatform.desk.desk import Desk
    from riskplatform.market.snapshot import MarketSnapshot
    from riskplatform.simulation.set_files import SetStore
    from riskplatform.store.cubes import CubeStore
    from riskplatform.store.lake import Lake
    from riskplatform.store.ledger import Ledger


def utc_now() -> datetime:
    """The wall clock; tests and replays hand in another."""
    return datetime.now(UTC)


class DeskCore:
    """Opening and closing, the clock, the store: what every verb stands on."""

    def __init__(self, settings: Settings, *, clock: Callable[[], datetime] = utc_now) -> None:
        self.settings = settings
        self._clock = clock
        self.also: frozenset[str] = frozenset()

    @classmethod
    def open(
        cls, path: str | Path = ".", *, clock: Callable[[], datetime] = utc_now, **flags: Any
    ) -> Self:
        """The desk in folder ``path``; ``flags`` beat its settings."""
        folder = Path(path)
        settings = load_settings(folder, flags)
        if not (folder / "pyproject.toml").is_file() or not (folder / "data").is_dir():
            raise UserInputError(
                f"There is no desk in {folder.resolve()}.",
                hint="Make one with `riskplatform init DIR` or `riskplatform demo create DIR`, "
                "or name one with --desk.",
            )
        return cls(settings, clock=clock)

    @classmethod
    def create(
        cls,
        path: str | Path,
        *,
        name: str = "",
        base_currency: str = "USD",
        clock: Callable[[], datetime] = utc_now,
    ) -> Self:
        """A new, empty desk in folder ``path``, with its ledger and lake."""
        from riskplatform.store.ledger import Ledger

        folder = Path(path)
        write_desk_folder(folder, name=name or folder.name, base_currency=base_currency)
        desk = cls(load_settings(folder), clock=clock)
        Ledger.create(desk._ledger_url).close()
        desk.lake.latest_snapshot()
        return desk

    def close(self) -> None:
        """Give connections back; the desk opens them again when it is asked something."""
        for name in ("ledger", "lake"):
            store = self.__dict__.pop(name, None)
            if store is not None:
                store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Desk {self.settings.name!r} in {self.settings.desk}>"

    def looking_at(self, instrument_ids: Iterable[str]) -> Self:
        """The same desk, whose units are also those of instruments that nobody holds (yet).

        It shares the connections of this one, which is the one to close.
        """
        _ = self.ledger, self.lake
        other = copy(self)
        other.also = self.also | frozenset(instrument_ids)
        return other

    @property
    def _me(self) -> Desk:
        """This desk, as the verbs' modules know it."""
        return cast("Desk", self)

    @property
    def _ledger_url(self) -> str:
        url = self.settings.ledger_url
        prefix = "sqlite:///"
        if not url.startswith(prefix):
            return url
        return prefix + str(self.settings.path(url.removeprefix(prefix)))

    @cached_property
    def ledger(self) -> Ledger:
        """What happened, and what is held."""
        from riskplatform.store.ledger import Ledger

        return Ledger.open(self._ledger_url, clock=self._clock)

    @cached_property
    def lake(self) -> Lake:
        """What the market said, and what was computed."""
        from riskplatform.store.lake import Lake

        location = self.settings.lake
        return Lake.open(
            location if "://" in location else self.settings.path(location),
            lock_timeout_seconds=self.settings.lock_timeout_seconds,
        )

    @cached_property
    def cubes(self) -> CubeStore:
        """The files of unit P&L; :meth:`record_cubes` describes them in the lake."""
        from riskplatform.store.cubes import CubeStore

        return CubeStore(self.settings.path(self.settings.cubes))

    @cached_property
    def scenario_sets(self) -> SetStore:
        """The files of scenario sets."""
        from riskplatform.simulation.set_files import SetStore

        return SetStore(self.settings.path(self.settings.scenario_sets))

    def now(self) -> datetime:
        """The moment by the desk's clock, in UTC."""
        return self._clock()

    def today(self) -> date:
        """The day by the desk's clock, in UTC."""
        return self.now().date()

    def has_prices(self) -> bool:
        """Whether there is a day for which the book can be valued."""
        return self.lake.last_date("prices", on_or_before=self.today()) is not None

    def as_of(self, asked: date | None = None) -> date:
        """``asked``, or the last day on or before today for which the lake has prices."""
        if asked is not None:
            return asked
        last = self.lake.last_date("prices", on_or_before=self.today())
        if last is None:
            raise MissingDataError(
                "The desk has no prices yet.",
                hint="Import some with `riskplatform portfolio import FILE --what prices`, "
                "or name a day with --as-of.",
            )
        return last

    def market(
        self, as_of: date | None = None, *, at_snapshot: int | None = None
    ) -> MarketSnapshot:
        """The market at the end of a day, as the lake knew it at a snapshot."""
        from riskplatform.desk.valuing import market_of

        return market_of(self._me, self.as_of(as_of), at_snapshot)

    def _scope(self, node: str | None) -> Scope:
        return scope_of(self._me.portfolios(), node)
