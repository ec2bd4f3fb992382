"""Resolve every extra of pyproject.toml afresh and write the exact versions: `make lock`.

The result is a pip constraints file: it installs nothing by itself, it only fixes the version of
whatever an install asks for. Run it with the Python that the lock is for (3.11).
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]

# Held back by hand, with the reason beside it.
HELD = {
    "torch": "2.13.0",  # the version that installs as a CPU build
}
# Not asked for by any extra, but every environment starts with them.
TOOLS = ("pip", "setuptools>=77")

HEADER = """\
# Exact versions of everything that riskplatform[all,dev] installs on Python 3.11, Linux.
# Written by `make lock`; change pyproject.toml and run it again rather than editing this file.
"""


def wanted(pyproject: dict[str, Any]) -> list[str]:
    """Every requirement of the core and of all extras, without references to ourselves."""
    project = pyproject["project"]
    groups = [project["dependencies"], *project.get("optional-dependencies", {}).values()]
    return [line for group in groups for line in group if not line.startswith(project["name"])]


def pins(report: dict[str, Any]) -> list[str]:
    """The lines `name==version` of pip's installation report, sorted, local labels removed."""
    found = {
        item["metadata"]["name"].lower().replace("_", "-"): item["metadata"]["version"]
        for item in report["install"]
    }
    return [f"{name}=={version.partition('+')[0]}" for name, version in sorted(found.items())]


def resolve(requirements: list[str]) -> dict[str, Any]:
    """Ask pip what it would install into an empty environment."""
    held = [f"{name}=={version}" for name, version in HELD.items()]
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.json")
        command = ["pip", "install", "--quiet", "--dry-run", "--ignore-installed"]
        command += ["--report", str(report), *requirements, *held, *TOOLS]
        subprocess.run([sys.executable, "-m", *command], check=True)
        resolved: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
    return resolved


def main(target: str) -> None:
    """Write the constraints file."""
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    lines = pins(resolve(wanted(pyproject)))
    Path(target).write_text(HEADER + "\n".join(lines) + "\n", encoding="utf-8")
    print(f"{target}: {len(lines)} packages")


if __name__ == "__main__":
    main(sys.argv[1])
