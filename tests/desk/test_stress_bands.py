"""The band of scenarios that infer the rest, on the small desk: against draws by hand."""

from __future__ import annotations

import math
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from riskplatform.desk import Desk
from riskplatform.desk.node_ground import node_ground
from riskplatform.desk.snapshots import market_snapshot
from riskplatform.stress.result import StressResult
from tests.desk.conftest import now
from tests.desk.risk_desk import LAST, make
from tests.desk.test_reversing import ALFA, BETA, EURO
from tests.desk.test_stress import contents

pytestmark = pytest.mark.slow

SHOCK = "shocks:\n  - equity: ALFA.XNYS\n    move: %s\n"
HEAD = "title: x\nkind: hypothetical\nrest: infer\n"
MANY = 400_000


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bands") / "desk"
    make(folder).close()
    return folder


@pytest.fixture
def desk(template: Path, tmp_path: Path) -> Iterator[Desk]:
    shutil.copytree(template, tmp_path / "desk")
    with Desk.open(tmp_path / "desk", clock=now) as opened:
        yield opened


def ran(desk: Desk, propagation: str, move: str = "-10 %", more: str = "") -> StressResult:
    text = f"{HEAD}propagation: {propagation}\n{SHOCK % move}{more}"
    return desk.run_scenarios([desk.scenario_of_text(text, "x")], "growth", LAST)


def by_hand(desk: Desk, move: float, degrees: float | None) -> np.ndarray:
    """Gains of growth in many draws: 2,000 ALFA at 52 dollars, 100 BETA at 50 euros and 5,100
    euros at 1.20, BETA and the euro by the Schur complement of the desk's covariance."""
    snapshot = market_snapshot(desk.lake)
    ground = node_ground(
        desk, "growth", LAST, days=500, counted=None, snapshot=snapshot, everything=True
    )
    order = [ground.names.index(name) for name in (ALFA, BETA, EURO)]
    sigma = np.asarray(ground.covariance.covariance)[np.ix_(order, order)]
    slope = sigma[1:, 0] / sigma[0, 0]
    left = sigma[1:, 1:] - np.outer(slope, sigma[0, 1:])
    rng = np.random.default_rng(11)
    normals = rng.standard_normal((MANY, 2)) @ np.linalg.cholesky(left).T
    if degrees is not None:
        square = move**2 / sigma[0, 0] * degrees / (degrees - 2)
        normals *= math.sqrt((degrees - 2) / degrees * (degrees + square) / (degrees + 1))
        normals *= np.sqrt((degrees + 1) / rng.chisquare(degrees + 1, MANY))[:, None]
    beta, euro = (slope * move + normals).T
    shares = 104_000.0 * math.expm1(move)
    return np.asarray(shares + 1.2 * (5_000.0 * np.expm1(beta + euro) + 5_100.0 * np.expm1(euro)))


@pytest.mark.parametrize("degrees", [None, 4.0])
def test_the_band_is_that_of_draws_by_hand(desk: Desk, degrees: float | None) -> None:
    words = "{}" if degrees is None else "{distribution: t, degrees_of_freedom: 4}"
    found = ran(desk, words.replace("{}", "{distribution: gaussian}"))
    band = found.band("x")
    assert band is not None
    gains = by_hand(desk, math.log(0.9), degrees)
    assert band.at_mean == found.gain("x")
    assert band.draws == 200
    # Of 200 draws the ends are known to within four standard errors of their own.
    for end, share in ((band.low, 0.05), (band.high, 0.95)):
        inner, outer = np.quantile(gains, [share - 0.01, share + 0.01])
        error = math.sqrt(share * (1 - share) / 200) * (outer - inner) / 0.02
        assert end == pytest.approx(np.quantile(gains, share), abs=4 * error)
    assert band.mean == pytest.approx(gains.mean(), abs=4 * gains.std() / math.sqrt(200))
    assert band.low < found.gain("x") < band.high


def test_the_band_of_a_t_grows_with_the_shock_and_a_normal_one_hardly_does(desk: Desk) -> None:
    """A normal one differs by the prices that it falls to, and by other draws."""

    def width(words: str, move: str) -> float:
        band = ran(desk, words, move).band("x")
        assert band is not None
        return band.high - band.low

    normal = [width("{distribution: gaussian}", move) for move in ("-1 %", "-20 %")]
    student = [width("{distribution: t}", move) for move in ("-1 %", "-20 %")]
    assert normal[1] == pytest.approx(normal[0], rel=0.25)
    assert student[1] > 3.0 * student[0]


