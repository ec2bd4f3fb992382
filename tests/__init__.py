"""Only here so that `tests` is ours: eventkit, which ib_insync needs, installs one of its own.

The folders below have no __init__.py; pytest imports by path.
"""
