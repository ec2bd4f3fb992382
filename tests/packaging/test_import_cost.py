"""`import riskplatform` and `riskplatform --help` load no heavy engine.

The time itself is measured by tests/benchmarks/bench_start.py; here only what was loaded counts,
which is the same on a fast machine and a slow one.
"""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

HEAVY = {
    *("numpy", "pandas", "scipy", "pyarrow", "numba", "llvmlite", "duckdb", "sqlalchemy"),
    *("QuantLib", "exchange_calendars", "openpyxl", "streamlit", "plotly", "arch", "statsmodels"),
    *("networkx", "cvxpy", "riskfolio", "apscheduler", "ib_insync", "fastapi", "torch", "ray"),
}
REPORT = """\
import atexit, json, sys
atexit.register(lambda: print(json.dumps(list(sys.modules)), file=sys.stderr))
"""
STARTS = {
    "import": "import riskplatform",
    "help": "sys.argv = ['riskplatform', '--help']; from riskplatform.cli.main import main; main()",
}


@pytest.mark.parametrize("start", STARTS)
def test_starting_loads_no_heavy_engine(start: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", REPORT + STARTS[start]], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    loaded = {name.partition(".")[0] for name in json.loads(done.stderr.splitlines()[-1])}
    assert "riskplatform" in loaded
    assert loaded & HEAVY == set()
