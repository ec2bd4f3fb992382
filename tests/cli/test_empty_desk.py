"""What a new user is told on a desk that has nothing yet: what is missing, and what to do next."""

from __future__ import annotations

import pytest

from riskplatform.cli.main import run
from riskplatform.desk import Desk

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("new") / "desk"
    Desk.create(folder, name="New").close()
    return str(folder)


def said(capsys: pytest.CaptureFixture[str], desk: str, words: str) -> tuple[int, str]:
    """The exit code and all remarks, as one line."""
    code = run([*words.split(), "--desk", desk])
    return code, " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize(
    ("words", "following"),
    [
        ("portfolio list", "portfolio add"),
        ("what-if list", "what-if run --trade"),
        ("query list", "ask"),
        ("scenarios-set list", "scenarios-set build"),
        ("cube list", "cube build"),
        ("limits list", "limits set"),
        ("orders list", "execute start"),
        ("audit list", "portfolio import"),
        ("rebalance history", "rebalance propose"),
        ("rebalance targets", "rebalance history"),
        ("scheduler status", "scheduler start"),
    ],
)
def test_an_empty_list_says_what_makes_one(
    empty: str, capsys: pytest.CaptureFixture[str], words: str, following: str
) -> None:
    _, remarks = said(capsys, empty, words)
    assert following in remarks
    assert "Traceback" not in remarks


@pytest.mark.parametrize(
    ("words", "see"),
    [
        ("what-if show nothing", "what-if list"),
        ("query show nothing", "query list"),
        ("job show zzz", "job list"),
        ("job history zzz", "job list"),
        ("orders show zzz", "orders list"),
        ("scenario show zzz", "scenario list"),
        ("rebalance show zzz", "rebalance propose"),
    ],
)
def test_a_name_that_is_not_there_says_where_names_are(
    empty: str, capsys: pytest.CaptureFixture[str], words: str, see: str
) -> None:
    code, remarks = said(capsys, empty, words)
    assert code == 2
    assert f"named '{words.rsplit(maxsplit=1)[-1]}'" in remarks
    assert f"riskplatform {see}" in remarks


@pytest.mark.parametrize(
    "words",
    [
        "value show", "exposures show", "risk show", "risk run", "limits check", "scenario run",
        "cube build", "pnl explain", "report morning", "market show", "paper start",
        "rebalance propose --node growth --rule hrp", "ask gain",
    ],
)  # fmt: skip
def test_without_prices_the_answer_is_how_to_import_some(
    empty: str, capsys: pytest.CaptureFixture[str], words: str
) -> None:
    code, remarks = said(capsys, empty, words)
    assert code in (1, 2)
    assert "no prices yet" in remarks
    assert "riskplatform portfolio import FILE --what prices" in remarks