def test_everything_that_tells_of_a_result_tells_of_its_band(desk: Desk) -> None:
    found = ran(
        desk, "{distribution: t, degrees_of_freedom: 4, when: {factor: spot.BETA.XETR, below: 0.3}}"
    )
    (row,) = found.to_dict()["scenarios"]
    band = found.band("x")
    assert band is not None
    assert (row["low"], row["high"]) == (band.low, band.high)
    line = found.scenarios[0].plausibility
    assert line is not None
    assert (row["distance"], row["probability"]) == (line.distance, line.probability)
    told = found.to_dict()["bands"]["x"]
    assert told["way"] == "full revaluation"
    assert told["plausibility"]["distribution"] == "t (4 degrees)"
    assert "spot.BETA.XETR below its 30% quantile" in found.scenarios[0].notes[-1]
    assert f"{band.low:,.0f}" in found.band_words("x")
    assert "sigma away in 1 direction" in found.band_words("x")
    still = desk.run_scenarios(["equity_down_20"], "growth", LAST)
    assert still.band("equity_down_20") is None
    assert still.band_words("equity_down_20") == ""
    (plain,) = still.to_dict()["scenarios"]
    assert plain["low"] is plain["distance"] is None


def test_haircuts_move_the_band_with_the_gain(desk: Desk) -> None:
    plain = ran(desk, "{window_days: 300}")
    cut = ran(desk, "{window_days: 300}", more="  - liquidity: all\n    haircut: 2 %\n")
    cost = cut.gain("x") - plain.gain("x")
    assert cost < -2_000.0
    one, two = plain.band("x"), cut.band("x")
    assert one is not None
    assert two is not None
    # Other words, other draws: the middle moves by the cost, the width is that of 200 draws.
    assert two.mean - one.mean == pytest.approx(cost, abs=60.0)


def test_a_bench_and_the_library_s_cube_have_the_same_band(desk: Desk) -> None:
    whole = desk.run_scenarios(as_of=LAST)
    names = [name for name in whole.labels if name in whole.drawn]
    assert {"four_sigma_day", "correlation_to_one"} <= set(names)
    before = desk.cubes.list()
    some = desk.run_scenarios(["four_sigma_day"], as_of=LAST)
    assert desk.cubes.list() == before
    bench = desk.stress_bench(LAST).run([desk.scenario("four_sigma_day")])
    for other in (some, bench):
        assert other.drawn["four_sigma_day"].tolist() == whole.drawn["four_sigma_day"].tolist()
        for node in whole.nodes:
            one, two = other.band("four_sigma_day", node), whole.band("four_sigma_day", node)
            assert one is not None
            assert two is not None
            assert one.to_dict() == two.to_dict()
        assert other.scenarios[-1].plausibility == next(
            each.plausibility for each in whole.scenarios if each.scenario_id == "four_sigma_day"
        )
    # No draw is among the scenarios of the book's view of stress: its worst is no limit's business.
    view = desk.risk_book(LAST, scenarios=["historical", "stress"]).view("stress")
    assert not [label for label in view.labels if " draw " in label]


def test_draws_that_were_removed_are_made_again(desk: Desk) -> None:
    first = desk.run_scenarios(["four_sigma_day"], as_of=LAST)
    kept = first.provenance.inputs["cube 1"]
    desk.prune_cubes(keep=0, keep_ids=[kept])
    assert len(desk.cubes.list()) == 1
    again = desk.run_scenarios(["four_sigma_day"], as_of=LAST)
    assert again.drawn["four_sigma_day"].tolist() == first.drawn["four_sigma_day"].tolist()


def test_inferring_changes_nothing_but_cubes_and_sets(desk: Desk) -> None:
    before = contents(desk)
    desk.run_scenarios(["four_sigma_day"], as_of=LAST)
    assert contents(desk) == before


def test_each_sort_of_factor_alone_and_what_they_gain_together(desk: Desk) -> None:
    text = (
        "title: x\nkind: hypothetical\nshocks:\n  - equity: all\n    move: -10 %\n"
        "  - fx: EUR\n    move: +5 %\n  - liquidity: all\n    haircut: 1 %\n"
    )
    scenario = desk.scenario_of_text(text, "x")
    found = desk.explain_scenario(scenario, "growth", LAST)
    # 104,000 dollars of ALFA, 6,000 of BETA, which is in euros as 6,120 of money is.
    assert found.alone["equity prices"] == pytest.approx(-0.1 * 110_000.0, rel=1e-6)
    assert found.alone["currencies"] == pytest.approx(0.05 * 12_120.0, rel=1e-6)
    assert found.together == pytest.approx(-0.1 * 0.05 * 6_000.0, rel=1e-4)
    assert found.haircuts < -0.01 * 110_000.0
    run = desk.run_scenarios([scenario], "growth", LAST)
    assert found.total == pytest.approx(run.gain("x"), rel=1e-12)
    frame = found.to_frame()
    assert frame["gain"].iloc[-1] == pytest.approx(run.gain("x"), rel=1e-12)
    assert frame["factors"].iloc[0] == "equity prices"
    assert found.to_dict()["total"] == found.total
    assert "equity prices" in found._repr_html_()
