"""The application: a few addresses, each of which calls one verb of the desk and tells its result.

Answers are the results' own ``to_dict``. A token, where one is set, is asked of every address but
``/health``; without one only this machine is answered (see :func:`riskplatform.api.serving.start`).
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Header, Response
from starlette.exceptions import HTTPException
from starlette.middleware.trustedhost import TrustedHostMiddleware

from riskplatform import __version__
from riskplatform.api.bodies import Asked, Run
from riskplatform.api.errors import add_handlers, too_large
from riskplatform.api.serving_desk import ServedDesk
from riskplatform.desk import Desk
from riskplatform.domain.plain_json import json_text

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


def create_app(desk: Desk, *, token: str = "", hosts: Sequence[str] = LOOPBACK) -> FastAPI:
    """The desk as an application; ``hosts`` are the names by which it may be called."""
    app = FastAPI(title="riskplatform", version=__version__, docs_url="/docs", redoc_url=None)
    # A page of another site must not reach a local desk by a name of its own.
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=list(hosts))
    app.middleware("http")(too_large)
    add_handlers(app)
    served = ServedDesk(desk)
    allowed = [Depends(_guard(token))] if token else []

    @app.get("/health")
    def health() -> dict[str, str]:
        return {"status": "ok", "version": __version__}

    app.include_router(_numbers(served), dependencies=allowed)
    app.include_router(_scenarios(served), dependencies=allowed)
    app.include_router(_questions(served), dependencies=allowed)
    return app


def _guard(token: str) -> Any:
    def check(authorization: Annotated[str, Header()] = "") -> None:
        scheme, _, given = authorization.partition(" ")
        if scheme.lower() != "bearer" or not hmac.compare_digest(given.encode(), token.encode()):
            raise HTTPException(401, "A token is needed.", headers={"WWW-Authenticate": "Bearer"})

    return check


def told(value: Any) -> Response:
    """JSON as the command line writes it: to the last digit the same."""
    return Response(json_text(value), media_type="application/json")


def _numbers(served: ServedDesk) -> APIRouter:
    router = APIRouter(tags=["numbers"])

    @router.get("/desk")
    def about() -> Response:
        with served.desk() as desk:
            return told(
                {
                    "name": desk.settings.name,
                    "base_currency": desk.settings.base_currency,
                    "as_of": desk.as_of(),
                    "portfolios": [name for root in desk.portfolios().roots
                                   for name in desk.portfolios().walk(root)],
                }
            )  # fmt: skip

    @router.get("/value")
    def value(
        node: str | None = None, by: str = "asset_class", as_of: date | None = None
    ) -> Response:
        with served.desk() as desk:
            found = desk.value(as_of, node=node)
            rows = found.by(by).to_dict("records")
            return told(
                {"total": found.total, "rows": rows, "provenance": found.provenance.to_dict()}
            )

    @router.get("/risk")
    def risk(
        node: str | None = None, confidence: float = 0.99, as_of: date | None = None
    ) -> Response:
        with served.desk() as desk:
            return told(desk.risk(node, as_of, confidence=confidence).to_dict())

    @router.get("/exposures")
    def exposures(
        node: str | None = None, by: str = "asset_class", as_of: date | None = None
    ) -> Response:
        with served.desk() as desk:
            return told(desk.exposures(node, as_of, by=by).to_dict())

    return router


def _scenarios(served: ServedDesk) -> APIRouter:
    router = APIRouter(prefix="/scenarios", tags=["scenarios"])

    @router.get("")
    def library() -> Response:
        with served.desk() as desk:
            return told(desk.scenarios().to_dict())

    @router.get("/{scenario_id}")
    def one(scenario_id: str) -> Response:
        with served.desk() as desk:
            return told(desk.scenario(scenario_id).to_dict())

    @router.post("/run")
    def run(asked: Run) -> Response:
        with served.desk() as desk:
            found = desk.run_scenarios(asked.ids, asked.node, asked.as_of, by=asked.by)
            return told(found.to_dict())

    return router


def _questions(served: ServedDesk) -> APIRouter:
    router = APIRouter(tags=["questions"])

    @router.post("/query")
    def query(asked: Asked) -> Response:
        return told(served.ask(asked.question, asked.as_of).to_dict())

    @router.get("/queries")
    def kept() -> Response:
        with served.desk() as desk:
            return told(desk.queries().to_dict("records"))

    @router.get("/queries/{name}")
    def saved(name: str, as_of: date | None = None) -> Response:
        return told(served.ask_kept(name, as_of).to_dict())

    return router
