"""Risk of the desk: the book over its cubes, measured, taken apart, with where it comes from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np

from riskplatform.desk.benchmarks import benchmark
from riskplatform.desk.known_cubes import DEFAULT_DAYS, DEFAULT_SEED
from riskplatform.desk.risk_books import USUAL_SETS, Asked, built_book, risk_book
from riskplatform.domain.outcome import Coverage, Failure
from riskplatform.domain.provenance import Provenance
from riskplatform.errors import UnknownNameError
from riskplatform.pricing.attributes import SLICES
from riskplatform.pricing.valuation import PLACES
from riskplatform.risk.benchmarks import Benchmark
from riskplatform.risk.book import RiskBook, ScenarioView
from riskplatform.risk.checks import checked_confidence
from riskplatform.risk.methods import METHODS, OF_HISTORY, OF_SCENARIOS
from riskplatform.risk.node_risk import NodeRisk, node_risk
from riskplatform.risk.risk_report import RiskReport, TailReport
from riskplatform.risk.sample import Question
from riskplatform.risk.slices import SlicedRisk, sliced_risk
from riskplatform.risk.standing import check_view
from riskplatform.risk.tree_risk import TreeRisk, all_nodes_risk

if TYPE_CHECKING:
    from riskplatform.desk.desk import Desk

MODEL_ID = "cube-risk"
DELTA_GAMMA = "delta_gamma"
"""Names the three methods that need sensitivities and not only scenarios."""


@dataclass(frozen=True, kw_only=True)
class BookQuestion:
    """Which book of risk: scenario sets and how they are made. ``only_built`` builds nothing."""

    scenarios: Sequence[Asked] = USUAL_SETS
    days: int = DEFAULT_DAYS
    seed: int = DEFAULT_SEED
    at_snapshot: int | None = None
    only_built: bool = False
    progress: Callable[[int, int], None] | None = None

    def book(self, desk: Desk, as_of: date, *, with_exposures: bool = False) -> RiskBook:
        """Opened, or built where it may be."""
        if self.only_built:
            return built_book(
                desk, as_of, self.scenarios, days=self.days, seed=self.seed,
                at_snapshot=self.at_snapshot, with_exposures=with_exposures,
            )  # fmt: skip
        return risk_book(
            desk, as_of, self.scenarios, days=self.days, seed=self.seed,
            at_snapshot=self.at_snapshot, with_exposures=with_exposures, progress=self.progress,
        )  # fmt: skip


def risk(
    desk: Desk,
    node: str | None,
    as_of: date,
    question: Question,
    where: BookQuestion,
    *,
    methods: Sequence[str] | None,
    by: str | None,
    with_exposures: bool,
    with_tree: bool,
) -> RiskReport:
    """A node by every method in every scenario set; sliced, and with all nodes, if asked for."""
    names = checked_methods(methods)
    if by is not None:
        check_slice(by, (*PLACES, *SLICES))
    desk._scope(node)
    exposed = with_exposures or (names is not None and DELTA_GAMMA in names)
    book = where.book(desk, as_of, with_exposures=exposed)
    against = benchmark(desk, book, node)
    given = against if isinstance(against, Benchmark) else None
    sets = [
        node_risk(book, node, view.name, question, _suiting(view, book, names), benchmark=given)
        for view in book.views.values()
    ]
    if isinstance(against, Failure):
        sets = [replace(each, failures=(*each.failures, against)) for each in sets]
    if exposed:
        sets[0] = _with_delta_gamma(desk, book, node, question, where, sets[0])
    sliced = sliced_risk(book, by, node, None, question.confidence) if by is not None else None
    inputs = {
        **_view_inputs(book.views.values()),
        "confidence": f"{question.confidence:.12g}",
        "horizon days": f"{question.horizon_days:g}",
        "methods": ", ".join(names) if names is not None else "all",
        "exposures": "used" if exposed else "not used",
        "by": by or "",
        "benchmark": given.benchmark_id if given else "",
    }
    return RiskReport(
        node=node or book.nodes[book.row(node)] or book.name,
        question=question,
        sets=tuple(sets),
        slices=sliced,
        tree=all_nodes_risk(book, None, question.confidence) if with_tree else None,
        provenance=provenance(desk, book, node, where, inputs),
    )


def checked_methods(methods: Sequence[str] | None) -> list[str] | None:
    """Names of methods that there are, each once."""
    if methods is None:
        return None
    for name in methods:
        if name not in METHODS and name != DELTA_GAMMA:
            error = UnknownNameError("risk method", name, (*METHODS, DELTA_GAMMA))
            error.hint = error.hint or f"There are {', '.join((*METHODS, DELTA_GAMMA))}."
            raise error
    return list(dict.fromkeys(methods))


def check_slice(by: str, known: Sequence[str]) -> None:
    """Refuse what nothing can be sliced by, before anything is built."""
    if by not in known:
        error = UnknownNameError("slice", by, known)
        error.hint = error.hint or f"There are {', '.join(known)}."
        raise error


def _suiting(view: ScenarioView, book: RiskBook, names: Sequence[str] | None) -> list[str] | None:
    """Those asked for that suit a view, and those that suit none: they say why they do not."""
    if names is None:
        return None
    known = [OF_HISTORY if each.is_history else OF_SCENARIOS for each in book.views.values()]
    mine = OF_HISTORY if view.is_history else OF_SCENARIOS
    lost = [name for name in names if not any(name in each for each in known)]
    return [name for name in (*mine, *lost) if name in names and name != DELTA_GAMMA]


def _with_delta_gamma(
    desk: Desk,
    book: RiskBook,
    node: str | None,
    question: Question,
    where: BookQuestion,
    found: NodeRisk,
) -> NodeRisk:
    """By the covariance of daily history: a view of the book, or the desk's usual one."""
    from riskplatform.desk.factor_moves import daily_history
    from riskplatform.risk.delta_gamma_node import node_delta_gamma
    from riskplatform.risk.factor_parts import exposures_of

    history = daily_history(desk, book, days=where.days, seed=where.seed)
    columns = book.known.columns
    figures = node_delta_gamma(exposures_of(book, node), columns, history, question)
    return found.with_figures(*figures)


