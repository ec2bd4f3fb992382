"""Risk of the demo firm: every node of the tree at once, by slice, and from a cold start.

The plain way does the same with NumPy, one node after the other, from gains of units that it is
given ready in dollars; skfolio measures VaR and ES of ready gains of nodes and knows no components.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

from tests.benchmarks.bench_desk import demo
from tests.benchmarks.harness import Case

CONFIDENCE = 0.99
DRAWN = "factor_model"


def book() -> Iterator[tuple[Any, Any]]:
    """The book over 10,000 drawn scenarios, and all that the plain way needs."""
    for desk in demo():
        found = desk.risk_book(scenarios=[DRAWN])
        import numpy as np

        held = np.stack([found.held_by(node) for node in found.nodes])
        yield found, (found.view().cube.units("USD"), held)


def nodes() -> Iterator[tuple[Any, Any]]:
    """The book, and the gains of its nodes by scenario."""
    from skfolio import measures

    for found, _ in book():
        yield found, (measures, found.all_gains().T.copy())


def every_node(data: tuple[Any, Any]) -> object:
    from riskplatform.risk.tree_risk import all_nodes_risk

    return all_nodes_risk(data[0], DRAWN, CONFIDENCE, with_positions=True)


def every_node_without_positions(data: tuple[Any, Any]) -> object:
    from riskplatform.risk.tree_risk import all_nodes_risk

    return all_nodes_risk(data[0], DRAWN, CONFIDENCE)


def plain(data: tuple[Any, Any]) -> object:
    """VaR, ES, volatility; components of ES and volatility by position, of VaR by its scenario."""
    import numpy as np

    units, held = data[1]
    count = round(units.shape[1] * (1.0 - CONFIDENCE))
    out = []
    for quantities in held:
        places = np.flatnonzero(quantities)
        parts = quantities[places, None] * units[places]
        total = parts.sum(axis=0)
        order = np.argsort(total)
        centred = total - total.mean()
        deviation = total.std(ddof=1)
        moved = parts @ centred / (total.size - 1) / deviation if deviation else parts[:, 0]
        tail = -parts[:, order[:count]].mean(axis=1)
        at = -parts[:, order[count - 1]]
        out.append((-total[order[count - 1]], tail.sum(), deviation, tail, at, moved))
    return out


def by_skfolio(data: tuple[Any, Any]) -> object:
    measures, gains = data[1]
    return (
        measures.value_at_risk(gains, beta=CONFIDENCE),
        measures.cvar(gains, beta=CONFIDENCE),
        measures.standard_deviation(gains),
    )


def by_sector(data: tuple[Any, Any]) -> object:
    from riskplatform.risk.slices import sliced_risk

    return sliced_risk(data[0], "sector", None, DRAWN, CONFIDENCE)


def desk_with_cubes() -> Iterator[Any]:
    """The demo desk whose usual cubes are built."""
    for desk in demo():
        desk.risk_book()
        yield desk


def show(desk: Any) -> None:
    """What the installed script `riskplatform` does, in a process of its own."""
    code = (
        "import sys; from riskplatform.cli.main import main; "
        f"main(['risk', 'show', '--desk', {str(desk.settings.desk)!r}])"
    )
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    # 3: the demo firm's private holdings have no price.
    if done.returncode not in (0, 3):
        raise RuntimeError(done.stderr)


CASES = [
    Case(
        name="risk: VaR and ES with components of every node and position, 10,000 scenarios",
        setup=book,
        ours=every_node,
        peer=plain,
        peer_name="NumPy, node by node",
        target="≤ 1 s",
    ),
    Case(
        name="risk: VaR, ES and volatility of every node with intervals, 10,000 scenarios",
        setup=nodes,
        ours=every_node_without_positions,
        peer=by_skfolio,
        peer_name="skfolio, no intervals or components",
        target="≤ 1 s",
    ),
    Case(
        name="risk: the firm by sector, alone and without each, 10,000 scenarios",
        setup=book,
        ours=by_sector,
        target="≤ 1 s",
    ),
    Case(
        name="risk: cold `risk show` from the shell",
        setup=desk_with_cubes,
        ours=show,
        target="< 2 s",
    ),
]
