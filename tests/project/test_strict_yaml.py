"""Every refusal names the file and the line, and nothing in a file can run code."""

from pathlib import Path

import pytest

from riskplatform.project.strict_yaml import ContentError, read_document


def write(folder: Path, text: str) -> Path:
    file = folder / "content.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def test_values_and_the_lines_of_their_keys_and_items(tmp_path: Path) -> None:
    document = read_document(write(tmp_path, "title: A\nshocks:\n  - factor: EQ\n    by: -0.2\n"))
    assert document.data == {"title": "A", "shocks": [{"factor": "EQ", "by": -0.2}]}
    assert document.line("shocks", 0, "by") == 4
    assert document.line("shocks", 0, "unknown") == 3
    assert document.line("shocks", 1) == 2
    assert document.line("nowhere") is None


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("title: A\ntitle: B\n", 2, "given twice"),
        ("title: A\nrun: !!python/object/apply:os.system ['true']\n", 2, "not a plain value"),
        ("title: [1, 2\n", 2, "not readable YAML"),
        ("- a\n- b\n", 1, "must be a mapping"),
        ("? [1, 2]\n: x\n", 1, "cannot be a key"),
        ("day: 2026-02-31\n", 1, "not a plain value"),
    ],
)
def test_what_cannot_be_used_is_refused_by_line(
    tmp_path: Path, text: str, line: int, says: str
) -> None:
    file = write(tmp_path, text)
    with pytest.raises(ContentError, match=says) as refusal:
        read_document(file)
    assert (refusal.value.file, refusal.value.line) == (file, line)


def test_aliases_cannot_unfold_without_end(tmp_path: Path) -> None:
    bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]\n" for i in range(1, 9)
    )
    with pytest.raises(ContentError, match="unfolds"):
        read_document(write(tmp_path, bomb))
    with pytest.raises(ContentError, match="unfolds"):
        read_document(write(tmp_path, "a: &a [*a]\n"))


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ContentError, match="cannot be read"):
        read_document(tmp_path / "absent.yaml")
