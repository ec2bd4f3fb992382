"""Closed forms and small lattices in plain NumPy, vectorised over contracts and market states.

Pure functions of arrays, without instruments, calendars or snapshots. Import from the modules.
"""
