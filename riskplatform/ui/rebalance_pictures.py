"""What the pictures of a proposal are drawn from: a frontier, a tree of likeness, parts of risk.

All are of the ground that the rule stands on: the same universe, returns and covariance as the
proposal has.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from riskplatform.desk.allocating import inputs_of
from riskplatform.desk.allocation_ground import Ground
from riskplatform.desk.what_if_session import WhatIfSession
from riskplatform.domain.outcome import Failure, FailureReason
from riskplatform.factors.covariance.matrices import to_correlation
from riskplatform.market.content import FloatArray
from riskplatform.optimisation.cluster_tree import ClusterTree, cluster_tree
from riskplatform.optimisation.constraints.contract import Constraint
from riskplatform.optimisation.constraints.trading import Restricted
from riskplatform.optimisation.constraints.weights import Box
from riskplatform.optimisation.expected_returns import Equilibrium
from riskplatform.optimisation.frontier import Frontier, efficient_frontier
from riskplatform.optimisation.inputs import Inputs
from riskplatform.optimisation.proposals import Proposal
from riskplatform.optimisation.recipes import choices_of
from riskplatform.optimisation.rules import DAYS_OF_YEAR
from riskplatform.reporting.cluster_charts import clusters_of_tree, halves_of_order
from riskplatform.reporting.rebalance_charts import thinned
from riskplatform.risk.slices import sliced_risk
from riskplatform.risk.what_if import Trade

MOST_FRONTIER = 600
"""Assets: the walk along the frontier of more takes longer than a page should."""

AVERSION = 2.5
FREE, BOUNDED = "Efficient", "Within the bounds"
HELD, PROPOSED = "As held", "As proposed"


@dataclass(frozen=True, eq=False)
class FrontierPicture:
    """Per year; ``words`` say what the returns are, ``failures`` why a curve is not there."""

    curves: dict[str, pd.DataFrame]
    points: pd.DataFrame
    lines: pd.DataFrame
    words: str
    failures: tuple[Failure, ...] = ()


def frontier_of(ground: Ground, proposal: Proposal) -> FrontierPicture:
    """The exact frontier, alone and within the bounds of single lines, and both portfolios."""
    rule, inputs = ground.rule, ground.inputs
    words = "Returns are those that the rule expects."
    if rule.expected is not None:
        inputs = inputs_of(ground, rule)
    else:
        inputs = Equilibrium(aversion=AVERSION).fit(inputs).into(inputs)
        words = (
            "The rule expects no returns: shown are those of an equilibrium in which the market "
            f"holds what is held (aversion {AVERSION:g}), so what is held is efficient by "
            "construction."
        )
    days = DAYS_OF_YEAR / ground.book.view(rule.scenarios).horizon_days
    weights = np.stack([_weights(proposal, inputs, each) for each in ("held", "proposed")])
    points = _moments(inputs, weights, [HELD, PROPOSED], days)
    lines = _moments(inputs, np.eye(len(inputs.asset_ids)), inputs.asset_ids, days)
    curves, failures = _curves(ground, inputs, days)
    return FrontierPicture(curves, points, lines, words, failures)


def _weights(proposal: Proposal, inputs: Inputs, what: str) -> FloatArray:
    """Shares of what is allocated; money that is not invested has neither return nor risk."""
    values = {
        line.instrument_id: line.value_before if what == "held" else line.value_after
        for line in proposal.lines
    }
    kept = sum(value for name, value in values.items() if name not in inputs.asset_ids)
    return np.array([values.get(name, 0.0) for name in inputs.asset_ids]) / (proposal.value - kept)


def _moments(
    inputs: Inputs, weights: FloatArray, names: Sequence[str], days: float
) -> pd.DataFrame:
    variances = np.einsum("ij,ij->i", weights @ inputs.sigma, weights)
    return pd.DataFrame(
        {
            "volatility": np.sqrt(np.maximum(variances, 0.0) * days),
            "expected": weights @ inputs.views * days,
        },
        index=list(names),
    )


def _curves(
    ground: Ground, inputs: Inputs, days: float
) -> tuple[dict[str, pd.DataFrame], tuple[Failure, ...]]:
    count = len(inputs.asset_ids)
    if count > MOST_FRONTIER:
        message = (
            f"The frontier is drawn of up to {MOST_FRONTIER} lines, and these are {count:,}: both "
            "portfolios are shown without it."
        )
        return {}, (Failure(FailureReason.NOT_SUPPORTED, message, "frontier"),)
    found = {FREE: efficient_frontier(inputs)}
    bounds = bounds_of(ground.constraints(), inputs)
    if bounds is not None:
        low, high = (dict(zip(inputs.asset_ids, each.tolist(), strict=True)) for each in bounds)
        found[BOUNDED] = efficient_frontier(inputs, low, high)
    curves, failures = {}, []
    for name, each in found.items():
        if isinstance(each, Frontier):
            curve = thinned(each.curve())
            curves[name] = curve.assign(
                volatility=curve["volatility"] * np.sqrt(days), expected=curve["expected"] * days
            )
        else:
            failures.append(each.failure)
    return curves, tuple(failures)


def bounds_of(
    constraints: Sequence[Constraint], inputs: Inputs
) -> tuple[FloatArray, FloatArray] | None:
    """From where to where each weight may go, by boxes and the restricted list; None without any.

    Other constraints are of several lines at once and are no bounds.
    """
    count = len(inputs.asset_ids)
    low, high = np.full(count, np.nan), np.ones(count)
    current = np.zeros(count) if inputs.current is None else np.asarray(inputs.current)
    is_bounded = False
    for each in constraints:
        if not isinstance(each, Box | Restricted):
            continue
        is_bounded = True
        names = None if each.assets is None else set(each.assets)
        inside = np.array([names is None or name in names for name in inputs.asset_ids])
        if isinstance(each, Restricted):
            high[inside] = np.minimum(high, np.maximum(current, 0.0))[inside]
            continue
        high[inside] = np.minimum(high[inside], each.high)
        if np.isfinite(each.low):
            low[inside] = np.fmax(low[inside], each.low)
    # Where no low is said an asset is held long.
    return (np.where(np.isnan(low), 0.0, low), high) if is_bounded else None


@dataclass(frozen=True, eq=False)
class ClusterPicture:
    """``correlation`` and ``names`` are in the order of the inputs; ``words`` say whose tree it
    is."""

    tree: ClusterTree
    correlation: FloatArray
    names: tuple[str, ...]
    groups: dict[str, dict[str, str]]
    cut: tuple[slice, ...]
    words: str


def clusters_of(ground: Ground) -> ClusterPicture:
    """The tree of a rule that splits by one; of any other the one that shows likeness best."""
    rule, inputs = ground.rule, ground.inputs
    known = {**choices_of(rule.recipe), **rule.choices}
    is_halved = "linkage" in known and known.get("split", "halves") == "halves"
    is_halved = is_halved and "clusters" not in known
    if "linkage" in known:
        distance, linkage = str(known["distance"]), str(known["linkage"])
        is_optimal = bool(known.get("is_optimal_order", False))
        words = f"The tree that {rule.recipe} splits by: distance {distance}, linkage {linkage}."
        if is_halved:
            words += (
                " It gives money to halves of the order, and of these again: squares are eighths."
            )
    else:
        distance, linkage, is_optimal = "correlation", "ward", True
        words = (
            f"{rule.recipe} does not use a tree: this one (distance correlation, linkage ward) "
            "shows which lines move together."
        )
    tree = cluster_tree(
        inputs.sigma, distance=distance, linkage=linkage, is_optimal_order=is_optimal
    )
    table = ground.book.attributes.set_index("instrument_id").reindex(list(inputs.asset_ids))
    groups = {
        by: {str(name): str(group) for name, group in table[by].dropna().items() if group}
        for by in ("sector", "country")
    }
    cut = halves_of_order(tree) if is_halved else clusters_of_tree(tree)
    return ClusterPicture(
        tree, to_correlation(inputs.sigma)[1], inputs.asset_ids, groups, tuple(cut), words
    )


@dataclass(frozen=True, eq=False)
class RiskParts:
    """``lines`` has one row per instrument of the node: its groups, and components before and
    after, which sum to the ES of the proposal; ``view`` is the scenario set."""

    lines: pd.DataFrame
    view: str
    confidence: float

    def by(self, group: str) -> pd.DataFrame:
        """``before`` and ``after`` by a group of instruments."""
        keys = self.lines[group].astype(object).where(self.lines[group].notna(), "unclassified")
        return self.lines[["before", "after"]].groupby(keys.astype(str), sort=False).sum()


GROUPS = {
    "Sector": "sector",
    "Country": "country",
    "Currency": "currency",
    "Class": "asset_class",
    "Lines": "instrument_id",
}


def parts_of(session: WhatIfSession, proposal: Proposal, view: str) -> RiskParts:
    """Components of ES of everything in the node, in full revaluation, before and after."""
    trades = [
        Trade(each.instrument_id, each.quantity, each.portfolio_id) for each in proposal.trades
    ]
    ready = session.ready_for(each.instrument_id for each in trades)
    chosen = view if not ready.book.view(view).is_stress else ready.book.view().name
    components = {}
    for name, state in (("before", ready.base), ("after", ready.state_of(trades))):
        found = sliced_risk(
            state, "instrument_id", proposal.node, chosen, session.confidence, incremental=False
        )
        components[name] = found.parts.to_frame()["es"]
    lines = pd.DataFrame(components).fillna(0.0)
    table = ready.book.attributes.set_index("instrument_id", drop=False)
    groups = table[list(GROUPS.values())].reindex(lines.index)
    groups["instrument_id"] = lines.index
    return RiskParts(groups.join(lines), chosen, session.confidence)
