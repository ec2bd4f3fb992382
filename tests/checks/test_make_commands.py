"""What the Makefile and its helpers do around the program, tried on made-up programs."""

from __future__ import annotations

import http.server
import subprocess
import sys
import threading
import tomllib
from pathlib import Path

from packaging.requirements import Requirement

from tests.checks import write_constraints

SERVER = """
import http.server, sys
class Healthy(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/_stcore/health" else 404)
        self.end_headers()
    def log_message(self, *words):
        pass
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Healthy).serve_forever()
"""


def _workbench_answers(root: Path, port: int, *command: str) -> subprocess.CompletedProcess[str]:
    helper = root / "tests" / "checks" / "workbench_answers.py"
    return subprocess.run(
        [sys.executable, str(helper), "--port", str(port), "--", *command],
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_workbench_that_answers_is_reported_and_stopped(repo_root: Path, free_port: int) -> None:
    server = (sys.executable, "-c", SERVER, str(free_port))
    for _ in range(2):  # the second one finds the port free again
        done = _workbench_answers(repo_root, free_port, *server)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "The workbench answered after" in done.stdout


def test_a_workbench_that_ends_by_itself_is_an_error(repo_root: Path, free_port: int) -> None:
    done = _workbench_answers(repo_root, free_port, sys.executable, "-c", "raise SystemExit(4)")
    assert done.returncode == 1
    assert "status 4" in done.stderr


def test_a_port_that_is_taken_is_named(repo_root: Path) -> None:
    class Healthy(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Healthy) as other:
        threading.Thread(target=other.serve_forever, daemon=True).start()
        done = _workbench_answers(repo_root, other.server_port, "true")
        other.shutdown()
    assert done.returncode == 1
    assert "choose another" in done.stdout


def test_the_lock_takes_names_and_versions_without_local_labels() -> None:
    report = {
        "install": [
            {"metadata": {"name": "torch", "version": "2.13.0+cpu"}},
            {"metadata": {"name": "Exchange_Calendars", "version": "4.13"}},
        ]
    }
    assert write_constraints.pins(report) == ["exchange-calendars==4.13", "torch==2.13.0"]


def test_the_lock_covers_every_requirement(repo_root: Path) -> None:
    project = tomllib.loads((repo_root / "pyproject.toml").read_text(encoding="utf-8"))
    pinned = {}
    for line in (repo_root / "constraints.txt").read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            name, _, version = line.partition("==")
            pinned[name] = version
    for line in write_constraints.wanted(project):
        wanted = Requirement(line)
        name = wanted.name.lower().replace("_", "-")
        assert wanted.specifier.contains(pinned[name]), f"{line} against {pinned[name]}"
