"""The benchmark harness measures what it says, on cases made up for it."""

from __future__ import annotations

import datetime as dt
import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from tests.benchmarks import harness, run
from tests.benchmarks.harness import Case, Measurement, Side

MADE_UP = """
from pathlib import Path
from tests.benchmarks.harness import Case, Peer

def folder():
    place = Path(__file__).parent
    (place / "made").touch()
    yield place
    (place / "made").unlink()

def light(place):
    assert (place / "made").exists()
    with open(place / "turns", "a") as turns:
        turns.write("o")

def heavy(place):
    bytearray(150_000_000)
    with open(place / "turns", "a") as turns:
        turns.write("p")

def broken(_):
    raise OSError("no such engine")

CASES = [
    Case("turns", light, peer=heavy, peer_name="heavy", setup=folder, repeats=3, warmups=0),
    Case("broken", broken, warmups=0),
    Case(
        "many", light, target="≥ 2x", setup=folder, repeats=2, warmups=0,
        others=(
            Peer("heavy", heavy, repeats=1),
            Peer("known", light, "json", warmups=1),
            Peer("unknown", light, "no_such_engine.of_any_kind"),
        ),
    ),
    Case(
        "none", light, target="≥ 2x", setup=folder, warmups=0,
        others=(Peer("unknown", light, "no_such_engine"),),
    ),
]
"""


@pytest.fixture
def made_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A benchmark module outside the repository, seen by the processes of both sides too."""
    (tmp_path / "bench_made_up.py").write_text(MADE_UP, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    return "bench_made_up"


def test_sides_take_turns_in_processes_of_their_own(made_up: str, tmp_path: Path) -> None:
    measured = harness.measure(made_up, "turns")
    assert (tmp_path / "turns").read_text(encoding="utf-8") == "opopop"
    assert not (tmp_path / "made").exists()
    assert measured.peer is not None
    assert len(measured.ours.seconds) == len(measured.peer.seconds) == 3
    # The peer's 150 MB (143 MiB) are its own: the same interpreter, that much more at the peak.
    assert measured.peer.peak_mb - measured.ours.peak_mb == pytest.approx(143, abs=15)


def test_peers_that_are_installed_take_turns_and_the_others_are_named(
    made_up: str, tmp_path: Path
) -> None:
    measured = harness.measure(made_up, "many")
    # One call to warm up "known", then two rounds, of which "heavy" takes part in one.
    assert (tmp_path / "turns").read_text(encoding="utf-8") == "o" + "opo" + "oo"
    assert [(name, len(side.seconds)) for name, side in measured.peers.items()] == [
        ("heavy", 1), ("known", 2),
    ]  # fmt: skip
    assert measured.absent == ("unknown",)
    assert measured.met is not None
    shown = Console(width=160, record=True, file=io.StringIO())
    shown.print(run.table([measured]))
    assert "not installed" in shown.export_text()


def test_a_target_against_peers_that_are_not_there_is_neither_met_nor_missed(made_up: str) -> None:
    measured = harness.measure(made_up, "none")
    assert (measured.ratio, measured.met, measured.absent) == (None, None, ("unknown",))


def test_the_ratio_is_against_the_fastest_peer() -> None:
    case = Case("x", ours=print, peer=print, target="≥ 3x")
    sides = {"slow": Side((9.0,), 1.0), "fast": Side((5.0, 6.0, 7.0), 1.0)}
    measured = Measurement(case, Side((2.0,), 300.0), sides)
    assert measured.ratio == 3.0
    assert measured.met


def test_a_side_that_fails_is_named(made_up: str, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(harness.CaseError, match="ours of case 'broken' failed"):
        harness.measure(made_up, "broken")
    assert "no such engine" in capfd.readouterr().err


@pytest.mark.parametrize(
    ("target", "met"),
    [
        ("≤ 2 s", True),
        ("< 2000 ms", False),
        ("≥ 2.5x", True),
        ("> 2.5x", False),
        ("≤ 300 MB", True),
        ("≤ 0.2 GB", False),
        ("≤ 2 s; ≥ 3x", False),
        ("≤ 0.1 min; ≥ 2x", True),
        ("", None),
    ],
)
def test_targets_are_judged_on_median_peak_and_ratio(target: str, met: bool | None) -> None:
    case = Case("x", ours=print, peer=print, target=target)
    measured = Measurement(case, Side((1.0, 2.0, 9.0), 300.0), {"": Side((5.0,), 1.0)})
    assert measured.ratio == 2.5
    assert measured.met is met


@pytest.mark.parametrize("target", ["fast", "≤ 2 parsecs", "2 s", "≥ 5x"])
def test_a_target_that_cannot_be_judged_is_refused(target: str) -> None:
    with pytest.raises(ValueError, match=r"target"):
        Case("x", ours=print, target=target)


def test_cases_are_discovered_and_names_are_unique(made_up: str, tmp_path: Path) -> None:
    (tmp_path / "pack").mkdir()
    source = "from tests.benchmarks.harness import Case\nCASES = [Case('same', ours=print)]\n"
    (tmp_path / "pack" / "bench_a.py").write_text(source, encoding="utf-8")
    assert harness.discover(tmp_path / "pack", "pack") == {"same": "pack.bench_a"}
    (tmp_path / "pack" / "bench_b.py").write_text(source, encoding="utf-8")
    with pytest.raises(ValueError, match=r"pack\.bench_a and in pack\.bench_b"):
        harness.discover(tmp_path / "pack", "pack")


def test_every_case_of_the_repository_is_well_formed(repo_root: Path) -> None:
    found = harness.discover(repo_root / "tests" / "benchmarks")
    assert "start: import riskplatform" in found


def test_the_table_and_the_file_say_the_same(tmp_path: Path) -> None:
    case = Case("fold", ours=print, peer=print, peer_name="pandas", target="≤ 1 s")
    measured = [Measurement(case, Side((2.0,), 10.0), {"pandas": Side((3.0,), 20.0)})]
    console = Console(width=160, record=True, file=io.StringIO())
    console.print(run.table(measured))
    shown = console.export_text()
    assert all(text in shown for text in ("fold", "2 s", "pandas", "1.5x", "missed"))
    now = dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.UTC)
    path = run.write(measured, tmp_path, now)
    assert path.name == "2026-01-02T030405Z.json"
    (written,) = json.loads(path.read_text(encoding="utf-8"))["cases"]
    assert (written["met"], written["ratio"], written["peers"]["pandas"]["peak_mb"]) == (
        False, 1.5, 20.0,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("seconds", "text"), [(2.0, "2 s"), (0.0456, "45.6 ms"), (3.2e-6, "3.2 µs"), (5e-9, "5 ns")]
)
def test_times_are_shown_in_the_unit_that_suits(seconds: float, text: str) -> None:
    assert run.seconds_text(seconds) == text
