"""What values are for: it decides how finely a model computes them, and what may be shared."""

from __future__ import annotations

from enum import Enum


class Purpose(Enum):
    """Models that know one way only take no notice."""

    VALUE = "value"
    """Numbers to be looked at: exact where states are few, within a tolerance where many."""
    DERIVATIVES = "derivatives"
    """Values whose differences are divided by small steps: more digits."""
    SCENARIOS = "scenarios"
    """Part of a set that may be cut, ordered or added to in any way: the value in a state depends
    on that state, the terms and the market as it is, and on no other state."""
