"""Standard normals and uniforms for a block of scenarios, by one of four schemes.

``pseudo``: independent; ``antithetic``: each scenario is followed by its mirror image;
``moment_matched``: each block has exactly the mean and, where it has rows enough, the covariance
of standard normals; ``sobol``: a scrambled Sobol sequence, paths by a Brownian bridge.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

import numpy as np
from scipy.special import ndtri

from riskplatform.errors import UserInputError
from riskplatform.market.content import FloatArray
from riskplatform.simulation.bridge import bridge_matrix
from riskplatform.simulation.matching import matched
from riskplatform.simulation.products import product
from riskplatform.simulation.sobol import MOST_DIMENSIONS, sobol_block
from riskplatform.simulation.streams import block_stream


class Scheme(StrEnum):
    """How the random numbers are drawn."""

    PSEUDO = "pseudo"
    ANTITHETIC = "antithetic"
    MOMENT_MATCHED = "moment_matched"
    SOBOL = "sobol"


class Draws(NamedTuple):
    """``normals`` [scenario, day, width] and ``uniforms`` [scenario, day, width], inside (0, 1)."""

    normals: FloatArray
    uniforms: FloatArray


@dataclass(frozen=True, slots=True)
class DrawPlan:
    """How many numbers a scenario needs on each of its days, and where they come from."""

    scheme: Scheme
    seed: int
    block_size: int
    normals: int
    uniforms: int = 0
    days: int = 1

    def __post_init__(self) -> None:
        wanted = self.days * (self.normals + self.uniforms)
        if self.scheme is Scheme.SOBOL and wanted > MOST_DIMENSIONS:
            raise UserInputError(
                f"A Sobol sequence has {MOST_DIMENSIONS:,} dimensions; {self.days} days of "
                f"{self.normals + self.uniforms} numbers need {wanted:,}.",
                hint="Take the scheme 'moment_matched', fewer days or fewer factors.",
            )

    def block(self, number: int, rows: int) -> Draws:
        """The first ``rows`` scenarios of a block.

        The whole block is drawn and then cut, so that a longer set starts with the same scenarios
        (a matched block is the exception: it is matched as it is cut).
        """
        if self.scheme is Scheme.SOBOL:
            draws = self._sobol(number)
        elif self.scheme is Scheme.ANTITHETIC:
            draws = self._mirrored(number)
        else:
            draws = self._pseudo(number, self.block_size)
        normals, uniforms = draws.normals[:rows], draws.uniforms[:rows]
        if self.scheme is Scheme.MOMENT_MATCHED:
            flat = np.ascontiguousarray(normals).reshape(rows, -1)
            normals = matched(flat).reshape(normals.shape)
        return Draws(normals, uniforms)

    def _pseudo(self, number: int, rows: int) -> Draws:
        shape = (rows, self.days)
        normals = block_stream(self.seed, "normals", number).standard_normal((*shape, self.normals))
        if not self.uniforms:
            return Draws(normals, np.empty((*shape, 0)))
        random = block_stream(self.seed, "uniforms", number).random((*shape, self.uniforms))
        return Draws(normals, np.maximum(random, 2.0**-54))  # never 0, always below 1

    def _mirrored(self, number: int) -> Draws:
        half = self._pseudo(number, -(-self.block_size // 2))
        normals = np.repeat(half.normals, 2, axis=0)
        np.negative(normals[1::2], out=normals[1::2])
        return Draws(normals, np.repeat(half.uniforms, 2, axis=0))

    def _sobol(self, number: int) -> Draws:
        width = self.uniforms + self.normals
        points = sobol_block(self.days * width, self.seed, number, self.block_size)
        steps = points.reshape(self.block_size, self.days, width)
        uniforms = np.ascontiguousarray(steps[:, :, : self.uniforms])
        normals = ndtri(steps[:, :, self.uniforms :])
        if self.days > 1:
            normals = _bridged(normals)
        return Draws(normals, uniforms)


def _bridged(normals: FloatArray) -> FloatArray:
    """Numbers in the order of the bridge turned into numbers in the order of days."""
    rows, days, width = normals.shape
    by_step = np.ascontiguousarray(normals.transpose(1, 0, 2)).reshape(days, rows * width)
    by_day = product(bridge_matrix(days), by_step).reshape(days, rows, width)
    return np.ascontiguousarray(by_day.transpose(1, 0, 2))
