"""The market as of one date: curves, surfaces, currencies, carry, fixings and their quality."""
