"""The Execution page, run by Streamlit's own test runner on a desk that trades."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from riskplatform.desk import Desk
from riskplatform.desk.executing import controls_of, engine_of, execution_lock
from riskplatform.desk.execution_session import ExecutionSession, PlanChoice
from riskplatform.desk.order_tables import blotter_of
from riskplatform.domain.limits import Limit
from riskplatform.domain.orders import Side
from riskplatform.execution.controls import KILL_FILE, Mode
from riskplatform.execution.engine_rules import EngineRules
from riskplatform.execution.gateways.gateway import Accepted
from riskplatform.execution.gateways.paper import PaperGateway
from riskplatform.execution.order_events import Sent
from riskplatform.execution.order_journal import ORDERS, event_body, sent_body
from riskplatform.execution.paper.handshake import DATABASE_FILE
from riskplatform.execution.paper.service import PaperService
from riskplatform.execution.paper.store import VenueStore
from riskplatform.execution.parents import Parent, Slice
from riskplatform.execution.recovery import record
from riskplatform.execution.tca.from_journal import JournalOfTrading, Prices
from riskplatform.optimisation.proposals import ProposalRecord
from riskplatform.reporting import numbers
from riskplatform.store.ledger import Event
from riskplatform.ui import execution_data, execution_steps, launch
from tests.desk.risk_desk import LAST, make
from tests.ui.test_pages import PATIENCE_SECONDS, frame_with, html_of
from tests.ui.test_rebalance_page import numbers_of, trace

pytestmark = pytest.mark.slow

EVIL = "<img src=x onerror=alert(1)> [click](http://x) :red[x]"
OPEN = datetime.fromisoformat("2026-03-06T14:40:00+00:00")
STOP = OPEN + timedelta(minutes=11)
STEP = timedelta(seconds=60)
RULES = EngineRules(answer_seconds=120.0, ask_seconds=60.0, reconcile_seconds=600.0)
GATE = """\
size: {volume_share: 1}
day: {volume_share: 1}
fresh: {seconds: 300}
messages: {at_most: 1000, seconds: 1}
"""


@pytest.fixture(scope="module")
def approved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A desk with targets that bob approved and nobody took."""
    place = tmp_path_factory.mktemp("execution") / "desk"
    with make(place) as desk:
        loose = Limit(limit_id="growth", node="growth", measure="gross_value", hard=1e6)
        desk.set_limits([loose], reason="test")
    with Desk.open(place, actor="ann") as desk:
        desk.propose("growth", "hrp", LAST)
    with Desk.open(place, actor="bob") as desk:
        desk.approve(desk.proposals()[0].proposal_id, reason="reviewed")
    (place / "gate.yaml").write_text(GATE, encoding="utf-8")
    return place


