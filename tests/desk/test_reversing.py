"""Reverse stress, inference and fragile directions of the small desk, against formulas by hand."""

from __future__ import annotations

import math
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from scipy import optimize

from riskplatform.desk import Desk
from riskplatform.desk.node_ground import NodeGround, node_ground
from riskplatform.desk.snapshots import market_snapshot
from riskplatform.domain.limits import Limit
from riskplatform.errors import MissingDataError, UnknownNameError, UserInputError
from riskplatform.market.content import FloatArray
from riskplatform.stress.days_that_count import DaysThatCount
from tests.desk.conftest import now
from tests.desk.risk_desk import HISTORY, LAST, make
from tests.desk.test_stress import contents

pytestmark = pytest.mark.slow

ALFA, BETA, EURO = "spot.ALFA.XNYS", "spot.BETA.XETR", "fx.EUR"
LOSS = 5_000.0


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("reverse") / "desk"
    make(folder).close()
    return folder


@pytest.fixture(scope="module")
def desk(template: Path) -> Iterator[Desk]:
    """Only read."""
    with Desk.open(template, clock=now) as opened:
        yield opened


@pytest.fixture
def own(template: Path, tmp_path: Path) -> Iterator[Desk]:
    """To be written to, or looked at for what was written."""
    shutil.copytree(template, tmp_path / "desk")
    with Desk.open(tmp_path / "desk", clock=now) as opened:
        yield opened


def growth(moves: dict[str, float] | FloatArray) -> float:
    """2,000 ALFA at 52 dollars; 100 BETA at 50 and 5,100 of money, both in euros at 1.20."""
    a, b, e = (moves[n] for n in (ALFA, BETA, EURO)) if isinstance(moves, dict) else moves
    shares = 104_000.0 * math.expm1(a)
    return shares + 1.2 * (5_000.0 * math.expm1(b + e) + 5_100.0 * math.expm1(e))


def ground(desk: Desk, node: str | None) -> NodeGround:
    snapshot = market_snapshot(desk.lake)
    return node_ground(desk, node, LAST, days=HISTORY, counted=None, snapshot=snapshot)


def test_a_node_gains_what_the_formula_says_and_its_slope_is_exact(desk: Desk) -> None:
    found = ground(desk, "growth")
    assert set(found.names) == {ALFA, BETA, EURO}
    order = [found.names.index(name) for name in (ALFA, BETA, EURO)]
    rng = np.random.default_rng(4)
    moves = rng.normal(0.0, 0.1, (20, 3))
    assert found.within().gains(moves) == pytest.approx(
        [growth(row[order]) for row in moves], rel=1e-9
    )
    for row in moves[:3]:
        slope = found.within().gradient(row)
        for place in range(3):
            step = np.zeros(3)
            step[place] = 1e-5
            up, down = found.within().gains(np.stack([row + step, row - step]))
            assert slope[place] == pytest.approx((up - down) / 2e-5, rel=1e-6)


def test_the_slope_of_bonds_and_futures_in_any_state(desk: Desk) -> None:
    found = ground(desk, None)
    rng = np.random.default_rng(5)
    size = 5.0 * found.covariance.volatility
    at, way = rng.normal(0.0, size), rng.normal(0.0, 1e-3 * size)
    up, down = found.within().gains(np.stack([at + way, at - way]))
    assert found.within().gradient(at) @ way == pytest.approx((up - down) / 2.0, rel=1e-4)


def test_units_gain_what_the_node_does(desk: Desk) -> None:
    found = ground(desk, None).revaluer
    moves = np.random.default_rng(6).normal(0.0, 0.02, len(found.maker.factors))
    assert found.by_unit(moves).sum() == pytest.approx(found.gains(moves[None, :])[0], rel=1e-9)


def test_a_node_gains_what_a_scenario_file_says_that_it_does(own: Desk) -> None:
    text = (
        "title: both\nkind: hypothetical\nshocks:\n  - equity: all\n    move: -20 %\n"
        "  - fx: EUR\n    move: +5 %\n"
    )
    wanted = own.run_scenarios([own.scenario_of_text(text)], as_of=LAST)
    found = ground(own, None)
    shocked = dict.fromkeys(found.table.factor_ids, 0.0)
    shocked |= {name: math.log(0.8) for name in shocked if name.startswith("spot.")}
    shocked[EURO] = math.log(1.05)
    gains = found.revaluer.gains(np.array([list(shocked.values())]))
    assert gains[0] == pytest.approx(wanted.gain("unsaved"), rel=1e-6)


