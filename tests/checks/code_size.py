"""Measures how long files and functions are: `python -m tests.checks.code_size`.

Lines are counted as an editor shows them. A function's lines run from its `def` to its last line;
a docstring is not counted, so that explaining never costs.
"""

from __future__ import annotations

import ast
import statistics
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

MOST_LINES_OF_A_FILE = 600
MOST_LINES_OF_A_FUNCTION = 50


@dataclass(frozen=True)
class Measured:
    """A file or a function, where it starts, and how many lines it has."""

    where: str
    lines: int


def docstring_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines taken by the docstring of a function, 0 without one."""
    if ast.get_docstring(node, clean=False) is None:
        return 0
    first = node.body[0]
    return (first.end_lineno or first.lineno) - first.lineno + 1


def functions(path: Path, name: str) -> Iterator[Measured]:
    """Every function and method of a file."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"), filename=name)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1 - docstring_lines(node)
            yield Measured(f"{name}:{node.lineno} {node.name}", lines)


def measure(root: Path, paths: Iterable[Path]) -> tuple[list[Measured], list[Measured]]:
    """The sizes of the files and of the functions in them."""
    sizes: list[Measured] = []
    parts: list[Measured] = []
    for path in paths:
        name = str(path.relative_to(root))
        sizes.append(Measured(name, len(path.read_text(encoding="utf-8").splitlines())))
        parts += functions(path, name)
    return sizes, parts


def too_long(measured: Iterable[Measured], most: int) -> list[str]:
    """What is over the limit, longest first, as lines for a person."""
    over = sorted((one for one in measured if one.lines > most), key=lambda one: -one.lines)
    return [f"{one.where}: {one.lines} lines, {most} at most" for one in over]


def summary(kind: str, measured: list[Measured]) -> str:
    """Count, median, ninetieth percentile and longest in one line."""
    lengths = sorted(one.lines for one in measured)
    if not lengths:
        return f"{kind}: none"
    p90 = lengths[min(len(lengths) - 1, int(0.9 * len(lengths)))]
    middle = statistics.median(lengths)
    return f"{kind}: {len(lengths)}, median {middle:g} lines, p90 {p90}, longest {lengths[-1]}"


def main() -> int:
    """Print the sizes of the checkout; 1 when something is too long."""
    from tests.checks.checkout import ROOT, tracked

    sizes, parts = measure(ROOT, tracked("*.py"))
    package = [one for one in sizes if one.where.startswith("riskplatform/")]
    for line in (summary("files of the package", package), summary("all files", sizes)):
        print(line)
    print(summary("functions", parts))
    long = too_long(sizes, MOST_LINES_OF_A_FILE) + too_long(parts, MOST_LINES_OF_A_FUNCTION)
    print("\n".join(long), end="\n" if long else "")
    return 1 if long else 0


if __name__ == "__main__":
    sys.exit(main())