def decompose(
    desk: Desk,
    node: str | None,
    by: str,
    as_of: date,
    where: BookQuestion,
    *,
    confidence: float,
    incremental: bool,
    shown: int,
    drivers: int,
) -> SlicedRisk:
    """One scenario set taken apart by slice, position, place in the tree, or factor."""
    from riskplatform.risk.factor_parts import BY_FACTOR, factor_risk

    checked_confidence(confidence)
    check_slice(by, (*PLACES, *SLICES, *BY_FACTOR))
    desk._scope(node)
    by_factor = by in BY_FACTOR
    book = where.book(desk, as_of, with_exposures=by_factor)
    options: dict[str, Any] = {"incremental": incremental, "shown": shown, "drivers": drivers}
    if by_factor:
        from riskplatform.desk.factor_moves import factor_moves

        check_view(book.view(), confidence)
        moves = factor_moves(desk, book)
        found = factor_risk(book, by, moves, node, None, confidence, **options)
    else:
        found = sliced_risk(book, by, node, None, confidence, **options)
    inputs = {
        **_view_inputs([book.view()]),
        "confidence": f"{confidence:.12g}",
        "by": by,
        "incremental": str(incremental).lower(),
    }
    return found.with_provenance(provenance(desk, book, node, where, inputs))


def tails_of(found: SlicedRisk) -> TailReport:
    """The tail of a risk that was taken apart."""
    assert found.provenance is not None
    return TailReport(found, found.provenance)


def nodes_risk(
    desk: Desk, as_of: date, where: BookQuestion, confidence: float, with_positions: bool
) -> TreeRisk:
    """Every node of the book in one scenario set."""
    checked_confidence(confidence)
    book = where.book(desk, as_of)
    found = all_nodes_risk(book, None, confidence, with_positions=with_positions)
    inputs = {**_view_inputs([book.view()]), "confidence": f"{confidence:.12g}", "of": "all nodes"}
    return found.with_provenance(provenance(desk, book, None, where, inputs))


def provenance(
    desk: Desk, book: RiskBook, node: str | None, where: BookQuestion, more: Mapping[str, str]
) -> Provenance:
    """Where a figure of a node comes from, and how much of what it holds is in it."""
    return Provenance(
        as_of=book.as_of,
        base_currency=book.base_currency,
        model_id=MODEL_ID,
        inputs={
            **book.inputs,
            "portfolio": node or "all",
            "days": str(where.days),
            "seed": str(where.seed),
            **more,
        },
        coverage=covered(desk, book, node),
    )


def covered(desk: Desk, book: RiskBook, node: str | None) -> Coverage:
    """The instruments that a node holds: those with gains, and why the others have none."""
    if node is None:
        failed = {each.subject for each in book.failures}
        held = book.held_by(None)
        names = [book.instrument_ids[place] for place in np.flatnonzero(held)]
        return Coverage(sum(name not in failed for name in names), book.failures)
    leaves = book.tree.leaves(node)
    lines = desk.ledger.positions(book.as_of, portfolio_ids=leaves).to_frame()
    mine = set(lines["instrument_id"])
    failures = tuple(each for each in book.failures if each.subject in mine)
    return Coverage(len(mine) - len(failures), failures)


def _view_inputs(views: Any) -> dict[str, str]:
    return {
        f"scenarios {view.name}": f"{len(view.labels):,}, {view.horizon_days}-day, set "
        f"{view.scenario_set[:16]}"
        for view in views
    }
