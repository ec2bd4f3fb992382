"""The desk: one book, one market, one verb per use case.

Every verb answers from the store; nothing is remembered between calls but open connections, so
that two processes on one desk see the same numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from riskplatform.desk.scope import Scope, scope_of
from riskplatform.errors import MissingDataError, UserInputError
from riskplatform.project.template import write_desk_folder
from riskplatform.settings import Settings, load_settings

if TYPE_CHECKING:
    import pandas as pd

    from riskplatform.desk.cube_profits import Profits
    from riskplatform.desk.cube_tables import Pruned
    from riskplatform.desk.importing import ImportReport
    from riskplatform.domain.instruments import Instrument
    from riskplatform.domain.outcome import Coverage
    from riskplatform.domain.portfolio import PortfolioNode, PortfolioTree
    from riskplatform.domain.transactions import Transaction
    from riskplatform.factors.betas import FactorBetas
    from riskplatform.ingest import ColumnMap, Preview
    from riskplatform.market.snapshot import MarketSnapshot
    from riskplatform.pricing.exposures.book import Exposures
    from riskplatform.pricing.valuation import Valuation
    from riskplatform.pricing.value_path import History
    from riskplatform.reporting.morning import MorningReport
    from riskplatform.simulation.cube import UnitCube
    from riskplatform.simulation.recipe import Recipe
    from riskplatform.simulation.scenario_set import ScenarioSet
    from riskplatform.simulation.set_files import SetStore
    from riskplatform.store.cubes import CubeStore
    from riskplatform.store.lake import Lake
    from riskplatform.store.ledger import AppendReport, Ledger, Lot, PnlReport


def utc_now() -> datetime:
    """The wall clock; tests and replays hand in another."""
    return datetime.now(UTC)


class Desk:
    """One desk, opened from its folder."""

    def __init__(self, settings: Settings, *, clock: Callable[[], datetime] = utc_now) -> None:
        self.settings = settings
        self._clock = clock

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

    # --- the store ------------------------------------------------------------------------

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

    def record_cubes(self) -> int:
        """Make the lake say which cubes there are; how many."""
        from riskplatform.store.cubes.describe import record_cubes

        return record_cubes(self.lake, self.cubes, self.now())

    # --- the book -------------------------------------------------------------------------

    def portfolios(self, *, recorded: datetime | None = None) -> PortfolioTree:
        """The tree of portfolios."""
        return self.ledger.portfolios(recorded)

    def instruments(self, *, recorded: datetime | None = None) -> dict[str, Instrument]:
        """The terms of every instrument, by id."""
        return self.ledger.instruments(recorded)

    def put_portfolios(self, nodes: Iterable[PortfolioNode], *, reason: str = "") -> AppendReport:
        """Add portfolios to the tree, or change what is said of them."""
        return self.ledger.put_portfolios(nodes, actor=self.settings.actor, reason=reason)

    def put_instruments(
        self, instruments: Iterable[Instrument], *, reason: str = ""
    ) -> AppendReport:
        """Add instruments, or change their terms."""
        return self.ledger.put_instruments(instruments, actor=self.settings.actor, reason=reason)

    def positions(
        self,
        as_of: date | None = None,
        *,
        node: str | None = None,
        by: str | None = None,
        recorded: datetime | None = None,
    ) -> pd.DataFrame:
        """What was held at the end of ``as_of``, as it was known at ``recorded``.

        One row per leaf and instrument; with ``by`` (a slice such as ``instrument_id`` or
        ``sector``) one row per group instead.
        """
        from riskplatform.desk.tables import grouped_positions

        leaves = self._scope(node).leaves
        table = self.ledger.positions(self.as_of(as_of), recorded=recorded, portfolio_ids=leaves)
        if by is None:
            return table.to_frame()
        return grouped_positions(table.to_frame(), self.instruments(recorded=recorded), by)

    def lots(
        self,
        portfolio_id: str,
        instrument_id: str,
        as_of: date | None = None,
        *,
        method: str = "fifo",
    ) -> tuple[Lot, ...]:
        """Open lots of one line, by ``fifo``, ``lifo`` or ``average``."""
        self.portfolios().require_leaf(portfolio_id)
        day = self.as_of(as_of)
        return self.ledger.lots(portfolio_id, instrument_id, effective=day, method=method)

    def pnl(
        self, as_of: date | None = None, *, node: str | None = None, method: str = "fifo"
    ) -> PnlReport:
        """Realised, unrealised, income and fees of every line since it began."""
        valuation = self.value(as_of, node=node)
        lines = valuation.lines.dropna(subset=["mark"])
        marks = dict(zip(lines["instrument_id"], lines["mark"] + lines["accrued"], strict=True))
        return self.ledger.pnl(
            valuation.provenance.as_of,
            portfolio_ids=self._scope(node).leaves,
            method=method,
            marks=marks,
        )

    def transactions(
        self,
        *,
        node: str | None = None,
        instrument_id: str | None = None,
        start: date | None = None,
        end: date | None = None,
        limit: int | None = None,
    ) -> pd.DataFrame:
        """What happened, newest first."""
        return self.ledger.transactions(
            start=start,
            end=end,
            portfolio_ids=self._scope(node).leaves if node else None,
            instrument_ids=[instrument_id] if instrument_id else None,
            limit=limit,
        )

    def add_transactions(
        self, transactions: Iterable[Transaction], *, reason: str = ""
    ) -> AppendReport:
        """Record what happened: all of it or nothing, and twice is as good as once."""
        return self.ledger.append(transactions, actor=self.settings.actor, reason=reason)

    def correct(self, transaction: Transaction, *, reason: str) -> None:
        """Replace what is recorded under this id; what was known before stays readable."""
        self.ledger.correct(transaction, actor=self.settings.actor, reason=reason)

    def void(self, transaction_id: str, *, reason: str) -> None:
        """Declare that a transaction never happened."""
        self.ledger.void(transaction_id, actor=self.settings.actor, reason=reason)

    def portfolio_table(self) -> pd.DataFrame:
        """The tree as rows: depth, name, level, and the number of positions below."""
        from riskplatform.desk.tables import portfolio_table

        return portfolio_table(self)

    # --- files ----------------------------------------------------------------------------

    def preview(
        self,
        path: str | Path,
        what: str = "positions",
        *,
        column_map: ColumnMap | Path | None = None,
    ) -> Preview:
        """How a file would be read; nothing is changed."""
        from riskplatform.desk.importing import preview

        return preview(self, Path(path), what, column_map)

    def save_map(self, column_map: ColumnMap, name: str) -> Path:
        """Keep a column map with the desk; files with its headers will be read by it."""
        from riskplatform.desk.importing import save_map

        return save_map(self, column_map, name)

    def import_file(self, path: str | Path, what: str, **options: Any) -> ImportReport:
        """Import positions, transactions, instruments or prices: all of the file or nothing."""
        from riskplatform.desk.importing import import_file

        return import_file(self, Path(path), what, **options)

    def import_positions(self, path: str | Path, **options: Any) -> ImportReport:
        """Import a statement of holdings; see :meth:`import_file`."""
        return self.import_file(path, "positions", **options)

    # --- numbers --------------------------------------------------------------------------

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

        return market_of(self, self.as_of(as_of), at_snapshot)

    def value(
        self,
        as_of: date | None = None,
        *,
        node: str | None = None,
        recorded: datetime | None = None,
        at_snapshot: int | None = None,
    ) -> Valuation:
        """Marks × quantity × multiplier × FX of everything below ``node``."""
        from riskplatform.desk.valuing import value

        return value(
            self, self.as_of(as_of), self._scope(node), recorded=recorded, at_snapshot=at_snapshot
        )

    def exposures(
        self,
        node: str | None = None,
        as_of: date | None = None,
        *,
        by: str | Sequence[str] = "asset_class",
        recorded: datetime | None = None,
        at_snapshot: int | None = None,
        beta_days: int = 504,
    ) -> Exposures:
        """Sensitivities of everything below ``node``; its table is sliced ``by``.

        Factor betas are those of the last ``beta_days`` market days.
        """
        from riskplatform.desk.exposing import exposures

        return exposures(
            self,
            self.as_of(as_of),
            self._scope(node),
            (by,) if isinstance(by, str) else tuple(by),
            recorded=recorded,
            at_snapshot=at_snapshot,
            beta_days=beta_days,
        )

    def cross_gamma(
        self, one: str, other: str, node: str | None = None, as_of: date | None = None
    ) -> pd.DataFrame:
        """What two factors do together beyond each alone, per size of both, line by line.

        Factors are named as in scenario sets: ``spot.ACME``, ``vol.VOL.ACME``, ``zero.USD.OIS``,
        ``fx.EUR``. Sizes: 1 % of prices and currencies, a point of volatility, a basis point.
        """
        from riskplatform.desk.exposing import cross_exposures

        return cross_exposures(self, self.as_of(as_of), self._scope(node), one, other)

    def scenario_set(
        self,
        recipe: Recipe | str | Mapping[str, Any] = "historical",
        as_of: date | None = None,
        *,
        days: int = 500,
        seed: int = 20260630,
        at_snapshot: int | None = None,
    ) -> ScenarioSet:
        """Scenarios for everything the book depends on, by the desk's history of ``days`` moves."""
        from riskplatform.desk.cubing import scenario_set
        from riskplatform.desk.scenarios import recipe_of

        chosen = recipe_of(recipe)
        return scenario_set(
            self, chosen, self.as_of(as_of), days=days, seed=seed, at_snapshot=at_snapshot
        )

    def cube(
        self,
        scenarios: ScenarioSet | Recipe | str | Mapping[str, Any] = "historical",
        as_of: date | None = None,
        *,
        days: int = 500,
        seed: int = 20260630,
        at_snapshot: int | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> UnitCube:
        """What one unit of everything held gains in each scenario: opened, or built and kept."""
        from riskplatform.desk.cubing import cube

        return cube(
            self,
            scenarios,
            self.as_of(as_of),
            days=days,
            seed=seed,
            at_snapshot=at_snapshot,
            progress=progress,
        )

    def own_scenarios(
        self,
        path: str | Path,
        as_of: date | None = None,
        *,
        kinds: Mapping[str, str] | str | None = None,
        horizon_days: int = 1,
    ) -> ScenarioSet:
        """Scenarios from a file of moves: one row each, factors in columns; kept with the desk."""
        from riskplatform.desk.own_moves import own_scenarios

        return own_scenarios(self, Path(path), self.as_of(as_of), kinds, horizon_days)

    def scenario_sets_table(self) -> pd.DataFrame:
        """Every scenario set that is kept: maker, size, horizon, date, seed."""
        from riskplatform.desk.cube_tables import sets_table

        return sets_table(self)

    def cubes_table(self) -> pd.DataFrame:
        """Every cube, finished or interrupted, the newest first."""
        from riskplatform.desk.cube_tables import cubes_table

        return cubes_table(self)

    def open_cube(self, cube_id: str) -> UnitCube:
        """The finished cube whose id begins so."""
        from riskplatform.desk.cube_tables import open_cube

        return open_cube(self, cube_id)

    def cube_profits(
        self, cube: UnitCube, *, node: str | None = None, by: str | None = None
    ) -> Profits:
        """What a node gains in each scenario as it was held on the cube's day, whole or ``by``."""
        from riskplatform.desk.cube_profits import cube_profits

        return cube_profits(self, cube, self._scope(node), by)

    def prune_cubes(
        self, keep: int = 3, keep_ids: Iterable[str] = (), *, rehearse: bool = False
    ) -> Pruned:
        """Remove all but the ``keep`` newest cubes and those named, and tell the lake."""
        from riskplatform.desk.cube_tables import prune_cubes

        found = prune_cubes(self, keep, tuple(keep_ids), rehearse=rehearse)
        if found.removed and not rehearse:
            self.record_cubes()
        return found

    def record_exposures(self, found: Exposures) -> str:
        """Keep the exposures of units in the lake; the run id under which they are found."""
        from riskplatform.desk.recording import record_exposures

        return record_exposures(self, found)

    def betas(
        self, as_of: date | None = None, *, node: str | None = None, days: int = 504
    ) -> FactorBetas:
        """Betas of shares and indices to equity factors, with standard errors."""
        from riskplatform.desk.betas import betas

        return betas(self, self.as_of(as_of), node=node, days=days)

    def coverage(self, as_of: date | None = None, *, node: str | None = None) -> Coverage:
        """How much of the book has a value, and why the rest has none."""
        return self.value(as_of, node=node).coverage

    def history(
        self,
        start: date | None = None,
        end: date | None = None,
        *,
        node: str | None = None,
    ) -> History:
        """Value, flows and P&L day by day; one year back from ``end`` if no start is given."""
        from riskplatform.desk.history import history

        return history(self, start, self.as_of(end), self._scope(node))

    def below(self, as_of: date | None = None, *, node: str | None = None) -> pd.DataFrame:
        """The day of each portfolio just below ``node``: value, flows and P&L."""
        from riskplatform.desk.history import below

        return below(self, self.as_of(as_of), node)

    def quality(self, as_of: date | None = None, *, days: int = 365) -> pd.DataFrame:
        """Marks on the quality of prices in the days before ``as_of``; nothing is repaired."""
        from riskplatform.desk.quality import quality

        return quality(self, self.as_of(as_of), days)

    def market_table(
        self, what: str = "summary", *, as_of: date | None = None, name: str | None = None
    ) -> pd.DataFrame:
        """Quotes as of a day as rows, for people."""
        from riskplatform.desk.tables import market_table

        return market_table(self.market(as_of), what, name)

    def morning(self, as_of: date | None = None, *, node: str | None = None) -> MorningReport:
        """What a risk manager reads at 8:00."""
        from riskplatform.desk.morning import morning

        return morning(self, self.as_of(as_of), node)

    def _scope(self, node: str | None) -> Scope:
        return scope_of(self.portfolios(), node)
