"""The application: routers, error shapes, headers."""

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from . import account, administration, appointments, doctors
from .errors import method_not_allowed, validation_failed
from .seed import seed
from .store import store


class AnswerHeaders:
    """Headers of every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["X-Content-Type-Options"] = "nosniff"
                headers["Cache-Control"] = "no-store"
            await send(message)

        await self.app(scope, receive, send_with_headers if scope["type"] == "http" else send)


app = FastAPI(
    title="Clinic",
    version="1.4.0",
    description="Appointments with the doctors of a small clinic.",
    docs_url=None,
    redoc_url=None,
    redirect_slashes=False,
)
app.add_exception_handler(RequestValidationError, validation_failed)
app.add_exception_handler(405, method_not_allowed)
app.add_middleware(AnswerHeaders)
for module in (account, doctors, appointments, administration):
    for router in module.ROUTERS:
        app.include_router(router, prefix="/api/v1")

seed(store)
