"""The worker process: tasks come in on standard input and answers go out, until it is closed.

``python -m riskplatform.pricing.exotics.worker_main``. The end of the input is the end of the
worker, so none outlives the process that started it, however that process ends.
"""

from __future__ import annotations

import os
import signal
import sys

from riskplatform.pricing.exotics.quantlib_price import solve
from riskplatform.pricing.exotics.tasks import answer_line, task_from


def main() -> None:
    """Answer until the input ends."""
    # Ctrl-C is for the process that started us; it closes our input when it goes.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Whatever a library prints must not get between the answers.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    for line in sys.stdin.buffer:
        try:
            answers.write(answer_line(solve(task_from(line))))
            answers.flush()
        except BrokenPipeError:
            return


if __name__ == "__main__":
    main()
