"""Methods by name: every one fits, choices are checked, constraints reach those without any."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from riskplatform.errors import TermsError, UnknownNameError
from riskplatform.optimisation.constraints.weights import Box
from riskplatform.optimisation.inputs import Inputs, inputs_from_returns
from riskplatform.optimisation.portfolio import Portfolio
from riskplatform.optimisation.recipes import (
    NEED_EXPECTED,
    RECIPES,
    allocator_of,
    choices_of,
    takes_constraints,
)
from riskplatform.optimisation.rules import rule_from, shown_choices

NEEDED: dict[str, dict[str, Any]] = {
    "mean-variance": {"aversion": 3.0},
    "robust-mean-variance": {"aversion": 3.0},
    "robust-shortfall": {"distance": 0.001},
    "active-mean-variance": {"aversion": 3.0},
    "towards-aim": {"aversion": 3.0, "impact": 5.0},
    "receding-horizon": {"aversion": 3.0, "horizon": 3, "impact": 5, "spread": 0.001},
}


def inputs() -> Inputs:
    rng = np.random.default_rng(3)
    returns = rng.standard_t(5, (300, 6)) * np.linspace(0.005, 0.02, 6)
    names = [f"A{i}" for i in range(6)]
    equal = dict.fromkeys(names, 1 / 6)
    return inputs_from_returns(
        returns,
        names,
        current=equal,
        benchmark=equal,
        expected={name: 0.0002 + 0.0001 * i for i, name in enumerate(names)},
    )


@pytest.mark.parametrize("recipe", sorted(RECIPES))
@pytest.mark.parametrize("is_capped", [False, True])
def test_every_method_fits_with_and_without_a_cap(recipe: str, is_capped: bool) -> None:
    cap = (Box(high=0.25),) if is_capped else ()
    found = allocator_of(recipe, NEEDED.get(recipe), cap).fit(inputs())
    assert isinstance(found, Portfolio), found.to_dict()
    assert np.isfinite(found.weights).all()
    if is_capped:
        assert found.weights.max() <= 0.25 + 1e-7
        assert found.weights.sum() == pytest.approx(1.0, abs=1e-7)
        if not takes_constraints(recipe):
            assert any("knows no constraints" in note for note in found.notes)


def test_a_cap_that_holds_nothing_back_leaves_a_method_as_it_is() -> None:
    plain, capped = (
        allocator_of("hrp", None, caps).fit(inputs()) for caps in ((), (Box(high=1.0),))
    )
    assert isinstance(plain, Portfolio)
    assert isinstance(capped, Portfolio)
    assert capped.weights == pytest.approx(plain.weights, abs=1e-6)


@pytest.mark.parametrize(
    ("recipe", "choices", "error", "said"),
    [
        ("hpr", {}, UnknownNameError, "hrp"),
        ("hrp", {"linkge": "ward"}, UnknownNameError, "linkage"),
        ("hrp", {"linkage": 3}, TermsError, "no str"),
        ("hrp", {"is_optimal_order": 1}, TermsError, "no bool"),
        ("mean-variance", {"aversion": "much"}, TermsError, "no number"),
        ("robust-shortfall", {}, TermsError, "distance"),
        ("towards-aim", {"aversion": 3.0}, TermsError, "impact"),
        ("receding-horizon", {"aversion": 3.0, "signals": 1}, UnknownNameError, "horizon"),
    ],
)
def test_what_cannot_be_chosen_is_refused(
    recipe: str, choices: dict[str, Any], error: type[Exception], said: str
) -> None:
    with pytest.raises(error) as caught:
        allocator_of(recipe, choices)
    assert said in f"{caught.value} {getattr(caught.value, 'hint', '')}"


def test_a_rule_reads_its_views_per_year_and_refuses_what_it_does_not_know() -> None:
    terms = {
        "choices": {"aversion": 2.5},
        "expected": {"views": [{"of": {"A0": 1, "A1": -1}, "annual": 0.0252, "confidence": 0.5}]},
    }
    rule = rule_from("bl", "mean-variance", terms)
    assert rule.expected is not None
    found = rule.expected.fit(inputs())
    (view,) = rule.expected.views  # type: ignore[attr-defined]
    assert view.value == pytest.approx(0.0001)
    assert found.expected[0] > found.expected[1]
    assert shown_choices(rule)["aversion"] == "2.5"
    for bad, said in (
        ({"expected": {"from": "equilibrum"}}, "equilibrium"),
        ({"expected": {"views": [{"of": {"A0": 1}}]}}, "annual"),
        ({"expected": {"views": [{"of": {"A0": 1}, "anual": 0.1}]}}, "annual"),
        ({"constraint": []}, "constraints"),
        ({"invest_cash": 2}, "from 0 to 1"),
        ({"kinds": "equity"}, "Write a list"),
        ({"costs": {"half_spread": 3}}, "half_spread_bp"),
        ({"cost_periods": 20, "choices": {"target_return": 0.001}}, "aversion"),
    ):
        with pytest.raises((TermsError, UnknownNameError)) as caught:
            rule_from("bl", "mean-variance", {**terms, **bad})
        assert said in f"{caught.value} {caught.value.hint}"


@pytest.mark.parametrize("recipe", sorted(NEED_EXPECTED))
def test_a_method_of_returns_asks_for_returns(recipe: str) -> None:
    with pytest.raises(TermsError, match="needs expected returns"):
        rule_from("r", recipe, {"choices": NEEDED.get(recipe, {})})


def test_what_can_be_chosen_is_written_out() -> None:
    assert choices_of("hrp")["linkage"] == "single"
    assert "constraints" not in choices_of("minimum-variance")
