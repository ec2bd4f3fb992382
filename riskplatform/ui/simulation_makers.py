"""The makers of scenarios in plain words, with the few choices of each that matter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

DAYS, SCENARIOS, HORIZON, SEED, NU, DECAY = (
    "days", "scenarios", "horizon_days", "seed", "nu", "decay",
)  # fmt: skip
OF_DESK = (DAYS, SEED)
"""Choices that are the desk's and not the recipe's."""

Number = int | float | None


@dataclass(frozen=True, slots=True)
class Choice:
    """One number to choose: what it is, its unit and bounds. A step of float makes it a float."""

    title: str
    least: int | float
    most: int | float
    step: int | float
    help: str


CHOICES: Mapping[str, Choice] = {
    DAYS: Choice("History, days", 2, 5000, 50,
                 "So many daily moves before the day are used: 250 are about a year"),
    SCENARIOS: Choice("Scenarios", 1, 20_000, 1000,
                      "How many are drawn; more than 20,000 by `riskplatform cube build`"),
    HORIZON: Choice("Horizon, days", 1, 250, 1, "Trading days that each scenario spans"),
    SEED: Choice("Seed", 0, 2**31 - 1, 1, "The same seed draws the same scenarios"),
    NU: Choice("Tails, nu", 2.1, 200.0, 0.5,
               "Degrees of freedom: 3 has very fat tails, 30 hardly any"),
    DECAY: Choice("Decay a day", 0.8, 1.0, 0.005,
                  "Each older move counts this much of the next: at 0.98 half of the weight is on "
                  "the newest 34 days"),
}  # fmt: skip


_WORDS = {
    DAYS: "{:,} days of history", SCENARIOS: "{:,} scenarios", HORIZON: "horizon in days {:,}",
    SEED: "seed {}", NU: "nu {:g}", DECAY: "decay {:g}",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Maker:
    """``defaults`` names the choices in the order in which they are shown."""

    title: str
    words: str
    defaults: Mapping[str, Number]


_SEED = 20260630
MAKERS: Mapping[str, Maker] = {
    "historical": Maker(
        "Historical",
        "Every move of the history once, as it happened, all counting the same.",
        {DAYS: 500, HORIZON: 1},
    ),
    "age_weighted": Maker(
        "Historical, age-weighted",
        "Every move of the history once; the newest counts most, older ones less and less.",
        {DAYS: 500, HORIZON: 1, DECAY: 0.98},
    ),
    "volatility_scaled": Maker(
        "Historical, volatility-scaled",
        "Every move of the history once, made larger or smaller as markets are more or less "
        "volatile now than they were then.",
        {DAYS: 500, HORIZON: 1},
    ),
    "filtered_historical": Maker(
        "Filtered historical",
        "Paths over the horizon: each day draws the surprise of a past day, sized by a volatility "
        "that starts at today's and follows the path.",
        {DAYS: 500, SCENARIOS: 10_000, HORIZON: 10, SEED: _SEED},
    ),
    "factor_model": Maker(
        "Factor model",
        "Draws of a few common factors found in the history, and of each name's own moves. "
        "Without nu moves are normal; with nu their tails are fat.",
        {DAYS: 500, SCENARIOS: 10_000, HORIZON: 1, SEED: _SEED, NU: None},
    ),
    "gaussian": Maker(
        "Monte Carlo, normal",
        "Normal draws with the covariance of the history, shrunk by Ledoit and Wolf. Tails are "
        "thinner than those of markets.",
        {DAYS: 500, SCENARIOS: 10_000, HORIZON: 1, SEED: _SEED},
    ),
    "student_t": Maker(
        "Monte Carlo, Student-t",
        "Draws with the covariance of the history, shrunk by Ledoit and Wolf, and fat tails that "
        "strike together.",
        {DAYS: 500, SCENARIOS: 10_000, HORIZON: 1, SEED: _SEED, NU: 5.0},
    ),
}


def title_of(maker: str | None) -> str:
    """What a maker is called; one that is not offered here goes by its own name."""
    known = MAKERS.get(maker or "")
    return known.title if known else (maker or "unknown").replace("_", " ").capitalize()


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: which desk, which day, which scenarios. Equal requests share one build."""

    folder: str
    as_of: date
    maker: str
    choices: tuple[tuple[str, Number], ...]

    def recipe(self) -> dict[str, Any]:
        """The maker and its own choices, as the desk takes them."""
        own = {name: value for name, value in self.choices if name not in OF_DESK}
        return {"maker": self.maker, **own}

    def history(self) -> dict[str, int]:
        """The days of history and the seed, where the maker has them."""
        return {name: int(value) for name, value in self.choices
                if name in OF_DESK and value is not None}  # fmt: skip

    def words(self) -> str:
        """The request in one line."""
        parts = [title_of(self.maker), f"as of {self.as_of}"]
        parts += [_WORDS[name].format(value) for name, value in self.choices if value is not None]
        return ", ".join(parts)
