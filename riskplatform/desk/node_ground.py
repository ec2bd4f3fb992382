"""What questions about a node's factors stand on: its units, its factors, their history."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, cast

import numpy as np
from numpy.typing import NDArray

from riskplatform.desk.book_state import ledger_input
from riskplatform.desk.factor_levels import factor_levels
from riskplatform.desk.holdings import holdings_of
from riskplatform.desk.node_revaluer import NodeRevaluer, Within
from riskplatform.desk.units import conventions_of, held_units, units_of
from riskplatform.desk.valuing import market_of
from riskplatform.domain.outcome import Coverage, Failure, FailureReason
from riskplatform.domain.provenance import Provenance
from riskplatform.errors import MissingDataError, UnknownNameError
from riskplatform.factors.covariance.result import CovarianceResult
from riskplatform.market.content import FloatArray
from riskplatform.pricing.units.flows import NodeKind
from riskplatform.simulation.axis import FactorAxis
from riskplatform.simulation.nodes import PREFIXES, USUAL_KINDS, WITHOUT_HISTORY
from riskplatform.simulation.windows import windows
from riskplatform.stress.days_that_count import DaysThatCount, covariance_of_days
from riskplatform.stress.factor_table import FactorTable, factor_table

if TYPE_CHECKING:
    from riskplatform.desk.desk import Desk
    from riskplatform.simulation.cube import UnitCube


@dataclass(frozen=True, eq=False)
class NodeGround:
    """``table`` has a row for each factor that the node depends on; ``rows`` are those with a
    history that moves on the days that count, in the order of ``covariance``."""

    node: str
    as_of: date
    base_currency: str
    table: FactorTable
    revaluer: NodeRevaluer
    rows: NDArray[np.intp] = field(repr=False)
    covariance: CovarianceResult
    coverage: Coverage
    inputs: dict[str, str]
    notes: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Of the factors with a covariance."""
        return self.covariance.names

    def within(self, fixed: FloatArray | None = None) -> Within:
        """The node seen from the factors with a covariance; the others move as ``fixed`` has it."""
        whole = np.zeros(len(self.table)) if fixed is None else fixed
        return Within(self.revaluer, self.rows, whole)

    def groups(self) -> dict[str, NDArray[np.bool_]]:
        """Masks of the factors with a covariance, by kind, where there are several kinds."""
        kinds = [self.table.nodes[row].kind for row in self.rows]
        found = {
            PREFIXES[kind]: np.array([each is kind for each in kinds])
            for kind in dict.fromkeys(kinds)
        }
        return found if len(found) > 1 else {}

    def matching(self, pattern: str) -> NDArray[np.intp]:
        """Rows of the table whose factor a name, or a pattern with ``*``, means."""
        folded = pattern.casefold()
        found = [
            row
            for row, name in enumerate(self.table.factor_ids)
            if fnmatchcase(name.casefold(), folded)
        ]
        if not found:
            error = UnknownNameError(f"factor of {self.node}", pattern, self.table.factor_ids)
            error.hint = error.hint or "Factors are named as in spot.SPX, fx.EUR, zero.USD.OIS@5."
            raise error
        return np.array(found, dtype=np.intp)

    def provenance(self, model: str, asked: dict[str, str]) -> Provenance:
        return Provenance(
            as_of=self.as_of,
            base_currency=self.base_currency,
            model_id=model,
            inputs={**self.inputs, **asked},
            coverage=self.coverage,
        )


def node_ground(
    desk: Desk,
    node: str | None,
    as_of: date,
    *,
    days: int,
    counted: DaysThatCount | None,
    snapshot: int,
    everything: bool = False,
) -> NodeGround:
    """Of everything below a node, and nothing else: other holdings cost no time. With
    ``everything`` the factors are those of all that the desk holds."""
    scope = desk._scope(node)
    positions = desk.ledger.positions(as_of, portfolio_ids=scope.leaves).to_frame()
    name = node or scope.node or desk.settings.name
    if positions.empty:
        raise MissingDataError(
            f"{name} holds nothing on {as_of}.",
            hint="Name a portfolio with positions, or another day.",
        )
    terms = desk.instruments()
    if everything:
        _, book = held_units(desk, as_of, snapshot)
    else:
        market = market_of(desk, as_of, snapshot)
        book = units_of(positions["instrument_id"], terms, market, conventions_of(desk))
    table = factor_table(book, terms)
    kinds = tuple(USUAL_KINDS[each.kind] for each in table.nodes)
    axis = FactorAxis(table.factor_ids, kinds, as_of)
    held, missing = _held(positions, book.plan())
    revaluer = NodeRevaluer.of(book, axis, held, desk.settings.base_currency)
    rows, covariance, table, inputs, notes = _history(desk, table, as_of, days, counted, snapshot)
    failures = (*_failures(book.failures, missing), *revaluer.failures)
    return NodeGround(
        node=name,
        as_of=as_of,
        base_currency=desk.settings.base_currency,
        table=table,
        revaluer=revaluer,
        rows=rows,
        covariance=covariance,
        coverage=Coverage(len(revaluer.plan), failures),
        inputs={
            "ledger": ledger_input(desk),
            "lake snapshot": str(snapshot),
            "node": name,
            **inputs,
        },
        notes=notes,
    )


def _held(positions: object, plan: object) -> tuple[dict[str, float], tuple[str, ...]]:
    """Quantities by instrument, and what is held without a unit."""
    # Of a cube only its instruments and their currencies are read, and a plan has these too.
    axis = cast("UnitCube", plan)
    matrix, _, missing = holdings_of(positions, axis)  # type: ignore[arg-type]
    total = np.asarray(matrix.sum(axis=0)).ravel()
    return dict(zip(axis.instrument_ids, total.tolist(), strict=True)), missing


def _failures(known: Iterable[Failure], missing: Iterable[str]) -> tuple[Failure, ...]:
    """Once for each instrument that is held and is no unit."""
    reasons = {str(each.subject): each for each in known}
    return tuple(
        reasons.get(name) or Failure(FailureReason.MISSING_DATA, f"{name} has no unit.", name)
        for name in missing
    )


def _history(
    desk: Desk,
    table: FactorTable,
    as_of: date,
    days: int,
    counted: DaysThatCount | None,
    snapshot: int,
) -> tuple[NDArray[np.intp], CovarianceResult, FactorTable, dict[str, str], tuple[str, ...]]:
    """The rows that move, their covariance, the table with volatilities, inputs and notes."""
    nodes = [node for node in table.nodes if node.kind not in WITHOUT_HISTORY]
    history = factor_levels(desk, nodes, as_of, days, snapshot)
    covariance = covariance_of_days(windows(history).moves, history.axis.factor_ids, counted)
    place = {name: row for row, name in enumerate(table.factor_ids)}
    rows = np.array([place[name] for name in covariance.names], dtype=np.intp)
    notes = [*history.notes]
    # Skews, which only a scenario moves, are named and not counted.
    skews = int(table.of_kind(NodeKind.SKEW).sum())
    count = len(table) - skews
    if len(rows) < count:
        also = ", and so do skews" if skews else ""
        notes.append(
            f"{count - len(rows)} of {count} factors have no history that moves on these days; "
            f"they stand still{also}."
        )
    sizes = dict(zip(covariance.names, covariance.volatility.tolist(), strict=True))
    inputs = {"history": history.digest, "covariance": covariance.method_id}
    return rows, covariance, table.with_deviations(sizes), inputs, tuple(notes)
