"""Compiled valuation of options over arrays of contracts and market states.

Each module prices one family. Every public function broadcasts its arguments, and returns values
next to a status per row (:mod:`riskplatform.pricing.options.status`), so that a broken row never
spoils another. Import from the modules; importing one costs the import of Numba.
"""
