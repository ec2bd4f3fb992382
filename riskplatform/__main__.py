"""``python -m riskplatform`` is the command ``riskplatform``."""

from __future__ import annotations

from riskplatform.cli.main import main

if __name__ == "__main__":
    main()
