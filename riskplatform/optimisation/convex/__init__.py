"""Convex programmes: a standard form, its solvers, and what is shown of an answer.

``program`` and ``draft`` are the form; ``interior``, ``highs`` and ``cones`` solve it; ``certify``
checks any answer without asking who found it; ``conflict`` says why there is none.
"""
