"""The matrix E: sensitivities of one unit of each instrument, and of a book.

:mod:`.measures` names them, :mod:`.units` computes them for units, :mod:`.book` multiplies with
holdings.
"""
