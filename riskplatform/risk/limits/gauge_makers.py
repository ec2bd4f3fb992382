"""How each measure reads a book: from a limit's terms to a gauge of its axis.

What cannot be made, because the book lacks it or has no such name, is raised; whoever judges makes
it the reason why that one limit is not measured.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from riskplatform.domain.limits import Limit
from riskplatform.errors import MissingDataError, UnknownNameError, UserInputError
from riskplatform.market.content import FloatArray
from riskplatform.pricing.attributes import SLICES
from riskplatform.risk.book import RiskBook, ScenarioView
from riskplatform.risk.limits.gauges import BoolArray, Gauge, Linear, OfGains, OfHoldings, OfTail
from riskplatform.risk.limits.holdings import Gross, Groups, Unwinding
from riskplatform.risk.sample import too_few

HISTORICAL, MONTE_CARLO, STRESS = "historical", "monte_carlo", "stress"
_NO_VALUE = "has no value"


def exposure(limit: Limit, book: RiskBook) -> Gauge:
    """A sensitivity, net or added without netting, of one factor or of all."""
    facts = book.known
    if limit.factor_id is not None and not facts.places(limit.measure, limit.factor_id).size:
        known = facts.columns["factor_id"][facts.places(limit.measure)].unique()
        error = UnknownNameError(f"factor of {limit.measure} in this book", limit.factor_id, known)
        error.hint = error.hint or f"There are {', '.join(map(str, known[:10]))}."
        raise error
    per_unit = facts.per_unit(limit.measure, limit.factor_id) * _chosen(limit, book)
    return _sum_of(limit, per_unit, np.zeros(per_unit.size, np.bool_), "", gross=bool(limit.gross))


def net_value(limit: Limit, book: RiskBook) -> Gauge:
    chosen = _chosen(limit, book)
    values, lacks = _values(book)
    return _sum_of(limit, values * chosen, lacks & chosen, _NO_VALUE, gross=False)


def gross_value(limit: Limit, book: RiskBook) -> Gauge:
    chosen = _chosen(limit, book) & _not_cash(book)
    values, lacks = _values(book)
    return _sum_of(limit, values * chosen, lacks & chosen, _NO_VALUE, gross=True)


def leverage(limit: Limit, book: RiskBook) -> Gauge:
    values, lacks = _values(book)
    sizes = np.abs(values) * _not_cash(book)

    def no_value(held: FloatArray) -> str | None:
        return None if (held * values).any() else "Nothing held has a value"

    parts = Gross(sizes, values)
    return OfHoldings(
        figure=parts.figure, lacks=lacks, why=_NO_VALUE, of_nothing=no_value, parts=parts
    )


def concentration(limit: Limit, book: RiskBook) -> Gauge:
    """The largest share of a named group, or that of one group."""
    values, lacks = _values(book)
    sizes = np.abs(values) * _not_cash(book)
    keys = _keys(limit, book)
    names = sorted({str(key) for key in keys if key is not None and key == key})
    if limit.group is not None:
        names = [limit.group]
    place = {name: i for i, name in enumerate(names)}
    rows = np.array([place.get(str(key), -1) for key in keys], dtype=np.intp)
    named = np.flatnonzero(rows >= 0)
    shape = (max(len(names), 1), len(rows))
    table = sparse.csr_matrix((sizes[named], (rows[named], named)), shape)
    groups = Groups(tuple(names) or ("nothing",), table, sizes)

    def no_gross(held: FloatArray) -> str | None:
        return None if np.abs(held) @ sizes > 0.0 else "There is no gross value to have shares of"

    return OfHoldings(
        figure=groups.largest,
        lacks=lacks,
        why=_NO_VALUE,
        subject=groups.largest_name,
        of_nothing=no_gross,
        parts=groups,
    )


def days_to_unwind(limit: Limit, book: RiskBook) -> Gauge:
    """Of what has a volume; the rest is listed in the coverage."""
    facts = book.known
    known = np.isfinite(facts.daily_volumes) & np.isfinite(facts.values) & _not_cash(book)
    places = np.flatnonzero(known)
    unwinding = Unwinding(
        places=places,
        daily=facts.daily_volumes[places] * _given(limit, "participation", limit.participation),
        sizes=np.abs(facts.values[places]),
        share=_given(limit, "share", limit.share),
    )

    def no_volume(held: FloatArray) -> str | None:
        if held[places].any() or not held.any():
            return None
        return "Nothing held has a daily volume"

    lacks = ~known & _not_cash(book)
    return OfHoldings(
        figure=unwinding.days,
        lacks=lacks,
        why="has no daily volume",
        of_nothing=no_volume,
        parts=unwinding,
    )


def var(limit: Limit, book: RiskBook) -> Gauge:
    return _tail(limit, book, is_es=False)


def es(limit: Limit, book: RiskBook) -> Gauge:
    return _tail(limit, book, is_es=True)


def stress_loss(limit: Limit, book: RiskBook) -> Gauge:
    """The loss of one scenario, or the largest of all."""
    view = view_of(limit.scenarios or STRESS, book)
    if not view.is_stress:
        raise MissingDataError(
            f"The scenarios {view.name!r} are likelihoods of a day, not stress scenarios.",
            hint="Name a view of stress scenarios.",
        )
    lacks = _not_priced(view, book)
    if limit.scenario is None:
        return OfGains(
            view=view.name,
            figure=lambda gains: -gains.min(axis=-1),
            lacks=lacks,
            why="has no price in the scenarios",
            subject=lambda gains: view.labels[int(gains.argmin())],
        )
    if limit.scenario not in view.labels:
        raise UnknownNameError(f"scenario of {view.name!r}", limit.scenario, view.labels)
    at = view.labels.index(limit.scenario)
    return OfGains(
        view=view.name,
        figure=lambda gains: -gains[..., at],
        lacks=lacks,
        why="has no price in the scenarios",
    )


def view_of(name: str, book: RiskBook) -> ScenarioView:
    """A view by its name, or the first of a kind: historical, monte_carlo or stress."""
    if name in book.views:
        return book.views[name]
    kinds: dict[str, Callable[[ScenarioView], bool]] = {
        HISTORICAL: lambda view: view.is_history,
        MONTE_CARLO: lambda view: not view.is_history and not view.is_stress,
        STRESS: lambda view: view.is_stress,
    }
    if name in kinds:
        for view in book.views.values():
            if kinds[name](view):
                return view
        raise MissingDataError(
            f"The book has no {name.replace('_', ' ')} scenarios.",
            hint=f"It has {', '.join(book.views) or 'none'}; ask for it with such a set.",
        )
    return book.view(name)


def _tail(limit: Limit, book: RiskBook, *, is_es: bool) -> Gauge:
    view = view_of(limit.scenarios or HISTORICAL, book)
    if view.is_stress:
        raise MissingDataError(
            f"The scenarios {view.name!r} are stress scenarios, without likelihoods.",
            hint="Name historical or drawn scenarios, or limit the stress loss.",
        )
    days = _given(limit, "horizon_days", limit.horizon_days)
    if days != view.horizon_days:
        raise MissingDataError(
            f"The scenarios {view.name!r} cover {view.horizon_days:g} days, the limit {days:g}.",
            hint="Ask for scenarios of the limit's own horizon.",
        )
    confidence = _given(limit, "confidence", limit.confidence)
    few = too_few(len(view.labels), confidence)
    if few is not None:
        raise MissingDataError(few.message)
    return OfTail(
        view=view.name,
        confidence=confidence,
        is_es=is_es,
        weights=view.weights,
        lacks=_not_priced(view, book),
        why="has no price in the scenarios",
    )


def _sum_of(
    limit: Limit, per_unit: FloatArray, lacks: BoolArray, why: str, *, gross: bool
) -> Gauge:
    if not np.isfinite(per_unit).all():
        raise MissingDataError(f"The {limit.measure} of some units is no number.")
    if not gross:
        return Linear(per_unit=per_unit, lacks=lacks, why=why)
    parts = Gross(np.abs(per_unit))
    return OfHoldings(figure=parts.figure, lacks=lacks, why=why, parts=parts)


def _values(book: RiskBook) -> tuple[FloatArray, BoolArray]:
    """Values of units, none where there is none, and where that is."""
    values = book.known.values
    lacks = ~np.isfinite(values)
    return np.where(lacks, 0.0, values), lacks


def _not_cash(book: RiskBook) -> BoolArray:
    return np.asarray(book.attributes["asset_class"] != "cash", dtype=np.bool_)


def _not_priced(view: ScenarioView, book: RiskBook) -> BoolArray:
    out = np.zeros(len(book.instrument_ids), np.bool_)
    out[view.cube.not_covered(sparse.csr_matrix(np.ones((1, out.size))))] = True
    return out


def _keys(limit: Limit, book: RiskBook) -> NDArray[np.object_]:
    by = str(limit.by)
    if by not in SLICES:
        error = UnknownNameError("slice", by, SLICES)
        error.hint = error.hint or f"There are {', '.join(SLICES)}."
        raise error
    keys = book.attributes[by].to_numpy(dtype=object)
    known = {str(key) for key in keys if key is not None and key == key}
    if limit.group is not None and limit.group not in known:
        raise UnknownNameError(f"{by} in this book", limit.group, known)
    return keys


def _chosen(limit: Limit, book: RiskBook) -> BoolArray:
    """The instruments of the limit's group; all without one."""
    if limit.by is None:
        return np.ones(len(book.instrument_ids), np.bool_)
    return np.array([str(key) == limit.group for key in _keys(limit, book)], dtype=np.bool_)


def _given(limit: Limit, term: str, value: float | None) -> float:
    if value is None:
        raise UserInputError(f"Limit {limit.limit_id} has no {term}.")
    return value
