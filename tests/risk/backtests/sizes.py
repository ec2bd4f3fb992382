"""How often a test rejects, over many samples from a world whose truth is known."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from riskplatform.risk.backtests import Verdict

Sample = Callable[[np.random.Generator], np.ndarray]
Test = Callable[[np.ndarray], Verdict]


def rejections(test: Test, sample: Sample, runs: int, *, seed: int, by_lot: bool) -> float:
    """The share of ``runs`` in which ``test`` rejects at 5%.

    ``by_lot``: ties are broken at random, as a count of exceptions needs to have a size of 5%; a
    sample that says nothing is then a tie of everything. Otherwise as the verdict has it.
    """
    rng = np.random.default_rng(seed)
    rejected = 0
    for _ in range(runs):
        found, uniform = test(sample(rng)), rng.random()
        if by_lot:
            p_value = found.p_values[0].randomised(uniform) if found.p_values else uniform
            rejected += p_value <= 0.05
        else:
            rejected += found.is_rejected
    return rejected / runs
