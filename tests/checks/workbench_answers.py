"""Start the workbench, wait until it answers its health URL, say so and stop it.

`make run HEADLESS=1` calls it: ``workbench_answers.py --port 8501 -- riskplatform workbench ...``.
Exit status 0 says that it answered; otherwise the workbench's own words have been printed.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request

PATIENCE_SECONDS = 90
PAUSE_SECONDS = 0.2


def answers(url: str) -> bool:
    """Whether the URL says 200 now."""
    try:
        with urllib.request.urlopen(url, timeout=5) as reply:
            return bool(reply.status == 200)
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False


def stop(process: subprocess.Popen[bytes]) -> None:
    """End the workbench and whatever it started."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, sign)
            process.wait(timeout=10)
        except ProcessLookupError:
            return
        except subprocess.TimeoutExpired:
            continue


def main() -> int:
    """Start, wait, report, stop."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("command", nargs="+", help="what starts the workbench, after --")
    asked = parser.parse_args()
    url = f"http://127.0.0.1:{asked.port}/_stcore/health"
    if answers(url):
        print(f"Something already answers on port {asked.port}; choose another: make run PORT=8600")
        return 1
    started = time.monotonic()
    process = subprocess.Popen(asked.command, start_new_session=True)
    try:
        while process.poll() is None and time.monotonic() - started < PATIENCE_SECONDS:
            if answers(url):
                print(f"The workbench answered after {time.monotonic() - started:.1f} s at {url}")
                return 0
            time.sleep(PAUSE_SECONDS)
    finally:
        stop(process)
    if process.returncode is not None and process.returncode > 0:
        print(f"The workbench ended by itself with status {process.returncode}.", file=sys.stderr)
    else:
        print(f"No answer from {url} within {PATIENCE_SECONDS} s.", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
