"""What a cube is known by and how its rows begin, for those that read it and never build one."""

WHAT = "unit profit and loss"
VERSION = 3
"""Grows when the same inputs would give other numbers."""
VALUE, TIME = "@value", "@time"
"""The two columns before the scenarios: a unit's value today, and what waiting alone does to it."""
LEADING = 2
