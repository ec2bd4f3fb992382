"""The Rebalance page, run by Streamlit's own test runner on a small desk."""

from __future__ import annotations

import base64
import json
import math
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from riskplatform.desk import Desk
from riskplatform.desk.what_if_session import WhatIfSession
from riskplatform.domain.limits import Limit
from riskplatform.errors import MissingDataError
from riskplatform.optimisation.proposals import Proposal, State
from riskplatform.reporting import numbers
from riskplatform.ui import rebalance_pictures
from riskplatform.ui.rebalance_editor import in_its_unit
from riskplatform.ui.rebalance_records import guards_frame
from tests.ui.small_desk import AS_OF, build
from tests.ui.test_pages import frame_with, html_of, start, words_of

pytestmark = pytest.mark.slow

RULE = "minimum-variance-allocation"
CAP = "constraints:\n- {kind: box, high: 0.3, label: at most 30 % in a line}\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small desk of our own, with a limit, the cubes that a draft reads, and one of bob's."""
    place = tmp_path_factory.mktemp("rebalance") / "small"
    with build(place) as desk:
        gross, _ = desk.what_if([], "EQ", AS_OF).number("gross value")
        desk.set_limits(
            [Limit(limit_id="EQ.GROSS", node="EQ", measure="gross_value", hard=1.05 * gross)],
            reason="test",
        )
    with Desk.open(place, actor="bob") as desk:
        desk.propose("EQ", "hrp", AS_OF)
    return place


