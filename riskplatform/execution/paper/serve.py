"""``python -m riskplatform.execution.paper.serve FOLDER --speed 0``: serve a venue that is there.

The program ``riskplatform paper start`` also makes one, and opens days.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from riskplatform.execution.paper.server import serve


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--speed", type=float, default=0.0)
    asked = parser.parse_args()
    serve(asked.folder, speed=asked.speed, listening=lambda port: print(port, flush=True))


if __name__ == "__main__":
    main()
