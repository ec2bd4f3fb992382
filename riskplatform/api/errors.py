"""Errors as JSON, with the message, the hint and the status that says whose fault it is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from riskplatform.domain.plain_json import json_text
from riskplatform.errors import (
    ConflictError,
    DataError,
    RiskPlatformError,
    StoreLockedError,
    UnknownNameError,
    UserInputError,
)

MOST_BYTES = 1_000_000
_STATUS: tuple[tuple[type[RiskPlatformError], int], ...] = (
    (UnknownNameError, 404),
    (UserInputError, 422),
    (ConflictError, 409),
    (DataError, 409),
    (StoreLockedError, 503),
)


def add_handlers(app: FastAPI) -> None:
    """Never a traceback."""

    @app.exception_handler(RiskPlatformError)
    def ours(request: Request, error: RiskPlatformError) -> Response:
        status = next((code for kind, code in _STATUS if isinstance(error, kind)), 500)
        return answer(status, type(error).__name__, error.message, error.hint)

    @app.exception_handler(RequestValidationError)
    def body(request: Request, error: RequestValidationError) -> Response:
        first = error.errors()[0]
        where = ".".join(str(each) for each in first["loc"])
        return answer(422, "UserInputError", f"{where}: {first['msg']}.", "See /docs.")

    @app.exception_handler(HTTPException)
    def http(request: Request, error: HTTPException) -> Response:
        found = answer(error.status_code, "HTTPError", str(error.detail), None)
        found.headers.update(error.headers or {})
        return found

    @app.exception_handler(Exception)
    def defect(request: Request, error: Exception) -> Response:
        message = f"This is a defect of riskplatform: {type(error).__name__}."
        return answer(500, "Defect", message, "The server's log has the details.")


def answer(status: int, kind: str, message: str, hint: str | None) -> Response:
    told: dict[str, Any] = {"error": {"kind": kind, "message": message, "hint": hint}}
    return Response(json_text(told), status_code=status, media_type="application/json")


async def too_large(
    request: Request, call_next: Callable[[Request], Awaitable[Response]]
) -> Response:
    """A body says its length, and it is small: a question is a page and no book."""
    if request.method in ("POST", "PUT", "PATCH"):
        length = request.headers.get("content-length", "")
        if not length.isdigit():
            return answer(411, "UserInputError", "The body says no length.", None)
        if int(length) > MOST_BYTES:
            return answer(413, "UserInputError", f"The body has {int(length):,} bytes; at most "
                          f"{MOST_BYTES:,} are read.", None)  # fmt: skip
    return await call_next(request)
