"""Which factors a shock can mean, and what is said of a name that is none of them."""

from __future__ import annotations

import numpy as np

from riskplatform.errors import UnknownNameError, nearest
from riskplatform.pricing.units.flows import NodeKind
from riskplatform.project.scenario_language.scenario import Selection, Shock
from riskplatform.simulation.nodes import PREFIXES
from riskplatform.stress.factor_table import BoolArray, FactorTable, check_words, selected

CLASSES = ("equity", "commodity", "crypto")
KINDS = {
    "fx": NodeKind.FX,
    "rates": NodeKind.ZERO,
    "credit": NodeKind.HAZARD,
    "default": NodeKind.HAZARD,
    "volatility": NodeKind.VOL,
    "carry": NodeKind.CARRY,
}


def among(shock: Shock, table: FactorTable) -> BoolArray:
    """The factors that a shock names."""
    if shock.target == "factor":
        names = np.array(_factor_names(shock.selection, table), dtype=object)
        return selected(shock.selection, table.groups, names)
    return table.selected(shock.selection, candidates(shock.target, table))


def candidates(target: str, table: FactorTable) -> BoolArray:
    """The factors that a target can be of."""
    if target in CLASSES:
        prices = table.of_kind(NodeKind.SPOT, NodeKind.PRICE)
        return prices & (table.groups["asset_class"] == target).to_numpy(dtype=np.bool_)
    return table.of_kind(KINDS[target])


def _factor_names(selection: Selection, table: FactorTable) -> tuple[str, ...]:
    """Every factor's id; refused where a name is no factor's, as a slip would go unseen."""
    ids = table.factor_ids
    folded = {name.casefold() for name in ids}
    for name in selection.names:
        kind = name.split(".", 1)[0]
        if kind not in PREFIXES.values() and "*" not in kind:
            raise UnknownNameError("type of factor", kind, PREFIXES.values())
        if not set("*?[") & set(name) and name.casefold() not in folded:
            # A curve without a tenor means all of its tenors, and is written with a star.
            if any(each.startswith(f"{name.casefold()}@") for each in folded):
                error = UnknownNameError("factor", name, ())
                error.hint = f"Write {name}@* for all its tenors."
                raise error
            raise UnknownNameError("factor", name, ids)
    return ids


def unknown_names(shock: Shock, table: FactorTable) -> list[str]:
    """Why a shock moves nothing here, with the nearest word where one may be wrong."""
    words = f"Nothing that is held is moved by {shock.target}: {shock.selection}."
    known = [] if shock.target == "factor" else [
        table.nodes[row].name for row in np.flatnonzero(candidates(shock.target, table))
    ]  # fmt: skip
    hints = [
        f"is {name} meant to be {near[0]}?"
        for name in shock.selection.names
        if "*" not in name and (near := nearest(name, known, 1))
    ]
    hints += [
        f"{error.what} {error.name}: {error.hint}"
        for error in check_words(shock.selection, table.groups)
        if error.hint
    ]
    return [" ".join([words, *hints])]
