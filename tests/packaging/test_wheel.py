"""The wheel holds the package, its starter content and nothing else, and works installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.checks import checkout
from tests.packaging import wheel_content

GOOD = [
    "riskplatform/__init__.py",
    "riskplatform/starter/scenarios/historical/lehman.yaml",
    "riskplatform-0.1.0.dist-info/licenses/LICENSE",
]
TRACKED = ["riskplatform/__init__.py", "scenarios/historical/lehman.yaml", "tests/test_x.py"]


def _run(*command: str, cwd: Path, **variables: str) -> str:
    """What the command printed; a failed one shows it in the assertion."""
    done = subprocess.run(
        command,
        cwd=cwd,
        env={**os.environ, **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


@pytest.fixture(scope="module")
def tracked_names(repo_root: Path) -> list[str]:
    return [str(path.relative_to(repo_root)) for path in checkout.tracked()]


@pytest.fixture(scope="module")
def wheel(
    repo_root: Path, tracked_names: list[str], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A wheel built from a copy of the repository's files: what lies around here cannot leak in."""
    source = tmp_path_factory.mktemp("source")
    for name in tracked_names:
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(repo_root / name, source / name)
    _run(sys.executable, "-m", "build", "--wheel", "--no-isolation", cwd=source)
    (built,) = (source / "dist").glob("*.whl")
    return built


@pytest.mark.slow
def test_the_wheel_holds_what_belongs_in_it(wheel: Path, tracked_names: list[str]) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    assert "riskplatform/py.typed" in names
    assert wheel_content.breaches(names, tracked_names) == []


@pytest.mark.slow
def test_an_installed_wheel_makes_a_desk(wheel: Path, tmp_path: Path) -> None:
    place = tmp_path / "installed"
    # No package comes with it: the dependencies are those of the environment that runs the tests.
    pip = (sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index")
    _run(*pip, "--target", str(place), str(wheel), cwd=tmp_path)
    where = "import riskplatform; print(riskplatform.__file__)"
    said = _run(sys.executable, "-c", where, cwd=tmp_path, PYTHONPATH=str(place))
    assert said.strip().startswith(str(place))
    start = "from riskplatform.cli.main import main; main()"
    init = (sys.executable, "-c", start, "init", "desk")
    _run(*init, cwd=tmp_path, PYTHONPATH=str(place))
    for content in ("scenarios", "models", "jobs"):
        shipped = {path.name for path in (place / "riskplatform/starter" / content).rglob("*.yaml")}
        made = {path.name for path in (tmp_path / "desk" / content).rglob("*.yaml")}
        assert shipped <= made


def test_a_right_wheel_has_no_breach() -> None:
    assert wheel_content.breaches(GOOD, TRACKED) == []


@pytest.mark.parametrize(
    ("names", "breach"),
    [
        ([*GOOD, "tests/test_x.py"], "should not travel: tests/test_x.py"),
        ([*GOOD, "jobs/daily.yaml"], "should not travel: jobs/daily.yaml"),
        ([GOOD[0], GOOD[2]], f"missing: {GOOD[1]}"),
        (GOOD[:2], "missing: the licence"),
    ],
)
def test_a_breach_is_named(names: list[str], breach: str) -> None:
    assert wheel_content.breaches(names, TRACKED) == [breach]
