"""What belongs to the repository: the files git tracks and those it would take."""

from __future__ import annotations

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def tracked(*patterns: str, root: Path = ROOT) -> list[Path]:
    """Files of the repository that match, tracked or new and not ignored, that still exist."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *patterns],
        cwd=root,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    names = sorted(set(filter(None, listed.split("\0"))))
    return [root / name for name in names if (root / name).is_file()]