@pytest.fixture(scope="module")
def half_way(approved: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of it on which an engine worked for eleven minutes of half an hour."""
    place = Path(shutil.copytree(approved, tmp_path_factory.mktemp("half") / "desk"))
    with Desk.open(place, actor="ann") as desk:
        desk.begin_paper_venue(day=LAST, seed=3)
        with closing(service_of(desk)) as service:
            PaperGateway.within(service).advance(OPEN)
            with session_of(desk, service) as session:
                session.take()
                session.run(step=STEP, until=STOP)
                session.match(LAST)
    return place


def service_of(desk: Desk) -> PaperService:
    return PaperService(VenueStore.open(desk.paper_folder() / DATABASE_FILE))


def session_of(desk: Desk, service: PaperService) -> ExecutionSession:
    gateway = PaperGateway.within(service).called_after_its_venue()
    choice = PlanChoice(hours=0.5, minutes=5.0, participation=None)
    return desk.execution(gateway=gateway, choice=choice, rules=RULES)


def shown_to_ann(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    copy = Path(shutil.copytree(folder, tmp_path / "desk"))
    monkeypatch.setenv("RISKPLATFORM_DESK", str(copy))
    monkeypatch.setenv("RISKPLATFORM_ACTOR", "ann")
    return copy


@pytest.fixture
def waiting(approved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    with Desk.open(shown_to_ann(approved, tmp_path, monkeypatch)) as desk:
        yield desk


@pytest.fixture
def trading(half_way: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    with Desk.open(shown_to_ann(half_way, tmp_path, monkeypatch)) as desk:
        yield desk


def open_page(**query: str) -> AppTest:
    """Without drawing another page before."""
    app = AppTest.from_file(str(launch.app_path()), default_timeout=2 * PATIENCE_SECONDS)
    for name, value in query.items():
        app.query_params[name] = value
    app.switch_page("views/execution.py").run()
    assert not app.exception
    return app


def errors_of(app: AppTest) -> str:
    """What is said in red, as a person reads it."""
    return " ".join(each.value for each in app.error).replace("\\", "")


def move(app: AppTest, act: str, reason: str) -> None:
    """Say a reason and press a button of the switch."""
    next(each for each in app.text_input if each.label.startswith("Reason, for")).set_value(reason)
    app.button(key=f"execution-{act}").click().run()
    assert not app.exception


def acts(app: AppTest) -> list[str]:
    known = ("kill", "pause", "resume", "reset")
    keys = [each.key for each in app.button]
    return [name for name in known if f"execution-{name}" in keys]


def test_nothing_traded_says_what_to_do_and_what_waits(waiting: Desk) -> None:
    app = open_page()
    shown = html_of(app)
    (targets,) = waiting.targets()
    assert "Nothing has been traded yet" in shown
    steps = shown.partition("Nothing has been traded yet")[2]
    places = [steps.index(each.command.partition(" --")[0]) for each in execution_steps.STEPS]
    assert places == sorted(places)
    # Proposed and approved; the venue and the engine are still to be started.
    states = [part.split("<")[0] for part in shown.split('class="state ')[1:]]
    assert [state.split(">")[1] for state in states] == ["done", "done", "to do", "to do"]
    rows = frame_with(app, "approved_by")
    assert rows["approval_id"].tolist() == [targets.approval_id]
    assert rows["trades"].tolist() == [len(targets.trades)]
    assert any("riskplatform execute start" in each.value for each in app.info)
    assert acts(app) == ["kill", "pause"], "the switch is there before anything trades"


def test_the_pages_numbers_are_the_desks(trading: Desk) -> None:
    app = open_page()
    status, orders = trading.execution_status(), trading.orders()
    executions = trading.ledger.journal.since(0, stream="execution")
    shown = html_of(app)
    assert f"{len(executions):,} executions on {numbers.day(LAST)}" in shown
    filled = {each.body["client_order_id"] for each in executions}
    assert f'>Filled</div><div class="figure">{len(filled)} <small>orders' in shown
    assert '>Reconciled</div><div class="figure rp-gain">yes' in shown
    rows = frame_with(app, "ahead").set_index("instrument_id")
    assert len(rows) == len(status.plans) == 2
    for plan in status.plans:
        row = rows.loc[plan["instrument_id"]]
        assert row["filled"] == float(plan["filled"]) > 0
        assert row["planned"] == float(plan["planned"]) > row["filled"]
        assert row["share"] == pytest.approx(float(plan["filled"] / plan["planned"]))
        assert (row["orders"], row["open"]) == (plan["orders"], float(plan["open"]))
    blotter = frame_with(app, "client_order_id")
    own = orders.to_frame().iloc[::-1]
    assert blotter["client_order_id"].tolist() == own["client_order_id"].tolist()
    assert blotter["filled"].tolist() == [float(each) for each in own["filled"]]
    assert blotter["average_price"].tolist() == pytest.approx(
        [float(each) for each in own["average_price"]]
    )
    report = trading.tca_report(since=LAST, until=LAST)
    figure, unit = numbers.compact(float(report.total.shortfall))
    money = f"{unit} USD".strip()
    assert f'Shortfall</div><div class="figure">{figure} <small>{money}' in shown
    impact = trace(app, "Impact")
    assert float(numbers_of(impact["x"]).sum()) == pytest.approx(
        float(report.total.parts["impact"])
    )


def test_a_plan_is_drawn_against_its_schedule_and_among_prices(trading: Desk) -> None:
    app = open_page()
    line: Any = app.selectbox(key="execution-plan").value
    names = ("approval_id", "portfolio_id", "instrument_id")
    plans = trading.execution_status().plans
    plan = next(each for each in plans if tuple(each[name] for name in names) == line)
    states = [each for each in trading.orders(instrument_id=line[2]).orders if each.filled]
    average = sum(each.notional for each in states) / sum(each.filled for each in states)
    done, planned = trace(app, "Done"), trace(app, "Planned")
    assert numbers_of(done["y"])[-1] == float(plan["filled"])
    assert numbers_of(planned["y"])[-1] == float(plan["planned"])
    marks = trace(app, {"buy": "Bought", "sell": "Sold"}[plan["side"]])
    executed = [
        each.body
        for each in trading.ledger.journal.since(0, stream="execution")
        if each.body["instrument_id"] == line[2]
    ]
    assert sorted(numbers_of(marks["y"])) == pytest.approx(
        sorted(float(each["price"]) for each in executed)
    )
    level = trace(app, f"Average {numbers.significant(float(average))}")
    assert numbers_of(level["y"])[0] == pytest.approx(float(average))
    # The arrival as the report of trading costs has it.
    instruments = trading.instruments()
    currencies = {each["fee_currency"] for each in executed} | {instruments[line[2]].currency}
    worked, _ = JournalOfTrading(trading.ledger.journal).worked(
        instruments, Prices(rates=dict.fromkeys([*currencies, "USD", "EUR"], Decimal(1)))
    )
    (arrival,) = [each.arrival for each in worked if each.instrument_id == line[2]]
    assert arrival is not None
    level = trace(app, f"Arrival {numbers.significant(float(arrival))}")
    assert numbers_of(level["y"])[0] == pytest.approx(float(arrival))
    close = numbers_of(trace(app, "Close")["y"])
    prices = trading.lake.price_history(line[2], LAST - timedelta(days=92), LAST)
    assert close == pytest.approx(prices["close"].to_numpy())


def test_ahead_is_what_is_done_less_what_its_slices_have_due(trading: Desk) -> None:
    """Six slices of five minutes each: after so long, so much is due."""
    app = open_page()
    rows = frame_with(app, "ahead").set_index("instrument_id")
    heard = max(
        datetime.fromisoformat(each.body["at"])
        for stream in ("order", "execution", "gate")
        for each in trading.ledger.journal.since(0, stream=stream)
    )
    for each in trading.ledger.journal.since(0, stream="parent"):
        plan = each.body["plan"]
        slices = [(datetime.fromisoformat(one["at"]), float(one["quantity"]))
                  for one in plan["slices"]]  # fmt: skip
        due = sum(
            size * min(max((heard - at) / timedelta(minutes=5), 0.0), 1.0) for at, size in slices
        )
        row = rows.loc[plan["instrument_id"]]
        assert row["due"] == pytest.approx(due, rel=1e-6)
        assert row["ahead"] == pytest.approx(row["filled"] - due, rel=1e-6)
        assert row["state"] == ("ahead" if row["filled"] > due else "behind")


def plan_of(*starts: float) -> Parent:
    """Ten units due at each of so many minutes."""
    slices = tuple(Slice(OPEN + timedelta(minutes=each), Decimal(10)) for each in starts)
    return Parent(
        approval_id="A", portfolio_id="P", instrument_id="I", side=Side.SELL, quantity=Decimal(100),
        currency="USD", reference_price=Decimal(1), approved_at=OPEN,
        expires_at=OPEN + timedelta(days=1), slices=slices,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("starts", "minutes", "due"),
    [
        ((0, 5, 10), 7.5, 15.0),
        ((0, 5, 10), 15.0, 30.0),
        ((0, 5, 65, 70), 30.0, 20.0),
        ((0, 5, 65, 70), 67.5, 25.0),
        ((0,), 1.0, 10.0),
    ],
    ids=["in a slice", "after the last", "in a pause", "after a pause", "one alone"],
)
def test_what_is_due_by_a_plan(starts: tuple[float, ...], minutes: float, due: float) -> None:
    schedule = execution_data.schedule_of(plan_of(*starts))
    assert float(schedule.due(OPEN + timedelta(minutes=minutes))) == pytest.approx(due)
    assert schedule.planned + schedule.left == abs(schedule.quantity) == 100


def test_kill_and_reset_with_reasons_in_the_name_of_who_acts(trading: Desk) -> None:
    app = open_page()
    assert acts(app) == ["kill", "pause"]
    move(app, "kill", "")
    assert "moved by a named person with a reason" in errors_of(app)
    assert trading.execution_status().control.mode is Mode.RUNNING
    move(app, "kill", EVIL)
    state = trading.execution_status().control
    assert (state.mode, state.person, state.reason) == (Mode.KILLED, "ann", EVIL)
    assert "Refused" not in errors_of(app)
    # What a person wrote is text on the page, and neither mark-up nor a link.
    assert f"by ann, {state.at:%Y-%m-%d %H:%M:%S} UTC: {EVIL}" in errors_of(app)
    assert "\\[click\\]" in app.error[0].value
    assert EVIL not in html_of(app)
    assert "No venue has shown yet" in errors_of(app)
    assert acts(app) == ["reset"]
    move(app, "reset", "it was a test")
    state = trading.execution_status().control
    assert (state.mode, state.reason) == (Mode.RUNNING, "it was a test")
    assert not app.error
    assert acts(app) == ["kill", "pause"]


def test_pause_and_resume(trading: Desk) -> None:
    app = open_page()
    move(app, "pause", "lunch")
    assert trading.execution_status().control.mode is Mode.PAUSED
    assert "lunch" in app.warning[0].value
    assert acts(app) == ["kill", "resume"]
    move(app, "resume", "after lunch")
    assert trading.execution_status().control.mode is Mode.RUNNING


def test_what_others_did_meanwhile_stands(trading: Desk) -> None:
    app = open_page()
    with Desk.open(trading.settings.desk, actor="bob") as other:
        other.kill_execution(reason="a strange price")
    move(app, "pause", "lunch")
    state = trading.execution_status().control
    assert (state.mode, state.person) == (Mode.KILLED, "bob")
    assert "by bob" in errors_of(app)
    assert acts(app) == ["reset"]


def test_a_kill_file_counts_on_the_page(trading: Desk) -> None:
    (trading.settings.desk / KILL_FILE).write_text("pulled the plug", encoding="utf-8")
    app = open_page()
    assert "pulled the plug" in errors_of(app)
    assert acts(app) == ["reset"]


def test_what_differs_from_the_venue_is_said(trading: Desk) -> None:
    body = {
        "gateway": "PV", "at": STOP.isoformat(), "is_clean": False, "executions": 1,
        "differences": [{"kind": "position", "subject": "growth/ALFA.XNYS", "ours": "5",
                         "venues": "7", "reason": ""}],
    }  # fmt: skip
    record(trading.ledger, "PV", body, "engine")
    app = open_page()
    assert "position growth/ALFA.XNYS: here 5, at the venue 7" in errors_of(app)
    assert '>Reconciled</div><div class="figure rp-loss">no' in html_of(app)


def send(desk: Desk) -> str:
    """An order of the first plan that the venue works."""
    parent = next(iter(blotter_of(desk.ledger).parents.values()))
    order = parent.child(len(parent.slices) - 1, 7, Decimal(1))
    name = order.client_order_id
    at = STOP + timedelta(seconds=30)
    seen = Accepted(client_order_id=name, venue_order_id="V-1", at=at)
    events = [
        Event(ORDERS, name, 0, sent_body(order, "PV", Sent(at=at))),
        Event(ORDERS, name, 1, event_body(seen)),
    ]
    desk.ledger.journal.append(events, actor="engine", action="send")
    return name


def test_what_is_read_on_is_what_is_read_anew(trading: Desk) -> None:
    """And a picture that a page holds stays as it was."""
    journal, follower = trading.ledger.journal, execution_data.Follower()
    before = follower.read(journal)
    sent, told = len(before.blotter.states), len(before.decisions)
    with closing(service_of(trading)) as service, session_of(trading, service) as session:
        session.run(step=STEP, until=STOP + timedelta(minutes=5))
    name = send(trading)
    after, anew = follower.read(journal), execution_data.Follower().read(journal)
    assert after.blotter.states == anew.blotter.states
    assert after.fills == anew.fills
    assert after.decisions.equals(anew.decisions)
    assert (after.at, after.blotter.filled) == (anew.at, anew.blotter.filled)
    assert len(after.decisions) > told
    assert len(after.blotter.states) > sent + 1
    assert len(before.blotter.states) == sent
    assert name in after.blotter.working
    assert name not in before.blotter.working


def test_what_was_sent_meanwhile_is_there_when_the_page_is_drawn_again(trading: Desk) -> None:
    app = open_page()
    before = frame_with(app, "client_order_id")["client_order_id"].tolist()
    name = send(trading)
    app.run()
    assert not app.exception
    assert frame_with(app, "client_order_id")["client_order_id"].tolist() == [name, *before]


def test_what_jobs_say_has_nothing_of_trading_read_again(trading: Desk) -> None:
    journal, follower = trading.ledger.journal, execution_data.Follower()
    before = follower.read(journal)
    said = Event("run", "one", 0, {"kind": "claimed"})
    journal.append([said], actor="scheduler", action="claim")
    assert follower.read(journal) is before
    send(trading)
    assert follower.read(journal) is not before


def test_proposals_are_read_again_only_when_something_was_said_of_one(
    waiting: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[object] = []
    genuine = Desk.proposals

    def counted(desk: Desk) -> list[ProposalRecord]:
        read.append(desk)
        return genuine(desk)

    monkeypatch.setattr(Desk, "proposals", counted)
    app = open_page()
    app.run()
    elsewhere = Event("run", "one", 0, {"kind": "claimed"})
    waiting.ledger.journal.append([elsewhere], actor="scheduler", action="claim")
    app.run()
    assert len(read) == 1
    assert len(frame_with(app, "approved_by")) == 1
    with Desk.open(waiting.settings.desk, actor="bob") as bob:
        bob.take_targets(waiting.targets()[0].proposal_id)
    app.run()
    assert not any("approved_by" in each.value.columns for each in app.dataframe)


def test_an_open_order_is_cancelled_with_a_reason(trading: Desk) -> None:
    name = send(trading)
    app = open_page()
    assert frame_with(app, "client_order_id")["client_order_id"].iloc[0] == name
    app.segmented_control(key="execution-which").set_value("Open").run()
    assert frame_with(app, "client_order_id")["client_order_id"].tolist() == [name]
    assert f"Order {name}" in html_of(app)
    events = frame_with(app, "said")
    assert events["event"].tolist() == ["sent", "accepted"]
    app.button(key="execution-cancel").click().run()
    assert "with a reason" in errors_of(app)
    assert not execution_data.wishes(trading)
    app.text_input(key=f"execution-cancel-reason-{name}").set_value("not it")
    app.button(key="execution-cancel").click().run()
    assert not app.exception
    wish = execution_data.wishes(trading)[name]
    assert (wish["person"], wish["reason"]) == ("ann", "not it")
    assert any("ann asked the engine" in each.value for each in app.caption)


def test_an_open_order_is_replaced_once_an_engine_runs(trading: Desk) -> None:
    """Without one the page says so; with one the wish waits, and then its answer is shown."""
    name = send(trading)
    app = open_page()
    keys = {what: f"execution-replace-{what}-{name}" for what in ("quantity", "limit", "reason")}
    assert app.text_input(key=keys["limit"]).disabled
    app.text_input(key=keys["quantity"]).set_value("many")
    app.button(key="execution-replace").click().run()
    assert "The new total is 'many'" in errors_of(app)
    app.text_input(key=keys["quantity"]).set_value("2")
    app.text_input(key=keys["reason"]).set_value("more of it")
    app.button(key="execution-replace").click().run()
    assert "No engine runs on this desk" in errors_of(app)
    assert not controls_of(trading).replaces()
    with execution_lock(trading):
        app.button(key="execution-replace").click().run()
    assert not app.exception
    wish = controls_of(trading).replaces()[name]
    assert (wish.body["quantity"], wish.body["person"]) == ("2", "ann")
    assert any("It has not answered yet" in each.value for each in app.caption)
    answer = controls_of(trading).answer_to(name, wish, False, "too much")
    trading.ledger.journal.append([answer], actor="engine", action="answer")
    app.run()
    assert any("too much" in each.value for each in app.caption)


def test_an_order_is_opened_with_its_events_and_the_gates_checks(trading: Desk) -> None:
    app = open_page()
    last = trading.orders().orders[-1]
    history = trading.order(last.client_order_id)
    assert frame_with(app, "said")["event"].tolist() == history.to_frame()["event"].tolist()
    decision: Any = [each.body for each in history.events if each.stream == "gate"][-1]
    checks = frame_with(app, "bound")
    assert sorted(checks["check"]) == sorted(each["check"] for each in decision["outcomes"])
    assert set(checks["found"]) >= {"passed"}


def test_a_portfolio_shows_its_own_and_an_instrument_too(trading: Desk) -> None:
    app = open_page(portfolio="macro")
    assert any("Nothing of the portfolio" in each.value for each in app.caption)
    assert any("No order was sent" in each.value for each in app.caption)
    app = open_page(portfolio="growth")
    wanted = trading.orders().orders[0].order.key.instrument_id
    app.selectbox(key="execution-instrument").select(wanted).run()
    own = trading.orders(instrument_id=wanted).to_frame()["client_order_id"].tolist()
    assert frame_with(app, "client_order_id")["client_order_id"].tolist() == own[::-1]


def test_an_engine_at_work_is_seen(trading: Desk) -> None:
    assert engine_of(trading) is None
    with closing(service_of(trading)) as service, session_of(trading, service):
        assert engine_of(trading) is not None
        assert '>Engine</div><div class="figure">at work' in html_of(open_page())
    assert engine_of(trading) is None


def test_the_costs_are_of_the_day_and_grouped_as_asked(trading: Desk) -> None:
    app = open_page()
    assert app.selectbox(key="execution-day").value == LAST
    app.segmented_control(key="execution-costs-by").set_value("Side").run()
    assert not app.exception
    report = trading.tca_report(since=LAST, until=LAST)
    own = {cost.group: float(cost.parts["fees"]) for cost in report.by("side")}
    fees = trace(app, "Fees")
    found = dict(zip(fees["y"], numbers_of(fees["x"]), strict=True))
    assert found == pytest.approx(own)
    vwap = report.total.against_bp("vwap")
    assert vwap is not None
    said = [each.value.replace("\\", "") for each in app.caption]
    (told,) = [each for each in said if each.startswith("Executions: ")]
    assert f"{numbers.signed(vwap, 1)} bp against the market" in told
    assert "vwap: " in told
    assert isinstance(app.selectbox(key="execution-day").value, date)
