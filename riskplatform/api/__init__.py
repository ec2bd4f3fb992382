"""The desk over HTTP: the same questions, the same numbers, as JSON. See :mod:`.app`."""
