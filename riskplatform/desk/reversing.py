"""Reverse stress, inference and fragile directions of a node, from the desk's own history."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from riskplatform.desk.factor_amounts import Bounds, Move, bounds_of, shocks_of
from riskplatform.desk.node_ground import NodeGround, node_ground
from riskplatform.desk.snapshots import market_snapshot
from riskplatform.errors import UnknownNameError, UserInputError
from riskplatform.stress.band import linear_band, revalued_band
from riskplatform.stress.conditional import conditional
from riskplatform.stress.days_that_count import DaysThatCount
from riskplatform.stress.fragile import minimal_shock_directions
from riskplatform.stress.reports import FragileReport, InferReport, ReverseReport
from riskplatform.stress.reverse import Ask
from riskplatform.stress.reverse import reverse_stress as search

if TYPE_CHECKING:
    from riskplatform.desk.desk import Desk

REVERSE, INFER, FRAGILE = "reverse stress 1", "conditional stress 1", "fragile directions 1"
DISTRIBUTIONS = ("gaussian", "t")
_LOSSES = ("var", "es", "stress_loss")


def ground_of(
    desk: Desk,
    node: str | None,
    as_of: date,
    days: int,
    counted: DaysThatCount | None,
    at_snapshot: int | None,
    *,
    everything: bool = False,
) -> NodeGround:
    snapshot = market_snapshot(desk.lake) if at_snapshot is None else at_snapshot
    return node_ground(
        desk, node, as_of, days=days, counted=counted, snapshot=snapshot, everything=everything
    )


def reverse_stress(
    desk: Desk,
    loss: float | None,
    node: str | None,
    as_of: date,
    *,
    limit: str | None,
    ask: Ask,
    still: Iterable[str],
    bounds: Bounds | None,
    days: int,
    counted: DaysThatCount | None,
    at_snapshot: int | None,
) -> ReverseReport:
    """The most likely scenarios in which a node loses so much, or as much as a limit allows."""
    wanted, where = _loss_of(desk, loss, node, limit, as_of)
    ground = ground_of(desk, where, as_of, days, counted, at_snapshot)
    kept = bounds_of(ground, tuple(still), bounds, ask.horizon_days)
    found = search(
        ground.covariance, ground.within(), wanted, bounds=kept, groups=ground.groups(), ask=ask
    )
    asked = {
        "loss": f"{wanted:.12g}",
        "limit": limit or "",
        "answers": str(ask.answers),
        "degrees": str(ask.degrees),
        "horizon days": f"{ask.horizon_days:g}",
        "seed": str(ask.seed),
        "still": ", ".join(sorted(still)),
        "bounds": str(sorted((bounds or {}).items())),
    }
    return ReverseReport(
        node=ground.node,
        kinds=tuple(ground.table.nodes[row].kind for row in ground.rows),
        provenance=ground.provenance(REVERSE, asked),
        notes=(*(each.message for each in found.failures), *ground.notes),
        found=found,
    )


def _loss_of(
    desk: Desk, loss: float | None, node: str | None, limit: str | None, as_of: date
) -> tuple[float, str | None]:
    """The loss, and of which node: as told, or those of a limit."""
    if (loss is None) == (limit is None):
        raise UserInputError("A reverse stress needs a loss or a limit, and not both.")
    if limit is None:
        assert loss is not None
        return loss, node
    known = {each.limit_id: each for each in desk.limits(as_of)}
    if limit not in known:
        raise UnknownNameError("limit in force", limit, known)
    chosen = known[limit]
    if chosen.measure not in _LOSSES:
        raise UserInputError(
            f"The limit {limit} is on {chosen.measure}, which is no loss.",
            hint=f"Name one on {', '.join(_LOSSES)}, or give the loss itself.",
        )
    if node is not None and node != chosen.node:
        raise UserInputError(f"The limit {limit} is of {chosen.node}, not of {node}.")
    return chosen.hard, chosen.node


def infer(
    desk: Desk,
    shocks: Mapping[str, Move],
    node: str | None,
    as_of: date,
    *,
    ask: Ask,
    days: int,
    counted: DaysThatCount | None,
    draws: int,
    share: float,
    at_snapshot: int | None,
) -> InferReport:
    """All factors given a shock to some, and what a node gains; any factor of the desk can be
    shocked, whether the node depends on it or not."""
    ground = ground_of(desk, node, as_of, days, counted, at_snapshot, everything=True)
    moved = shocks_of(ground, shocks, ask.horizon_days)
    place = {int(row): i for i, row in enumerate(ground.rows)}
    inside = {place[row]: move for row, move in moved.items() if row in place}
    fixed = np.zeros(len(ground.table))
    beside = {row: move for row, move in moved.items() if row not in place}
    fixed[list(beside)] = list(beside.values())
    if not inside:
        raise UserInputError(
            "None of the shocked factors has a history that moves, so that nothing can be inferred."
        )
    found = conditional(
        ground.covariance, inside, degrees=ask.degrees, horizon_days=ask.horizon_days
    )
    book = ground.within(fixed)
    band = revalued_band(found, book, rng=np.random.default_rng(ask.seed), draws=draws, share=share)
    slope = ground.revaluer.gradient(np.zeros(len(ground.table)))
    names = ground.table.factor_ids
    asked = {
        "shocks": str(sorted((names[row], move) for row, move in moved.items())),
        "degrees": str(ask.degrees),
        "horizon days": f"{ask.horizon_days:g}",
        "draws": str(draws),
        "share": f"{share:g}",
        "seed": str(ask.seed),
    }
    return InferReport(
        node=ground.node,
        kinds=tuple(ground.table.nodes[row].kind for row in ground.rows),
        provenance=ground.provenance(INFER, asked),
        notes=(*found.notes, *ground.notes),
        found=found,
        band=band,
        linear=linear_band(found, slope[ground.rows], share, beside=float(slope @ fixed)),
        beside={names[row]: move for row, move in beside.items()},
    )


def fragile_directions(
    desk: Desk,
    node: str | None,
    as_of: date,
    *,
    distance: float,
    count: int,
    horizon_days: float,
    still: Iterable[str],
    days: int,
    counted: DaysThatCount | None,
    at_snapshot: int | None,
) -> FragileReport:
    """The directions in which a node loses most for their unlikeliness, each revalued in full."""
    ground = ground_of(desk, node, as_of, days, counted, at_snapshot)
    found = minimal_shock_directions(
        ground.covariance,
        ground.within(),
        bounds=bounds_of(ground, tuple(still), None, horizon_days),
        groups=ground.groups(),
        distance=distance,
        count=count,
        horizon_days=horizon_days,
    )
    asked = {
        "distance": f"{distance:g}",
        "horizon days": f"{horizon_days:g}",
        "still": ", ".join(sorted(still)),
    }
    return FragileReport(
        node=ground.node,
        kinds=tuple(ground.table.nodes[row].kind for row in ground.rows),
        provenance=ground.provenance(FRAGILE, asked),
        notes=ground.notes,
        found=found,
    )


def degrees_of(distribution: str, degrees: float) -> float | None:
    """None for normal moves."""
    if distribution not in DISTRIBUTIONS:
        raise UnknownNameError("distribution", distribution, DISTRIBUTIONS)
    return degrees if distribution == "t" else None
