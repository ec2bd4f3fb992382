"""The desk over HTTP: the numbers of the desk, errors with their status, and nobody else's page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from riskplatform.api.app import create_app
from riskplatform.api.serving import application, checked
from riskplatform.desk import Desk
from riskplatform.errors import SettingsError
from tests.desk.conftest import now
from tests.desk.risk_desk import LAST

pytestmark = pytest.mark.slow

TOKEN = "a-token-that-is-long-enough"


def test_numbers_are_those_of_the_desk(client: Any, served: Desk) -> None:
    assert client.get("/health").json()["status"] == "ok"
    about = client.get("/desk").json()
    assert about["as_of"] == LAST.isoformat()
    assert "growth" in about["portfolios"]
    value = client.get("/value", params={"node": "growth"}).json()
    assert value["total"] == served.value(LAST, node="growth").total
    risk = client.get("/risk", params={"node": "growth", "confidence": 0.95}).json()
    assert risk["provenance"]["as_of"] == LAST.isoformat()
    assert risk == _plain(served.risk("growth", LAST, confidence=0.95).to_dict())
    found = client.get("/exposures", params={"node": "growth", "by": "sector"}).json()
    assert found == _plain(served.exposures("growth", LAST, by="sector").to_dict())


def test_scenarios(client: Any, served: Desk) -> None:
    library = client.get("/scenarios").json()
    assert len(library["scenarios"]) == len(served.scenarios())
    one = client.get("/scenarios/crash_1987").json()
    assert one["content_hash"] == served.scenario("crash_1987").content_hash
    ids = ["crash_1987", "four_sigma_day"]
    run = client.post("/scenarios/run", json={"ids": ids, "node": "growth"}).json()
    found = served.run_scenarios(ids, "growth", LAST)
    assert run == _plain(found.to_dict())
    assert run["bands"]["four_sigma_day"]["low"] < run["bands"]["four_sigma_day"]["high"]


def test_questions(client: Any, served: Desk) -> None:
    line = "gain of growth in crash_1987 with growth: ALFA -50%"
    found = client.post("/query", json={"question": line}).json()
    assert found == _plain(served.ask(line, LAST).to_dict())
    told = {"nodes": "growth", "scenarios": ["crash_1987"], "changes": ["growth: ALFA -50%"]}
    other = client.post("/query", json={"question": told, "as_of": LAST.isoformat()}).json()
    assert other["numbers"] == found["numbers"]
    assert [row["name"] for row in client.get("/queries").json()] == ["fall"]
    kept = client.get("/queries/fall").json()
    assert kept["numbers"][0]["value"] == pytest.approx(-0.2 * 104_000.0, rel=1e-6)
    assert client.post("/query", json={"question": "fall"}).json()["numbers"] == kept["numbers"]


def test_a_changed_book_is_seen_at_once(client: Any, served: Desk) -> None:
    ask = {"question": "gain of growth in {equity: {country: US}, move: -10 %}"}
    one = client.post("/query", json=ask).json()
    served.set_limits([], reason="nothing")
    path = served.new_scenario("a_new_one", "title: a\nkind: hypothetical\nshocks:\n"
                               "  - equity: {country: US}\n    move: -10 %\n")  # fmt: skip
    two = client.post("/query", json={"question": "gain of growth in a_new_one"}).json()
    assert two["numbers"][0]["value"] == one["numbers"][0]["value"]
    path.unlink()
    assert client.post("/query", json={"question": "gain in a_new_one"}).status_code == 404


@pytest.mark.parametrize(
    ("question", "status", "words"),
    [
        ("gian in crash_1987", 422, "no measure"),
        ("gain in crash_1978", 404, "crash_1987"),
        ("gain of nobody in crash_1987", 404, "nobody"),
        ({"meassures": "gain"}, 422, "measures"),
        (7, 422, "question"),
        ("/etc/passwd.yaml", 422, "no measure"),
        ("../queries/fall.yaml", 422, "no measure"),
    ],
)
def test_errors_say_what_and_whose(client: Any, question: Any, status: int, words: str) -> None:
    answer = client.post("/query", json={"question": question})
    assert answer.status_code == status
    error = answer.json()["error"]
    assert words in f"{error['message']} {error['hint']}"


def test_unknown_keys_addresses_and_bodies_are_refused(client: Any) -> None:
    assert client.post("/query", json={"question": "x", "more": 1}).status_code == 422
    assert client.get("/nothing").json()["error"]["kind"] == "HTTPError"
    large = client.post("/query", json={"question": "x" * 2_000_000})
    assert large.status_code == 413
    text = client.post(
        "/query", content=b'{"question": "fall"}', headers={"content-type": "text/plain"}
    )
    assert text.status_code == 422
    unsaid = client.post("/query", content=iter([b"{}"]))
    assert unsaid.status_code == 411


def test_a_page_of_another_name_is_not_answered(client: Any) -> None:
    """A site whose name is pointed at this machine would else read its visitor's book."""
    assert client.get("/desk", headers={"host": "evil.example"}).status_code == 400


def test_a_token_is_asked_of_all_but_health(served: Desk) -> None:
    from fastapi.testclient import TestClient

    app = create_app(served, token=TOKEN, hosts=["*"])
    with TestClient(app, base_url="http://desk.example") as client:
        assert client.get("/health").status_code == 200
        for headers in ({}, {"authorization": "Bearer wrong"}, {"authorization": f"Basic {TOKEN}"}):
            answer = client.get("/desk", headers=headers)
            assert answer.status_code == 401
            assert answer.headers["www-authenticate"] == "Bearer"
            assert (
                client.post("/query", json={"question": "fall"}, headers=headers).status_code == 401
            )
        known = {"authorization": f"Bearer {TOKEN}"}
        assert client.get("/desk", headers=known).status_code == 200


def test_other_machines_are_answered_with_a_token_only(served_folder: Path) -> None:
    checked("127.0.0.1", "")
    checked("0.0.0.0", TOKEN)
    with pytest.raises(SettingsError, match="no token"):
        checked("0.0.0.0", "")
    with pytest.raises(SettingsError, match="hard to guess"):
        checked("127.0.0.1", "short")
    with Desk.open(served_folder, clock=now, api_token=TOKEN) as desk:
        assert desk.settings.shown()["api_token"] == "***"
        assert TOKEN not in repr(desk.settings)
        assert application(desk, host="0.0.0.0") is not None
    with Desk.open(served_folder, clock=now) as desk, pytest.raises(SettingsError):
        application(desk, host="0.0.0.0")


def _plain(value: Any) -> Any:
    import json

    from riskplatform.domain.plain_json import json_text

    return json.loads(json_text(value))
