"""Who may call what, decided before anything of the body is read.

The check sits in the route class, since FastAPI reads a body before it runs
the dependencies, and a stranger should hear 401, not what is wrong with a body.
"""

from typing import Annotated, Any

from fastapi import Depends, HTTPException, Request, Security
from fastapi.concurrency import run_in_threadpool
from fastapi.routing import APIRoute
from fastapi.security import HTTPBearer
from starlette.types import Message, Receive

from .settings import MAX_BODY_BYTES
from .store import Row, store
from .tokens import account_id_of

#: Makes the document say that an operation needs the token.
needs_token = Security(HTTPBearer(bearerFormat="JWT", auto_error=False))


class OpenRoute(APIRoute):
    """Anybody may call; a body must be JSON."""

    def admit(self, request: Request) -> None:
        pass

    def get_route_handler(self) -> Any:
        handle = super().get_route_handler()

        async def guarded(request: Request) -> Any:
            await run_in_threadpool(self.admit, request)
            if self.body_field is not None:
                refuse_other_media_types(request)
            return await handle(Request(request.scope, bounded(request.receive)))

        return guarded


class AccountRoute(OpenRoute):
    """Any account that is logged in."""

    def admit(self, request: Request) -> None:
        request.state.account = _account_of(request)


class AdministratorRoute(AccountRoute):
    """Administrators only."""

    def admit(self, request: Request) -> None:
        super().admit(request)
        if request.state.account["role"] != "administrator":
            raise HTTPException(403, "Administrators only")


def _account_of(request: Request) -> Row:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        account_id = account_id_of(token.strip())
        if account_id is not None:
            account = store.one("SELECT * FROM accounts WHERE id = ?", (account_id,))
            if account is not None:
                return account
    raise HTTPException(401, "Log in first", {"WWW-Authenticate": "Bearer"})


def refuse_other_media_types(request: Request) -> None:
    headers = request.headers
    media_type = headers.get("content-type")
    if media_type is None:
        empty = headers.get("content-length", "0") == "0" and "transfer-encoding" not in headers
        if empty:
            return  # the validation says that the body is missing
    elif media_type.partition(";")[0].strip().lower() == "application/json":
        return
    raise HTTPException(415, "The body must be application/json")


def bounded(receive: Receive) -> Receive:
    """Refuses a body as soon as it is longer than the limit."""
    size = 0

    async def receive_bounded() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > MAX_BODY_BYTES:
            raise HTTPException(413, f"The body is longer than {MAX_BODY_BYTES} bytes")
        return message

    return receive_bounded


def _caller(request: Request) -> Row:
    return request.state.account


#: The account that is logged in, as a parameter of an operation.
Caller = Annotated[Row, Depends(_caller)]
