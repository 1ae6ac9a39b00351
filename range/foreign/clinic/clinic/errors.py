"""Errors in the shape of the framework, and nothing of the request in them."""

import re
from typing import Any

from fastapi import HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse

from .models import Message


def documented(*codes: int) -> dict[int | str, dict[str, Any]]:
    """What the document says about errors."""
    return {code: {"model": Message, "description": _WHAT[code]} for code in codes}


_WHAT = {
    400: "The body is not JSON",
    401: "No valid token",
    403: "Administrators only",
    404: "No such thing, or not yours",
    409: "Taken already",
    413: "The body is too large",
    415: "The body is not application/json",
}

#: Of every operation that reads a body.
BODY = (400, 413, 415)


def validation_failed(_: Request, error: RequestValidationError) -> JSONResponse:
    # The framework's own handler repeats the input, which may hold what JSON
    # cannot: half a surrogate pair, NaN.
    detail = [
        {
            "type": problem["type"],
            "loc": [part if isinstance(part, int) else _plain(part) for part in problem["loc"]],
            "msg": _plain(problem["msg"]),
        }
        for problem in error.errors()
    ]
    return JSONResponse({"detail": detail}, 422)


def method_not_allowed(request: Request, error: HTTPException) -> JSONResponse:
    # The framework names the methods of one route only, where several share a path.
    allowed = {
        method.upper()
        for path, operations in request.app.openapi()["paths"].items()
        if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", path), request.url.path)
        for method in operations
    }
    headers = {"Allow": ", ".join(sorted(allowed))} if allowed else error.headers
    return JSONResponse({"detail": error.detail}, 405, headers)


def _plain(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")[:200]