def test_the_most_likely_loss_of_a_node_is_that_of_a_general_programme(desk: Desk) -> None:
    """SLSQP on the formula by hand, with the covariance that the answer says it used."""
    found = desk.reverse_stress(LOSS, "growth", LAST, days=HISTORY)
    base = ground(desk, "growth")
    order = [base.names.index(name) for name in (ALFA, BETA, EURO)]
    sigma = base.covariance.covariance[np.ix_(order, order)]
    root = np.linalg.cholesky(sigma)
    other = optimize.minimize(
        lambda z: 0.5 * z @ z,
        np.array([-1.0, 0.0, 0.0]),
        constraints=[{"type": "ineq", "fun": lambda z: -growth(root @ z) / LOSS - 1.0}],
        method="SLSQP",
        options={"ftol": 1e-14},
    )
    assert -growth(root @ other.x) == pytest.approx(LOSS, rel=1e-6)
    best = found.found.best
    assert best.distance == pytest.approx(math.sqrt(2.0 * other.fun), rel=1e-5)
    moves = dict(zip(found.found.names, best.moves, strict=True))
    assert -growth(moves) == pytest.approx(LOSS, rel=1e-6)
    assert best.loss == pytest.approx(LOSS, rel=1e-6)
    assert abs(best.unexplained) < 1e-4 * LOSS
    assert found.base_currency == "USD"
    assert found.coverage.is_complete
    assert found.to_frame()["drivers"].iloc[0].startswith("spot.ALFA.XNYS -")


def test_still_factors_and_bounds_by_pattern(desk: Desk) -> None:
    found = desk.reverse_stress(
        LOSS, "growth", LAST, still=["FX.*"], bounds={"spot.alfa*": ("-4 %", None)}, days=HISTORY
    )
    moves = dict(zip(found.found.names, found.found.best.moves, strict=True))
    assert moves[EURO] == 0.0
    assert moves[ALFA] == pytest.approx(math.log(0.96), rel=1e-9)
    assert -growth(moves) == pytest.approx(LOSS, rel=1e-6)
    # The other share must make up for it: 5,000 less 4 % of 104,000.
    assert 6_000.0 * math.expm1(moves[BETA]) == pytest.approx(-840.0, rel=1e-4)


def test_as_much_as_a_limit_allows(own: Desk) -> None:
    own.set_limits(
        [
            Limit(limit_id="L1", node="growth", measure="var", hard=3_000.0),
            Limit(limit_id="L2", node="growth", measure="gross_value", hard=1e6),
        ],
        reason="a test",
    )
    found = own.reverse_stress(limit="L1", as_of=LAST, days=HISTORY, answers=1)
    assert found.node == "growth"
    assert found.loss == 3_000.0
    same = own.reverse_stress(3_000.0, "growth", LAST, days=HISTORY, answers=1)
    assert found.found.best.moves == pytest.approx(same.found.best.moves)
    with pytest.raises(UserInputError, match="no loss"):
        own.reverse_stress(limit="L2", as_of=LAST)
    with pytest.raises(UnknownNameError, match="L1"):
        own.reverse_stress(limit="L11", as_of=LAST)
    with pytest.raises(UserInputError, match="not of macro"):
        own.reverse_stress(limit="L1", node="macro", as_of=LAST)
    with pytest.raises(UserInputError, match="not both"):
        own.reverse_stress(5.0, limit="L1", as_of=LAST)


def test_what_follows_from_a_shock_is_the_schur_complement_and_its_gain_the_formula(
    desk: Desk,
) -> None:
    found = desk.infer({ALFA: "-10 %"}, "growth", LAST, days=HISTORY, draws=4_000)
    base = ground(desk, None)
    sigma, names = base.covariance.covariance, base.names
    at = names.index(ALFA)
    moves = dict(zip(found.found.names, found.found.moves, strict=True))
    for name in (BETA, EURO):
        place = names.index(name)
        wanted = sigma[place, at] / sigma[at, at] * math.log(0.9)
        assert moves[name] == pytest.approx(wanted, rel=1e-8)
    assert moves[ALFA] == pytest.approx(math.log(0.9), rel=1e-12)
    assert found.gain == pytest.approx(growth(moves), rel=1e-8)
    assert found.found.plausibility.distance == pytest.approx(
        -math.log(0.9) / math.sqrt(sigma[at, at]), rel=1e-9
    )
    assert found.band.low < found.band.mean < found.band.high
    assert found.band.mean == pytest.approx(found.gain, rel=0.01)
    assert found.linear.deviation == pytest.approx(found.band.deviation, rel=0.1)
    table = found.to_frame()
    assert table["in_words"].iloc[0] == "-10.00 %"
    assert table["shocked"].tolist()[:2] == [True, False]


