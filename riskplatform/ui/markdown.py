"""Text of people and files where Streamlit reads Markdown: its signs stay signs."""

from __future__ import annotations

import re

_SIGNS = re.compile(r"([\\`*_{}\[\]()#+.!|<>~$:-])")


def literal(text: str) -> str:
    """``text`` as Markdown that shows exactly ``text``: no link, image, colour or formula."""
    return _SIGNS.sub(r"\\\1", " ".join(text.split()))