def show(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let the page be of this desk, with ann acting."""
    monkeypatch.setenv("RISKPLATFORM_DESK", str(folder))
    monkeypatch.setenv("RISKPLATFORM_ACTOR", "ann")
    return folder


@pytest.fixture
def as_ann(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The desk itself, for tests that record nothing: what it has opened once stays open."""
    return show(folder, monkeypatch)


@pytest.fixture
def ann(as_ann: Path) -> Iterator[Desk]:
    with Desk.open(as_ann) as desk:
        yield desk


@pytest.fixture
def deciding(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """A copy of it, for tests that record."""
    copy = show(Path(shutil.copytree(folder, tmp_path / "small")), monkeypatch)
    with Desk.open(copy) as desk:
        yield desk


def open_page(**query: str) -> AppTest:
    return start(**{"portfolio": "EQ", **query}).switch_page("views/rebalance.py").run()


def write(app: AppTest, text: str, rule: str = RULE) -> None:
    """Choose a rule and write its constraints."""
    app.selectbox(key="rebalance-rule").select(rule).run()
    box = next(each for each in app.text_area if each.label == "Constraints as text")
    box.set_value(text).run()


def draft(app: AppTest) -> None:
    app.button(key="rebalance-draft").click().run()
    assert not app.exception


def desks_own(desk: Desk) -> Proposal:
    rule = replace(
        desk.allocation_rules()[RULE],
        constraints=({"kind": "box", "high": 0.3, "label": "at most 30 % in a line"},),
    )
    return desk.draft_proposal("EQ", rule, AS_OF)


def charts(app: AppTest) -> list[dict[str, Any]]:
    return [json.loads(each.proto.spec) for each in app.get("plotly_chart")]


def numbers_of(values: Any) -> np.ndarray:
    """What Plotly wrote, which packs long arrays."""
    if isinstance(values, dict):
        return np.frombuffer(base64.b64decode(values["bdata"]), np.dtype(values["dtype"]))
    return np.asarray(values, dtype=float)


def trace(app: AppTest, name: str) -> dict[str, Any]:
    return next(each for chart in charts(app) for each in chart["data"] if each.get("name") == name)


def test_a_draft_shows_the_desks_own_numbers(ann: Desk) -> None:
    app = open_page()
    write(app, CAP)
    draft(app)
    found = desks_own(ann)
    shown = html_of(app)
    assert f">{numbers.percent(found.turnover)}<" in shown
    assert f"{numbers.amount(found.expected_cost, 2)} USD" in shown
    assert f"{numbers.amount(found.cash_left, 2)} USD" in shown
    rows = frame_with(app, "difference").set_index("measure")
    for measure in ("VaR, historical, 0.99", "ES, factor model, 0.99", "delta"):
        number = found.number(measure)
        assert rows.loc[measure, "before"] == pytest.approx(number.before)
        assert rows.loc[measure, "after"] == pytest.approx(number.after)
    trades = frame_with(app, "portfolio_id")
    assert sorted(trades["quantity"]) == sorted(float(each.quantity) for each in found.trades)
    weights = frame_with(app, "weight_after").set_index("instrument_id")
    wanted = found.to_frame().set_index("instrument_id")["weight_after"]
    assert weights["weight_after"].to_dict() == pytest.approx(wanted.to_dict())
    limits = frame_with(app, "light")
    assert list(limits["limit"]) == [each.limit_id for each in found.limits] == ["EQ.GROSS"]
    said = " ".join(each.value for each in app.markdown).replace("\\", "")
    assert found.binding
    assert all(each.words in said for each in found.binding)
    assert not ann.proposals()[1:], "a draft records nothing"


def test_pictures_are_of_the_proposal(ann: Desk) -> None:
    app = open_page()
    write(app, CAP)
    draft(app)
    found = desks_own(ann)
    frame = found.to_frame().set_index("instrument_id")
    session = ann.what_if_session(AS_OF)
    view = session.book.view("historical")
    units = {line.instrument_id: line.unit_value for line in found.lines}
    returns = np.stack([
        view.of_one(np.eye(len(session.book.instrument_ids))[session.book.place(name)])
        / units[name] for name in frame.index
    ])  # fmt: skip
    # The picture's covariance is shrunk towards a target of the same total variance, which moves
    # the volatility of a mix of shares by little.
    for name, column in (("As held", "weight_before"), ("As proposed", "weight_after")):
        own = float(np.std(frame[column].to_numpy() @ returns)) * np.sqrt(252)
        assert numbers_of(trace(app, name)["x"]) == pytest.approx([own], rel=0.05)
    # The least variance within the bounds is where their frontier ends, but for whole lots.
    curve = numbers_of(trace(app, "Within the bounds")["x"])
    assert numbers_of(trace(app, "As proposed")["x"]) == pytest.approx([curve.min()], rel=1e-3)
    parts = {
        name: numbers_of(trace(app, name.capitalize())["x"]).sum() for name in ("before", "after")
    }
    number = found.number("ES, historical, 0.99")
    assert parts == pytest.approx({"before": number.before, "after": number.after}, rel=1e-6)
    heat = next(
        each for chart in charts(app) for each in chart["data"] if each["type"] == "heatmap"
    )
    assert sorted(heat["x"]) == sorted(line.instrument_id for line in found.lines)


def test_what_is_wrong_is_named_with_its_line_and_the_nearest_word(as_ann: Path) -> None:
    app = open_page()
    write(app, CAP + "- {kind: group, by: sector, of: Technologie, high: 0.2}\n")
    assert not app.exception
    assert "constraints:3: Constraint 2 (group): no asset has sector 'Technologie'" in words_of(app)
    assert "Did you mean Technology?" in words_of(app)
    write(app, "constraint:\n- {kind: box, high: 0.3}\n")
    assert "Did you mean constraints?" in words_of(app)
    write(app, CAP)
    assert "Not available" not in " ".join(each.value for each in app.markdown)
    rows = frame_with(app, "room")
    assert list(rows["constraint"]) == ["at most 30 % in a line"]


def test_constraints_that_cannot_hold_together_say_how_much_must_give(as_ann: Path) -> None:
    app = open_page()
    write(app, CAP.replace("0.3", "0.05"))
    app.button(key="rebalance-draft").click().run()
    assert not app.exception
    assert "must give 0.65" in words_of(app)


def test_what_one_proposed_oneself_is_refused_in_the_desks_words(deciding: Desk) -> None:
    app = open_page()
    write(app, CAP)
    draft(app)
    app.button(key="rebalance-propose").click().run()
    assert not app.exception
    record = deciding.proposals()[0]
    assert (record.proposal.proposed_by, record.state) == ("ann", State.PROPOSED)
    assert app.query_params["proposal"] == record.proposal_id
    app.text_input(key=f"rebalance-reason-{record.proposal_id}").set_value("it is good").run()
    app.button(key="rebalance-approve").click().run()
    assert not app.exception
    said = " ".join(each.value for each in app.error).replace("\\", "")
    assert "Refused" in said
    assert "ann proposed it: somebody else must approve it" in said
    steps = frame_with(app, "happened")
    assert list(steps["happened"]) == ["proposed", "refused"]
    assert not deciding.targets()
    app.text_input(key=f"rebalance-reason-{record.proposal_id}").set_value("changed my mind").run()
    app.button(key="rebalance-withdraw").click().run()
    assert not app.error
    assert deciding.proposal(record.proposal_id).state is State.WITHDRAWN
    assert frame_with(app, "turnover")["state"].iloc[0] == "withdrawn"


def test_a_link_opens_what_somebody_else_proposed_and_it_can_be_approved(deciding: Desk) -> None:
    (record,) = deciding.proposals()
    name = record.proposal_id
    app = open_page(proposal=name)
    assert not app.exception
    assert f"Proposal {name}" in html_of(app)
    assert f">{numbers.percent(record.proposal.turnover)}<" in html_of(app)
    app.button(key="rebalance-approve").click().run()
    assert "an approval needs a reason" in app.error[0].value.replace("\\", "")
    app.text_input(key=f"rebalance-reason-{name}").set_value("agreed").run()
    app.button(key="rebalance-approve").click().run()
    assert not app.exception
    said = " ".join(each.value for each in app.error).replace("\\", "")
    # Real prices of the small desk are of 2024, and those that it is compared with are the same.
    assert [each.proposal_id for each in deciding.targets()] == [name], said
    assert deciding.targets()[0].approved_by == "ann"
    assert not [each for each in app.button if each.key == "rebalance-approve"]


def test_where_people_are_registered_the_page_asks_for_a_passphrase(deciding: Desk) -> None:
    words = "ann's long passphrase"
    deciding.register_person("ann", words)
    name = deciding.proposals()[0].proposal_id
    app = open_page(proposal=name)
    field = f"rebalance-passphrase-{name}"
    assert app.text_input(key=field).label == "Passphrase of ann"
    app.text_input(key=f"rebalance-reason-{name}").set_value("agreed").run()
    for wrong, why in (("", "must prove who they are"), ("not it at all", "not the passphrase")):
        app.text_input(key=field).set_value(wrong).run()
        app.button(key="rebalance-approve").click().run()
        assert why in app.error[0].value
        # It proves one act: whoever comes next to the page types their own.
        assert app.text_input(key=field).value == ""
    assert [step.happened.value for step in deciding.proposal(name).steps][1:] == ["refused"] * 2
    app.text_input(key=field).set_value(words).run()
    app.button(key="rebalance-approve").click().run()
    assert not app.exception
    assert [each.proposal_id for each in deciding.targets()] == [name]
    assert deciding.unsigned_approvals() == {}


def test_deciding_does_not_open_the_book_again(
    deciding: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = deciding.proposals()[0].proposal_id
    app = open_page(proposal=name)
    opened: list[object] = []
    genuine = Desk.what_if_session

    def counted(desk: Desk, *args: Any, **kwargs: Any) -> WhatIfSession:
        opened.append(args)
        return genuine(desk, *args, **kwargs)

    monkeypatch.setattr(Desk, "what_if_session", counted)
    app.text_input(key=f"rebalance-reason-{name}").set_value("too much").run()
    app.button(key="rebalance-reject").click().run()
    assert deciding.proposal(name).state is State.REJECTED
    assert not opened


def test_a_block_that_fails_leaves_the_others(
    as_ann: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none(*_: object) -> NoReturn:
        raise MissingDataError("There is no frontier today.")

    monkeypatch.setattr(rebalance_pictures, "frontier_of", none)
    app = open_page()
    # Pictures of a draft that was seen before are remembered.
    write(app, CAP.replace("0.3", "0.35"))
    draft(app)
    assert "There is no frontier today." in words_of(app)
    assert trace(app, "After")
    assert len(frame_with(app, "portfolio_id"))


def test_a_draft_of_other_choices_is_said_to_be_of_others(as_ann: Path) -> None:
    app = open_page()
    write(app, CAP)
    draft(app)
    words = "of other choices than these"
    assert not any(words in each.value for each in app.caption)
    write(app, CAP.replace("0.3", "0.4"))
    assert any(words in each.value for each in app.caption)


def test_constraints_keep_what_they_say_between_text_and_table(as_ann: Path) -> None:
    app = open_page()
    write(app, CAP + "- {kind: turnover, high: 0.5}\n")
    app.segmented_control(key=f"rebalance-how-{RULE}").set_value("Table").run()
    assert not app.exception
    assert list(frame_with(app, "room")["constraint"]) == ["at most 30 % in a line", "turnover"]
    app.segmented_control(key=f"rebalance-how-{RULE}").set_value("Text").run()
    box = next(each for each in app.text_area if each.label == "Constraints as text")
    assert box.value == CAP + "- {kind: turnover, high: 0.5}\n"


def test_guards_that_do_not_hold_come_first_with_what_they_found(deciding: Desk) -> None:
    record = deciding.propose("EQ", "hrp", AS_OF, policy="within-bounds")
    assert len(guards_frame(record)) == 0, "nobody has asked them"
    record = deciding.approve_by_policy(record.proposal_id)
    told = next(step.body["guards"] for step in record.steps if "guards" in step.body)
    app = open_page(proposal=record.proposal_id)
    rows = frame_with(app, "holds")
    assert sorted(rows["words"]) == sorted(each["words"] for each in told)
    assert rows["holds"].tolist() == sorted(rows["holds"]), "no comes before yes"
    assert "no" in set(rows["holds"])
    assert dict(zip(rows["guard"], rows["words"], strict=True))["turnover"].endswith("allowed")


@pytest.mark.parametrize(
    ("kind", "value", "words"),
    [
        ("box", 0.0174179, "1.74%"),
        ("turnover", 0.4, "40.00%"),
        ("holdings", 12.0, "12.0000"),
        ("lots", math.inf, ""),
    ],
)
def test_constraints_are_told_in_their_own_unit(kind: str, value: float, words: str) -> None:
    assert in_its_unit(kind, value) == words
