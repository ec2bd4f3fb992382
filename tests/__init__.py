"""Only here so that `tests` is ours: riskfolio's dependencies install a package of this name.

The folders below have no __init__.py; pytest imports by path.
"""