def test_a_factor_that_the_node_does_not_depend_on_can_be_shocked(desk: Desk) -> None:
    found = desk.infer({"spot.ESM6": "-2 sigma"}, "growth", LAST, days=HISTORY)
    moves = dict(zip(found.found.names, found.found.moves, strict=True))
    assert found.gain == pytest.approx(growth(moves), rel=1e-8)
    assert found.found.plausibility.distance == pytest.approx(2.0, rel=1e-9)


def test_heavy_tails_longer_horizons_and_chosen_days_change_how_likely(desk: Desk) -> None:
    plain = desk.infer({ALFA: "-10 %"}, "growth", LAST, days=HISTORY, draws=100)
    month = desk.infer({ALFA: "-10 %"}, "growth", LAST, days=HISTORY, draws=100, horizon_days=20)
    assert month.found.plausibility.distance == pytest.approx(
        plain.found.plausibility.distance / math.sqrt(20.0)
    )
    heavy = desk.infer({ALFA: "-10 %"}, "growth", LAST, days=HISTORY, draws=100, distribution="t")
    assert heavy.found.plausibility.beyond > 100.0 * plain.found.plausibility.beyond
    tail = desk.infer(
        {ALFA: "-10 %"}, "growth", LAST, days=HISTORY, draws=100,
        counted=DaysThatCount(factor_id=ALFA, below=0.2),
    )  # fmt: skip
    assert tail.found.plausibility.distance < plain.found.plausibility.distance
    assert "below its 20% quantile" in tail.provenance.inputs["covariance"]


def test_the_most_fragile_direction_of_a_node(desk: Desk) -> None:
    found = desk.fragile_directions("growth", LAST, days=HISTORY, distance=2.0)
    base = ground(desk, "growth")
    slope = base.within().gradient(np.zeros(3))
    deviation = math.sqrt(slope @ base.covariance.covariance @ slope)
    worst = found.found.worst
    assert worst.linear == pytest.approx(2.0 * deviation, rel=1e-9)
    assert worst.loss == pytest.approx(worst.linear, rel=0.02)
    assert {"spot", "fx"} <= set(found.to_frame()["direction"])
    assert found.factors()["in_words"].iloc[0].endswith("%")
    kept = desk.fragile_directions("growth", LAST, days=HISTORY, still=["fx.*"])
    assert all((each.moves[base.names.index(EURO)] == 0.0) for each in kept.found.directions)


def test_asking_changes_nothing_and_the_same_question_has_the_same_answer(own: Desk) -> None:
    own.infer({ALFA: "-10 %"}, as_of=LAST, days=HISTORY, draws=50)
    before = contents(own)
    first, again = (own.reverse_stress(LOSS, "fund", LAST, days=HISTORY) for _ in range(2))
    own.infer({ALFA: "-10 %"}, as_of=LAST, days=HISTORY, draws=50)
    own.fragile_directions(as_of=LAST, days=HISTORY)
    assert contents(own) == before
    assert first.to_dict() == again.to_dict()
    assert first.provenance.run_id == again.provenance.run_id
    other = own.reverse_stress(2 * LOSS, "fund", LAST, days=HISTORY)
    assert other.provenance.run_id != first.provenance.run_id
    assert "USD" in first._repr_html_()


def test_what_cannot_be_asked_is_told(desk: Desk) -> None:
    with pytest.raises(UnknownNameError, match=r"Did you mean spot\.ALFA\.XNYS"):
        desk.infer({"spot.ALFA.XNY": "-10 %"}, as_of=LAST, days=HISTORY)
    with pytest.raises(UnknownNameError, match=r"as in spot\.SPX"):
        desk.reverse_stress(LOSS, as_of=LAST, still=["qqq"], days=HISTORY)
    with pytest.raises(UserInputError, match="cannot be read"):
        desk.infer({ALFA: "minus ten"}, as_of=LAST, days=HISTORY)
    with pytest.raises(UserInputError, match="moves in %"):
        desk.infer({ALFA: "-10 bp"}, as_of=LAST, days=HISTORY)
    with pytest.raises(UnknownNameError, match="distribution"):
        desk.reverse_stress(LOSS, as_of=LAST, distribution="normal")
    with pytest.raises(MissingDataError, match="holds nothing"):
        desk.reverse_stress(LOSS, "growth", LAST.replace(year=2025))
    with pytest.raises(UserInputError, match="above 0"):
        desk.reverse_stress(-LOSS, as_of=LAST, days=HISTORY)
