"""Starts the application, on this machine only unless a token guards it."""

from __future__ import annotations

from typing import Any

from riskplatform.desk import Desk
from riskplatform.errors import EnvironmentSetupError, SettingsError

HOME = ("127.0.0.1", "::1", "localhost")


def checked(host: str, token: str) -> None:
    """Whoever can reach another address could ask for everything: a token is needed there."""
    if host not in HOME and not token:
        raise SettingsError(
            f"The address {host} can be reached from other machines, and no token is set.",
            hint="Set api_token in [tool.riskplatform] or RISKPLATFORM_API_TOKEN, or keep to "
            "127.0.0.1.",
        )
    if token and len(token) < _SHORTEST:
        raise SettingsError(
            f"The token has {len(token)} characters; {_SHORTEST} or more are hard to guess.",
            hint="Make one with: python -c 'import secrets; print(secrets.token_urlsafe(32))'",
        )


_SHORTEST = 16


def application(desk: Desk, *, host: str = "127.0.0.1") -> Any:
    """The application of a desk as it is served at an address."""
    token = desk.settings.api_token
    checked(host, token)
    try:
        from riskplatform.api.app import LOOPBACK, create_app
    except ImportError as error:
        raise EnvironmentSetupError(
            f"The API needs a package that is absent: {error.name}.",
            hint="Install it with: pip install 'riskplatform[api]'",
        ) from error
    return create_app(desk, token=token, hosts=LOOPBACK if host in HOME else ("*",))


def start(desk: Desk, *, host: str = "127.0.0.1", port: int = 8600) -> None:
    """Serve until stopped."""
    app = application(desk, host=host)
    import uvicorn

    uvicorn.run(app, host=host, port=port, log_level="warning")
