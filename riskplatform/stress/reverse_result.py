"""The answers of a reverse stress: moves, what they lose, how likely they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from riskplatform.domain.outcome import Failure
from riskplatform.errors import UserInputError
from riskplatform.market.content import FloatArray
from riskplatform.stress.plausibility import Plausibility


@dataclass(frozen=True, eq=False)
class ReverseAnswer:
    """One scenario, by factor: ``moves``, the same in standard deviations (``sigmas``), and what
    each contributes to the ``loss``, which is by full revaluation and positive.

    ``kind`` is ``nearest`` where no scenario near it is more likely, or ``apart from the others``
    where it is the most likely one outside of balls around those.
    """

    moves: FloatArray = field(repr=False)
    sigmas: FloatArray = field(repr=False)
    loss: float
    contributions: FloatArray = field(repr=False)
    plausibility: Plausibility
    kind: str

    @property
    def distance(self) -> float:
        """In standard deviations."""
        return self.plausibility.distance

    @property
    def unexplained(self) -> float:
        """What the contributions leave over of the loss."""
        return self.loss - float(self.contributions.sum())

    def to_frame(self, names: Sequence[str]) -> pd.DataFrame:
        """One row per factor, those that lose most first, those that gain last."""
        order = np.argsort(-self.contributions, kind="stable")
        return pd.DataFrame(
            {
                "factor_id": [names[i] for i in order],
                "move": self.moves[order],
                "sigmas": self.sigmas[order],
                "loss": self.contributions[order],
            }
        )


@dataclass(frozen=True, eq=False)
class ReverseResult:
    """The most likely scenarios with a loss, the likeliest first; ``failures`` say why there is
    none. ``states`` and ``gradients`` are how often the book was revalued."""

    loss: float
    names: tuple[str, ...]
    answers: tuple[ReverseAnswer, ...]
    failures: tuple[Failure, ...]
    states: int
    gradients: int

    @property
    def best(self) -> ReverseAnswer:
        """The most likely one."""
        if not self.answers:
            raise UserInputError(self.failures[0].message)
        return self.answers[0]

    def moves(self) -> FloatArray:
        """[answer, factor]."""
        return np.array([each.moves for each in self.answers]).reshape(-1, len(self.names))

    def to_frame(self) -> pd.DataFrame:
        """One row per answer."""
        return pd.DataFrame(
            [
                {
                    "answer": number,
                    "loss": each.loss,
                    "distance": each.distance,
                    "probability": each.plausibility.beyond,
                    "years": each.plausibility.years,
                    "words": each.plausibility.words,
                    "kind": each.kind,
                    "unexplained": each.unexplained,
                }
                for number, each in enumerate(self.answers, start=1)
            ]
        )

    def factors(self, answer: int = 1) -> pd.DataFrame:
        """The factors of one answer, counted from 1."""
        if not 1 <= answer <= len(self.answers):
            raise UserInputError(f"There is no answer {answer}; there are {len(self.answers)}.")
        return self.answers[answer - 1].to_frame(self.names)

    def to_dict(self) -> dict[str, Any]:
        return {
            "loss": self.loss,
            "answers": [
                {
                    "loss": each.loss,
                    "plausibility": each.plausibility.to_dict(),
                    "kind": each.kind,
                    "unexplained": each.unexplained,
                    "factors": each.to_frame(self.names).to_dict("records"),
                }
                for each in self.answers
            ],
            "failures": [each.to_dict() for each in self.failures],
            "states": self.states,
            "gradients": self.gradients,
        }

    def _repr_html_(self) -> str:
        table = self.to_frame().to_html(index=False, float_format="{:,.4g}".format)
        return f"<p>Loss of <b>{self.loss:,.0f}</b></p>{table}"
