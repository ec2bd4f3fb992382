"""Which scheduler it is: two of them never have the same name."""

from __future__ import annotations

import os
import secrets
import socket


def identity_of_this_process() -> str:
    """Machine, process and a token, because process numbers come again."""
    return f"{socket.gethostname()}/{os.getpid()}/{secrets.token_hex(3)}"
