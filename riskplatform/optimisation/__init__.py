"""Optimisation: from views to approved targets."""
