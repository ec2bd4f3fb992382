"""Rates and credit: instruments as cash-flow matrices against scenario curves."""
