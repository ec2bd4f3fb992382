"""What belongs to the repository: the files git tracks and those it would take."""

from __future__ import annotations

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def tracked(*patterns: str, root: Path = ROOT) -> list[Path]:
    """Files of the repository that match, tracked or new and not ignored, that still exist."""
    # CI may run as another user than the one who cloned; reading names is safe all the same.
    git = ["git", "-c", "safe.directory=*", "ls-files", "-z"]
    listed = subprocess.run(
        [*git, "--cached", "--others", "--exclude-standard", "--", *patterns],
        cwd=root,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    names = sorted(set(filter(None, listed.split("\0"))))
    return [root / name for name in names if (root / name).is_file()]
