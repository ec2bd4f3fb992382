"""Runs the benchmark cases and shows the table: `python -m tests.benchmarks.run [--only PATTERN]`.

The figures are written to build/bench/ as JSON too. Exit status 1 says that a target was missed
or a case failed.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import platform
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.benchmarks import harness

ROOT = Path(__file__).resolve().parents[2]
VERDICTS = {True: "[green]met[/]", False: "[bold red]missed[/]", None: "–"}


def seconds_text(value: float) -> str:
    """A time with three figures in the unit that suits it."""
    for unit, scale in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if value >= scale:
            return f"{value / scale:.3g} {unit}"
    return f"{value / 1e-9:.3g} ns"


def side_text(side: harness.Side) -> tuple[str, str]:
    """Median with the range below it, and peak memory."""
    low, high = seconds_text(min(side.seconds)), seconds_text(max(side.seconds))
    return f"{seconds_text(side.median_s)}\n[dim]{low} … {high}[/]", f"{side.peak_mb:,.0f} MB"


def peers_text(one: harness.Measurement) -> tuple[str, str]:
    """Each peer with its time below it, the fastest first, and those that are not there."""
    ranked = sorted(one.peers.items(), key=lambda item: item[1].median_s)
    shown = [
        (f"{name}\n{side_text(side)[0]}", f"\n{side_text(side)[1]}\n") for name, side in ranked
    ]
    shown += [(f"{name}\n[dim]not installed[/]", "\n") for name in one.absent]
    if not shown:
        return "–", "–"
    return "\n".join(text for text, _ in shown), "\n".join(memory for _, memory in shown)


def table(measured: list[harness.Measurement]) -> Table:
    """The table for a person."""
    made = Table(title="Benchmarks: median, with fastest and slowest below", show_lines=True)
    for heading in ("Case", "Ours", "Memory", "Peer", "Memory", "Times faster", "Target", ""):
        made.add_column(heading, justify="left" if heading in ("Case", "Target") else "right")
    for one in measured:
        peer, memory_peer = peers_text(one)
        ratio = "–" if one.ratio is None else f"{one.ratio:.3g}x"
        row = (one.case.name, *side_text(one.ours), peer, memory_peer, ratio, one.case.target)
        made.add_row(*row, VERDICTS[one.met])
    return made


def side_dict(side: harness.Side) -> dict[str, Any]:
    """One side for JSON."""
    return {
        "median_s": side.median_s,
        "min_s": min(side.seconds),
        "max_s": max(side.seconds),
        "seconds": list(side.seconds),
        "peak_mb": side.peak_mb,
    }


def measurement_dict(one: harness.Measurement) -> dict[str, Any]:
    """One case for JSON."""
    return {
        "case": one.case.name,
        "target": one.case.target,
        "met": one.met,
        "ratio": one.ratio,
        "ours": side_dict(one.ours),
        "peers": {name: side_dict(side) for name, side in one.peers.items()},
        "not_installed": list(one.absent),
    }


def circumstances(now: dt.datetime) -> dict[str, Any]:
    """On what the figures were taken; without it they mean nothing a month later."""
    commit = subprocess.run(
        ["git", "describe", "--always", "--dirty"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    ).stdout.strip()
    packages = ("numpy", "pandas", "duckdb", "SQLAlchemy", "numba", "scipy", "QuantLib")
    versions = {
        name: metadata.version(name)
        for name in packages
        if next(iter(metadata.distributions(name=name)), None) is not None
    }
    return {
        "measured_at": now.isoformat(timespec="seconds"),
        "commit": commit or None,
        "python": platform.python_version(),
        "machine": platform.machine(),
        "cpus": len(os.sched_getaffinity(0)),
        "packages": versions,
    }


def write(measured: list[harness.Measurement], folder: Path, now: dt.datetime) -> Path:
    """Write the figures as JSON, one file per run."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{now:%Y-%m-%dT%H%M%SZ}.json"
    figures = {**circumstances(now), "cases": [measurement_dict(one) for one in measured]}
    path.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    return path


def main() -> int:
    """Measure what was asked for, show it, write it down."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="cases or files whose name contains this")
    parser.add_argument("--list", action="store_true", help="name the cases and measure nothing")
    asked = parser.parse_args()
    cases = {
        name: module
        for name, module in harness.discover(Path(__file__).parent).items()
        if asked.only in name or asked.only in module
    }
    if not cases:
        parser.error(f"no case contains {asked.only!r}; --list names them all")
    console = Console(width=max(120, Console().width))
    if asked.list:
        for name, module in cases.items():
            console.print(f"{name}  [dim]{module}  {harness.find(module, name).target}[/]")
        return 0
    measured, failures = [], []
    for name, module in cases.items():
        print(f"measuring {name} ...", file=sys.stderr)
        try:
            measured.append(harness.measure(module, name))
        except harness.CaseError as failure:
            failures.append(str(failure))
    console.print(table(measured))
    console.print(*failures, sep="\n", style="bold red", end="\n" if failures else "")
    path = write(measured, ROOT / "build" / "bench", dt.datetime.now(dt.UTC))
    console.print(f"figures: {path.relative_to(ROOT)}")
    return 1 if failures or any(one.met is False for one in measured) else 0


if __name__ == "__main__":
    sys.exit(main())
