"""Rates and credit: what bonds, swaps, caps, swaptions and CDS pay, and the numbers a desk quotes.

:mod:`.describe` makes flows of instruments; :mod:`.par_quotes`, :mod:`.measures` and :mod:`.yields`
read the same flows. The engine that values them is :mod:`riskplatform.pricing.units`.
"""
