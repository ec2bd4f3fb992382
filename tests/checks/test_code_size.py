"""No file over 600 lines, no function over 50."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.checks import checkout, code_size


@pytest.mark.slow
def test_files_and_functions_of_the_repository_stay_small(repo_root: Path) -> None:
    sizes, parts = code_size.measure(repo_root, checkout.tracked("*.py"))
    assert sizes
    assert code_size.too_long(sizes, code_size.MOST_LINES_OF_A_FILE) == []
    assert code_size.too_long(parts, code_size.MOST_LINES_OF_A_FUNCTION) == []


def test_a_long_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "long.py"
    path.write_text("x = 1\n" * 601, encoding="utf-8")
    sizes, _ = code_size.measure(tmp_path, [path])
    assert code_size.too_long(sizes, 600) == ["long.py: 601 lines, 600 at most"]
    assert code_size.too_long(sizes, 601) == []


def test_a_long_method_is_named_and_its_docstring_does_not_count(tmp_path: Path) -> None:
    path = tmp_path / "room.py"
    body = "        x = 1\n" * 50
    head = 'class Room:\n    def work(self):\n        """One.\n\n        Two.\n        """\n'
    path.write_text(head + body, encoding="utf-8")
    _, parts = code_size.measure(tmp_path, [path])
    assert code_size.too_long(parts, 50) == ["room.py:2 work: 51 lines, 50 at most"]


def test_the_summary_counts_median_and_ninetieth_percentile() -> None:
    measured = [code_size.Measured(f"{n}.py", n) for n in range(1, 11)]
    assert code_size.summary("files", measured) == "files: 10, median 5.5 lines, p90 10, longest 10"
    assert code_size.summary("files", []) == "files: none"
