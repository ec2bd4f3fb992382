"""What there is to say of one cube."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from riskplatform.cli.output import Output, warn
from riskplatform.cli.scenario_options import short
from riskplatform.cli.sizes import size_text

if TYPE_CHECKING:
    from riskplatform.desk import Desk
    from riskplatform.simulation.cube import UnitCube

# A rate that stands still may be meant to, a price never is.
_PRICES = ("spot.", "price.", "fx.")


def facts_of(desk: Desk, found: UnitCube, output: Output) -> dict[str, Any]:
    """For people ids are short, sizes in MB and coverage in words."""
    from riskplatform.desk.cube_tables import size_on_disk

    people, notes = output is Output.TABLE, found.cube.notes
    size = size_on_disk(desk.cubes.folder / found.cube_id)
    still = still_of(found)
    return {
        "cube_id": short(found.cube_id) if people else found.cube_id,
        "scenario_set": short(found.key["scenario_set"]) if people else found.key["scenario_set"],
        "maker": notes["scenario_set"]["recipe"]["maker"],
        "as_of": notes["as_of"],
        "horizon_days": found.key["horizon_days"],
        "instruments": len(found.instrument_ids),
        "scenarios": len(found.labels),
        "size" if people else "size_bytes": size_text(size) if people else size,
        "coverage": str(found.coverage) if people else found.coverage.to_dict(),
        "standing_still": len(still) if people else still,
    }


def still_of(found: UnitCube) -> list[str]:
    """Numbers that held things depend on and no scenario moves: prices first."""
    from riskplatform.simulation.nodes import standing

    return sorted(
        standing(found.cube.notes["still"]), key=lambda name: not name.startswith(_PRICES)
    )


def still_words(found: UnitCube) -> str:
    """Prices that do not move, and what had no history: five and the count; else nothing.

    Rates and volatilities that stand still for another reason are meant to: the scenarios are of
    other things.
    """
    lacking = found.cube.notes["scenario_set"]["coverage"]["failures"]
    unknown = {failure["subject"] for failure in lacking}
    still = [name for name in still_of(found) if name.startswith(_PRICES) or name in unknown]
    if not still:
        return ""
    more = f" and {len(still) - 5:,} more" if len(still) > 5 else ""
    return (
        f"{len(still):,} prices that held things depend on do not move in these scenarios: "
        f"{', '.join(still[:5])}{more}"
    )


def warn_of_failures(found: UnitCube, most: int = 10) -> None:
    """The reason of each unit that has no price."""
    failures = found.coverage.failures
    for failure in failures[:most]:
        warn(failure.message)
    if len(failures) > most:
        warn(f"{len(failures) - most:,} more have no price; --output json lists all.")
