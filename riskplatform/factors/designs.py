"""From returns and the factors of each name to designs that can be solved together.

Each name is regressed on its own factors and on the days on which it and all of them have a
return. A factor that cannot be estimated for a name is dropped and named, with the reason.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskplatform.domain.outcome import Failure, FailureReason
from riskplatform.factors.huber import Designs
from riskplatform.market.content import FloatArray

# Days beyond which a regression needs more: so many for each number that is estimated.
_DAYS_PER_COEFFICIENT = 5
# A regressor whose variance beside the earlier ones is less than this share is theirs.
_LEAST_OWN_SHARE = 1e-9
# A daily move beyond this is a wrong number whatever its unit; it would drown others' digits.
_LARGEST = 1e6


@dataclass(frozen=True)
class Panel:
    """Names that can be regressed, their designs, and what each column of a design is.

    ``columns`` [name, regressor] is a place in ``factor_ids``, or -1 for the constant and for
    padding; coefficients are divided by ``units`` [name, regressor] to be per unit of return.
    """

    names: tuple[str, ...]
    factor_ids: tuple[str, ...]
    columns: NDArray[np.int64]
    units: FloatArray
    designs: Designs
    dropped: pd.DataFrame
    failures: tuple[Failure, ...]


def build_panel(
    returns: pd.DataFrame,
    factor_returns: pd.DataFrame,
    factors_of: Mapping[str, Sequence[str]],
    *,
    least_days: int,
) -> Panel:
    """Designs of every column of ``returns`` on the factors that ``factors_of`` names for it."""
    aligned = factor_returns.reindex(returns.index)
    factor_ids = tuple(str(name) for name in aligned.columns)
    factors = _possible_or_nan(aligned)
    short = np.isfinite(factors).sum(axis=0) < least_days
    place = {name: number for number, name in enumerate(factor_ids)}
    names = tuple(str(name) for name in returns.columns)
    dropped: list[tuple[str, str, str]] = []
    chosen: list[list[int]] = []
    for name in names:
        known = []
        for factor_id in dict.fromkeys(factors_of.get(name, ())):
            number = place.get(factor_id)
            if number is None:
                dropped.append((name, factor_id, "no returns"))
            elif short[number]:
                dropped.append((name, factor_id, f"fewer than {least_days} days"))
            else:
                known.append(number)
        chosen.append(known)
    columns = _padded(chosen)
    designs, units = _designs(_possible_or_nan(returns), factors, columns)
    designs, reasons = _without_collinear(designs, columns)
    dropped += [(names[row], factor_ids[columns[row, j]], why) for row, j, why in reasons]
    failures = _failures(names, designs, chosen, least_days)
    failed = {failure.subject for failure in failures}
    good = np.array([name not in failed for name in names], dtype=bool)
    return Panel(
        names=tuple(name for name in names if name not in failed),
        factor_ids=factor_ids,
        columns=columns[good],
        units=units[good],
        designs=Designs(*(values[good] for values in vars(designs).values())),
        dropped=pd.DataFrame(
            [row for row in dropped if row[0] not in failed],
            columns=["instrument_id", "factor_id", "reason"],
        ),
        failures=failures,
    )


def _possible_or_nan(frame: pd.DataFrame) -> FloatArray:
    values = frame.to_numpy(dtype=np.float64, copy=True)
    values[~(np.abs(values) <= _LARGEST)] = np.nan
    return values


def _padded(chosen: list[list[int]]) -> NDArray[np.int64]:
    """[name, regressor] places of factors behind the constant, -1 where there is none."""
    width = 1 + max((len(known) for known in chosen), default=0)
    columns = np.full((len(chosen), width), -1, dtype=np.int64)
    for row, known in enumerate(chosen):
        columns[row, 1 : 1 + len(known)] = known
    return columns


def _designs(
    returns: FloatArray, factors: FloatArray, columns: NDArray[np.int64]
) -> tuple[Designs, FloatArray]:
    """Designs in units of each factor's root mean square, which keeps the equations well scaled."""
    with np.errstate(invalid="ignore"):
        size = np.sqrt(np.nansum(factors**2, axis=0) / np.isfinite(factors).sum(axis=0))
    size = np.where(np.isfinite(size) & (size > 0), size, 1.0)
    # One more column, which padding and the constant point at (-1 is the last).
    wide = np.column_stack([factors / size, np.ones(len(factors))])
    x = wide.T[columns].transpose(0, 2, 1)
    used = np.isfinite(returns.T) & np.isfinite(x).all(axis=2)
    kept = columns >= 0
    kept[:, 0] = True
    x = np.where(used[:, :, np.newaxis] & kept[:, np.newaxis, :], x, 0.0)
    y = np.where(used, returns.T, 0.0)
    return Designs(x, y, used, kept), np.append(size, 1.0)[columns]


def _without_collinear(
    designs: Designs, columns: NDArray[np.int64]
) -> tuple[Designs, list[tuple[int, int, str]]]:
    """Drop columns that earlier ones explain, by a Cholesky factorisation that passes over them."""
    gram = np.matmul(designs.x.transpose(0, 2, 1), designs.x)
    width = gram.shape[1]
    lower = np.zeros_like(gram)
    kept = designs.kept.copy()
    reasons = []
    for j in range(width):
        size = gram[:, j, j]
        own = size - np.sum(lower[:, j, :j] ** 2, axis=1)
        after_constant = size - lower[:, j, 0] ** 2 if j else size
        is_own = kept[:, j] & (own > _LEAST_OWN_SHARE * size)
        for row in np.flatnonzero(kept[:, j] & ~is_own & (columns[:, j] >= 0)):
            constant = after_constant[row] <= _LEAST_OWN_SHARE * size[row]
            reasons.append((int(row), j, "constant" if constant else "collinear"))
        kept[:, j] = is_own
        root = np.sqrt(np.where(is_own, own, 1.0))
        rest = gram[:, j:, j] - np.einsum("nik,nk->ni", lower[:, j:, :j], lower[:, j, :j])
        lower[:, j:, j] = np.where(is_own[:, np.newaxis], rest / root[:, np.newaxis], 0.0)
    x = designs.x * kept[:, np.newaxis, :]
    return Designs(x, designs.y, designs.used, kept), reasons


def _failures(
    names: tuple[str, ...], designs: Designs, chosen: list[list[int]], least_days: int
) -> tuple[Failure, ...]:
    found = []
    days = designs.used.sum(axis=1)
    still = np.sum(designs.used & (designs.y == 0.0), axis=1)
    for row, name in enumerate(names):
        needed = max(least_days, _DAYS_PER_COEFFICIENT * (1 + len(chosen[row])))
        missing, invalid = FailureReason.MISSING_DATA, FailureReason.INVALID_DATA
        if not chosen[row]:
            message = f"{name} has no factor with returns to be regressed on"
            found.append(Failure(missing, message, name))
        elif days[row] < needed:
            message = f"{name} has {days[row]} days with all returns; {needed} are needed"
            found.append(Failure(missing, message, name))
        elif 2 * still[row] > days[row]:
            message = f"the price of {name} did not move on {still[row]} of {days[row]} days"
            found.append(Failure(invalid, message, name))
    return tuple(found)
