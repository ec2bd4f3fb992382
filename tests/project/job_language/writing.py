"""A good job file, and how tests write one into a desk's folder."""

from __future__ import annotations

from pathlib import Path

GOOD = """\
title: Cubes
kind: cube_build
owner: Risk
schedule: {every: 15m}
misfire: skip
timeout: 5m
"""


def write_job(desk: Path, job_id: str, text: str = GOOD) -> Path:
    """``jobs/<id>.yaml`` in a desk's folder."""
    folder = desk / "jobs"
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{job_id}.yaml"
    file.write_text(text, encoding="utf-8")
    return file
