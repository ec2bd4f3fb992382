"""Computes the numbers of a question, from columns of scenarios and from a book held ready."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from riskplatform.domain.outcome import Failure
from riskplatform.errors import UserInputError
from riskplatform.market.content import FloatArray
from riskplatform.project.query_language import EXPOSURES, GAIN, Query
from riskplatform.project.query_language.query import OF_BOOK, OF_RISK
from riskplatform.project.scenario_language import Scenario
from riskplatform.risk.book import RiskBook
from riskplatform.risk.standing import check_view
from riskplatform.risk.what_if import Change, WhatIf, netted
from riskplatform.risk.what_if.measuring import GROSS, VALUE, Gauges, read_view
from riskplatform.stress.answer import AnswerRow
from riskplatform.stress.haircuts import costs, haircuts_of, shares_lost

_GAUGES: Mapping[str, str] = {
    "value": VALUE,
    "gross_value": GROSS,
    **{name: name for name in EXPOSURES},
}


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """A book whose first view has a column for each scenario, and what each was taken from."""

    book: RiskBook
    scenarios: tuple[Scenario, ...]
    origins: Mapping[str, str]
    failures: tuple[Failure, ...] = ()


def check_by(query: Query) -> None:
    """Only what adds up has groups."""
    wrong = [name for name in query.measures if name in OF_RISK]
    if query.by is not None and wrong:
        raise UserInputError(
            f"{' and '.join(wrong)} by {query.by} is no sum of parts.",
            hint="Ask without it, or see `riskplatform risk decompose`.",
        )


def changed(book: RiskBook, changes: Sequence[Change], self_financed: bool) -> sparse.csr_matrix:
    """What is added to holdings [leaf, instrument]."""
    if not changes:
        return sparse.csr_matrix(book.holdings.shape)
    net = netted(book, changes, self_financed=self_financed).whole
    rows, columns = np.array(list(net), dtype=np.intp).reshape(-1, 2).T
    return sparse.csr_matrix((list(net.values()), (rows, columns)), book.holdings.shape)


def gain_rows(
    columns: Columns, query: Query, changes: Sequence[Change], nodes: Sequence[str | None]
) -> Iterator[AnswerRow]:
    """Gains of each node in each scenario, less haircuts."""
    if GAIN not in query.measures:
        return
    book = columns.book
    added = changed(book, changes, query.self_financed)
    after = replace(book, holdings=(book.holdings + added).tocsr())
    before = _Gains(book, columns)
    then = _Gains(after, columns) if added.nnz else before
    for node in nodes:
        name = book.nodes[book.row(node)]
        for scenario in columns.scenarios:
            origin = columns.origins[scenario.scenario_id]
            one, two = (each.of(node, scenario, query.by) for each in (before, then))
            for group in dict.fromkeys((*one, *two)):
                yield AnswerRow(
                    node=name,
                    scenario=scenario.scenario_id,
                    measure=GAIN,
                    group=group,
                    value=two.get(group, 0.0),
                    base=one.get(group, 0.0),
                    unit=book.base_currency,
                    origin=origin,
                )


class _Gains:
    """Gains of one state of the holdings; haircuts are of each leaf, so they are kept apart."""

    def __init__(self, book: RiskBook, columns: Columns) -> None:
        self._book, self._view = book, book.view()
        self._place = {label: i for i, label in enumerate(self._view.labels)}
        self._leaves = self._view.of(book.holdings)
        self._worth = self._view.cube.worth(book.base_currency)

    def of(self, node: str | None, scenario: Scenario, by: str | None) -> dict[str, float]:
        """By group; the whole is the group without a name."""
        book, column = self._book, self._place[scenario.scenario_id]
        row = book.below[book.row(node)]
        if by is None:
            total = row @ (self._leaves[:, column] + self._haircuts(scenario, book.holdings))
            return {"": float(total[0])}
        names, grouped = book.sliced(by, node)
        gains = self._view.of(grouped)[:, column]
        found = dict(zip(names, gains.tolist(), strict=True))
        cost = float((row @ self._haircuts(scenario, book.holdings))[0])
        return {**found, "haircuts": cost} if cost else found

    def _haircuts(self, scenario: Scenario, holdings: sparse.csr_matrix) -> FloatArray:
        haircuts = list(haircuts_of(scenario))
        if not haircuts:
            return np.zeros(holdings.shape[0])
        return costs(holdings, self._worth, shares_lost(haircuts, self._book.attributes))


def book_rows(
    ready: WhatIf, query: Query, changes: Sequence[Change], nodes: Sequence[str | None]
) -> Iterator[AnswerRow]:
    """Values, exposures and risk of each node, by the same functions as a what-if."""
    of_book = [name for name in query.measures if name in _GAUGES]
    of_risk = [name for name in query.measures if name in OF_RISK]
    for node in nodes:
        if of_risk:
            yield from _risk_rows(ready, query, changes, node, of_risk)
        if of_book:
            yield from _gauge_rows(ready, query, changes, node, of_book)


def _risk_rows(
    ready: WhatIf, query: Query, changes: Sequence[Change], node: str | None, names: Sequence[str]
) -> Iterator[AnswerRow]:
    book = ready.book
    view = book.view()
    check_view(view, query.confidence)
    state = ready.state_of(changes, self_financed=query.self_financed)
    one, two = (read_view(each, node, view, query.confidence) for each in (ready.base, state))
    for name in names:
        at = OF_RISK.index(name)
        yield AnswerRow(
            node=book.nodes[book.row(node)],
            scenario=view.name,
            measure=name,
            group="",
            value=float(two[at]),
            base=float(one[at]),
            unit=book.base_currency,
            origin=f"cube {view.cube.cube_id[:16]}",
        )


def _gauge_rows(
    ready: WhatIf, query: Query, changes: Sequence[Change], node: str | None, names: Sequence[str]
) -> Iterator[AnswerRow]:
    """What is a sum over units: values and sensitivities."""
    book, gauges = ready.book, Gauges.of(ready.book)
    place = {row.measure: i for i, row in enumerate(gauges.rows)}
    added = changed(book, changes, query.self_financed)
    after = replace(book, holdings=(book.holdings + added).tocsr())
    one, two = (
        {group: gauges.read(held) for group, held in _grouped(each, query.by, node)}
        for each in (book, after)
    )
    nothing = np.zeros(len(gauges.rows))
    for name in names:
        at = place[_GAUGES[name]]
        for group in dict.fromkeys((*one, *two)):
            yield AnswerRow(
                node=book.nodes[book.row(node)],
                scenario="",
                measure=name,
                group=group,
                value=float(two.get(group, nothing)[at]),
                base=float(one.get(group, nothing)[at]),
                unit=gauges.rows[at].unit,
                origin="marks" if name in OF_BOOK else "sensitivities",
            )


def _grouped(book: RiskBook, by: str | None, node: str | None) -> list[tuple[str, FloatArray]]:
    """Quantities by instrument of each group of a node; the whole is the group without a name."""
    if by is None:
        return [("", book.held_by(node))]
    names, grouped = book.sliced(by, node)
    return [(name, np.asarray(grouped[i].todense()).ravel()) for i, name in enumerate(names)]
