"""What happened in the desk's own history, as moves from today."""

from __future__ import annotations

import numpy as np

from riskplatform.errors import MissingDataError
from riskplatform.market.content import FloatArray
from riskplatform.pricing.units.flows import NodeKind
from riskplatform.project.scenario_language.scenario import Replay
from riskplatform.simulation.history import FactorHistory
from riskplatform.simulation.kinds import moves_between
from riskplatform.stress.conversions import Rows, usual_to_stress
from riskplatform.stress.factor_table import BoolArray, FactorTable
from riskplatform.stress.targets import among


def replayed(
    replay: Replay, table: FactorTable, history: FactorHistory | None
) -> tuple[FloatArray, list[str]]:
    """Moves by the table's axis, not a number where the history has none; and what to say."""
    if history is None:
        raise MissingDataError("The scenario replays history, and none was given.")
    place = {name: i for i, name in enumerate(history.axis.factor_ids)}
    known = np.array([name in place for name in table.factor_ids])
    columns = np.array([place[n] for n in table.factor_ids if n in place], dtype=np.intp)
    start, end = _window(replay, table, history, known, columns)
    kinds = [history.axis.kinds[column] for column in columns]
    levels = history.levels[:, columns]
    moves = moves_between(levels[[start]], levels[[end]], kinds)[0]
    found = np.full(len(table), np.nan)
    rows = np.flatnonzero(known)
    found[rows] = usual_to_stress(table, rows, moves)
    notes = [f"Replays {history.dates[start]} to {history.dates[end]}."]
    skews = table.of_kind(NodeKind.SKEW)
    absent = int((~known & ~skews).sum())
    if absent:
        also = ", and so do skews" if skews.any() else ""
        notes.append(f"{absent} factors without a history stand still{also}.")
    return found, notes


def _window(
    replay: Replay,
    table: FactorTable,
    history: FactorHistory,
    known: BoolArray,
    columns: Rows,
) -> tuple[int, int]:
    """The rows of the history that a replay begins and ends at."""
    days = history.dates
    if replay.days is None:
        first, last = np.datetime64(replay.first, "D"), np.datetime64(replay.last, "D")
        if first < days[0] or last > days[-1]:
            raise MissingDataError(
                f"The history has {days[0]} to {days[-1]}; {first} to {last} is to be replayed.",
                hint="Give other days, or a longer history by days=.",
            )
        start, end = (int(np.searchsorted(days, d, side="right")) - 1 for d in (first, last))
        return start, end
    if replay.days >= len(days):
        raise MissingDataError(
            f"{replay.days} days are to be replayed; the history has {len(days)}."
        )
    if replay.worst is None:
        return len(days) - 1 - replay.days, len(days) - 1
    mask = among(replay.worst, table)[known]
    if not mask.any():
        raise MissingDataError(f"Nothing held with a history is {replay.worst.selection}.")
    mine = columns[mask]
    kinds = [history.axis.kinds[column] for column in mine]
    levels = history.levels[:, mine]
    mean = moves_between(levels[: -replay.days], levels[replay.days :], kinds).mean(axis=1)
    start = int(mean.argmin() if replay.falls else mean.argmax())
    return start, start + replay.days
