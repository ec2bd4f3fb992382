"""The repository keeps its own rules, and the rules find what breaks them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.checks import checkout, repository_rules


def test_no_file_holds_a_trace_of_a_machine(repo_root: Path) -> None:
    assert repository_rules.machine_traces(repo_root, checkout.tracked()) == []


def test_content_is_never_a_package(repo_root: Path) -> None:
    assert repository_rules.importable_content(repo_root) == []
    assert repository_rules.shared_names(repo_root) == []


@pytest.mark.parametrize(
    "line",
    [
        "DATA = '/home/anna/prices.csv'",
        "open(/root/x)",
        r"C:\Users\anna\desk",
        "find-links = file:///opt/wheels",
        "--index-url http://10.0.0.3:3141/simple",
        "index = 'https://pypi.example.org/simple/'",
    ],
)
def test_a_trace_is_named_with_file_and_line(tmp_path: Path, line: str) -> None:
    path = tmp_path / "notes.md"
    path.write_text(f"fine\n{line}\n", encoding="utf-8")
    breaches = repository_rules.machine_traces(tmp_path, [path])
    assert len(breaches) == 1
    assert breaches[0].startswith("notes.md:2: ")


@pytest.mark.parametrize(
    "line",
    [
        "#!/usr/bin/env bash",
        "https://example.org/home/anna",
        "/usr/lib/postgresql",
        "/tmp/desk",
        "postgresql://user@127.0.0.1:5432/desk",
        "sqlite:////data/ledger.db",
    ],
)
def test_what_is_the_same_everywhere_is_no_trace(tmp_path: Path, line: str) -> None:
    path = tmp_path / "notes.md"
    path.write_text(line, encoding="utf-8")
    assert repository_rules.machine_traces(tmp_path, [path]) == []


def test_a_binary_file_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "weights.bin"
    path.write_bytes(b"\xff\xfe/home/anna/")
    assert repository_rules.machine_traces(tmp_path, [path]) == []


def test_an_importable_content_folder_is_found(tmp_path: Path) -> None:
    (tmp_path / "models" / "garch").mkdir(parents=True)
    (tmp_path / "models" / "garch" / "__init__.py").touch()
    (tmp_path / "riskplatform" / "jobs").mkdir(parents=True)
    assert len(repository_rules.importable_content(tmp_path)) == 1
    assert len(repository_rules.shared_names(tmp_path)) == 1
