"""A rule of allocation as it is registered: method, choices, views, constraints, costs.

What it says is content; what it is applied to (a portfolio on a day) is given when it is used.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from typing import Any

from riskplatform.errors import TermsError, UserInputError, nearest
from riskplatform.optimisation.black_litterman import TAU, View
from riskplatform.optimisation.constraints.from_data import ConstraintTermError, check_terms
from riskplatform.optimisation.expected_returns import (
    BayesStein,
    Equilibrium,
    Ewma,
    ExpectedReturnEstimator,
    JamesStein,
    SampleMean,
    Viewed,
)
from riskplatform.optimisation.recipes import NEED_EXPECTED, allocator_of, choices_of
from riskplatform.optimisation.trading_costs import SQUARE_ROOT, CostModel, cost_model_from_data

DAYS_OF_YEAR = 252
FUNDED = ("equity", "etf", "reit", "coin", "fixed_bond", "floating_bond", "zero_bond")
"""Kinds that are paid in full when bought, so that a weight means what it says."""

_PRIORS: Mapping[str, type[Any]] = {
    "equilibrium": Equilibrium,
    "sample-mean": SampleMean,
    "ewma": Ewma,
    "james-stein": JamesStein,
    "bayes-stein": BayesStein,
}
_VIEW = ("of", "annual", "confidence", "name")


class RuleError(TermsError):
    """A rule that cannot be; ``path`` leads to what is wrong in its terms."""

    def __init__(self, message: str, path: tuple[str | int, ...], hint: str | None) -> None:
        super().__init__(message, hint=hint)
        self.path = path


@contextmanager
def _at(key: str) -> Iterator[None]:
    """Says under which key of the terms something was refused."""
    try:
        yield
    except ConstraintTermError as error:
        path = (key, error.place) if error.key is None else (key, error.place, error.key)
        raise RuleError(error.message, path, error.hint) from None
    except UserInputError as error:
        raise RuleError(error.message, (key,), error.hint) from None


@dataclass(frozen=True, kw_only=True)
class AllocationRule:
    """``scenarios`` are the set that returns come from; ``kinds`` what is allocated to, everything
    else in the portfolio staying as it is.

    ``expected`` is None of a method without returns. ``benchmark`` is a portfolio whose weights are
    those of the market. ``invest_cash`` is the share of the portfolio's cash that may be spent.
    ``resamples`` redraw the history so often to show how sure the weights are. With
    ``cost_periods`` mean-variance pays for its trades, a cost being spread over so many periods.
    """

    rule_id: str
    recipe: str
    status: str = "approved"
    choices: Mapping[str, Any] = field(default_factory=dict)
    scenarios: str = "historical"
    expected: ExpectedReturnEstimator | None = None
    benchmark: str | None = None
    kinds: tuple[str, ...] = FUNDED
    restricted: tuple[str, ...] = ()
    constraints: tuple[Mapping[str, Any], ...] = ()
    costs: CostModel = SQUARE_ROOT
    invest_cash: float = 0.0
    least_trade: float = 0.0
    resamples: int = 0
    cost_periods: float = 0.0
    policy: str = "manual-approval"


KEYS = tuple(
    each.name for each in fields(AllocationRule) if each.name not in ("rule_id", "recipe", "status")
)


def rule_from(
    rule_id: str, recipe: str, terms: Mapping[str, Any], status: str = "approved"
) -> AllocationRule:
    """A rule as its file has it; what is wrong is named with the nearest right word."""
    for key in terms:
        if key not in KEYS:
            raise RuleError(f"{rule_id}: unknown key {key!r}.", (key,), _hint(str(key), KEYS))
    choices_of(recipe)  # refuses a method that is not there
    with _at("choices"):
        choices = _mapping(rule_id, "choices", terms.get("choices", {}))
        allocator_of(recipe, choices)  # refuses what cannot be chosen
    given: dict[str, Any] = {"choices": choices}
    for key in KEYS:
        if key in terms and key != "choices":
            with _at(key):
                given[key] = _read(rule_id, key, terms[key])
    if recipe in NEED_EXPECTED and "expected" not in terms:
        raise TermsError(
            f"{rule_id}: {recipe} needs expected returns.",
            hint=f"Add 'expected: {{from: ...}}' with one of {', '.join(_PRIORS)}.",
        )
    if given.get("cost_periods") and (recipe != "mean-variance" or "aversion" not in choices):
        raise TermsError(
            f"{rule_id}: {recipe} cannot pay for its trades.",
            hint="cost_periods goes with mean-variance and its choice aversion.",
        )
    return AllocationRule(rule_id=rule_id, recipe=recipe, status=status, **given)


def _read(rule_id: str, key: str, value: Any) -> Any:
    """What a key other than choices says."""
    if key == "expected":
        return _expected(rule_id, _mapping(rule_id, key, value))
    if key == "constraints":
        written = tuple(_mapping(rule_id, key, each) for each in value or ())
        check_terms(written)
        return written
    if key == "costs":
        return cost_model_from_data({"model_id": rule_id, **_mapping(rule_id, key, value)})
    if key in ("kinds", "restricted"):
        return _texts(rule_id, key, value)
    if key in ("scenarios", "benchmark", "policy"):
        return _text(rule_id, key, value)
    number = _number(rule_id, key, value, at_most=1.0 if key == "invest_cash" else None)
    return int(number) if key == "resamples" else number


def _expected(rule_id: str, terms: Mapping[str, Any]) -> ExpectedReturnEstimator:
    """A prior by its name, its numbers, and views over it, which are per year in a file."""
    given = dict(terms)
    name = str(given.pop("from", "equilibrium"))
    if name not in _PRIORS:
        message = f"{rule_id}: from is {name!r}, which is no estimator."
        raise TermsError(message, hint=_hint(name, tuple(_PRIORS)))
    views = given.pop("views", ())
    tau = _number(rule_id, "tau", given.pop("tau", TAU))
    kind = _PRIORS[name]
    known = [each.name for each in fields(kind) if each.name not in ("weights", "tau")]
    for key in given:
        if key not in known:
            accepted = (*known, "from", "views", "tau")
            raise TermsError(f"{rule_id}: {name} has no {key!r}.", hint=_hint(key, accepted))
    if name == "equilibrium" and not given:
        given["aversion"] = 2.5
    prior: ExpectedReturnEstimator = kind(**given)
    if not views:
        return prior
    if not isinstance(views, Sequence):
        raise TermsError(f"{rule_id}: views are {views!r}.", hint="Write a list.")
    return Viewed(tuple(_view(rule_id, each) for each in views), prior, tau=tau)


def _view(rule_id: str, terms: Any) -> View:
    terms = _mapping(rule_id, "a view", terms)
    for key in terms:
        if key not in _VIEW:
            raise TermsError(f"{rule_id}: a view has no {key!r}.", hint=_hint(str(key), _VIEW))
    weights = {
        str(asset): float(weight)
        for asset, weight in _mapping(rule_id, "of", terms.get("of", {})).items()
    }
    if "annual" not in terms:
        raise TermsError(f"{rule_id}: a view does not say how much.", hint="Add 'annual: 0.03'.")
    value = terms["annual"]
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TermsError(f"{rule_id}: a view of {value!r} a year is no number.")
    confidence = terms.get("confidence")
    return View(
        weights,
        float(value) / DAYS_OF_YEAR,
        confidence=None if confidence is None else _number(rule_id, "confidence", confidence),
        name=str(terms.get("name", "")),
    )


def shown_choices(rule: AllocationRule) -> dict[str, str]:
    """Every choice that changes the weights, those left at their default too."""
    found = {name: rule.choices.get(name, default)
             for name, default in choices_of(rule.recipe).items()}  # fmt: skip
    return {name: str(value) for name, value in found.items() if value is not None}


def _mapping(rule_id: str, key: str, value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise TermsError(f"{rule_id}: {key} is {value!r}.", hint="Write keys and values.")
    return value


def _text(rule_id: str, key: str, value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise TermsError(f"{rule_id}: {key} is {value!r}.", hint="Write a name.")
    return value


def _texts(rule_id: str, key: str, value: Any) -> tuple[str, ...]:
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise TermsError(f"{rule_id}: {key} is {value!r}.", hint="Write a list: [A, B].")
    return tuple(str(each) for each in value)


def _number(rule_id: str, key: str, value: Any, at_most: float | None = None) -> float:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or value < 0 or (at_most is not None and value > at_most):
        span = "from 0 on" if at_most is None else f"from 0 to {at_most:g}"
        raise TermsError(f"{rule_id}: {key} is {value!r}.", hint=f"Give a number {span}.")
    return float(value)


def _hint(word: str, known: Sequence[str]) -> str:
    near = nearest(word, known, limit=1)
    return f"Did you mean {near[0]}?" if near else f"Accepted: {', '.join(known)}."
