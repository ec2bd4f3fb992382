"""Spots, futures and options on them as flows: what one unit of each reads of a market state."""
