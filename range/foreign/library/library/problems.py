"""Errors as problem details (RFC 9457)."""

import json
from http import HTTPStatus
from typing import Any

from flask import Flask, Response
from werkzeug.exceptions import HTTPException


class Problem(Exception):
    """A refusal; `errors` maps fields of the input to what is wrong with them."""

    def __init__(self, status: int, detail: str, errors: dict[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.errors = errors


def handle_problems(app: Flask) -> None:
    @app.errorhandler(Problem)
    def problem(error: Problem) -> Response:
        return _answer(error.status, error.detail, error.errors)

    @app.errorhandler(HTTPException)
    def framework_problem(error: HTTPException) -> Response:
        answer = _answer(error.code or 500, error.description or "")
        for name, value in error.get_headers():
            if name not in ("Content-Type", "Content-Length"):
                answer.headers[name] = value
        return answer


def _answer(status: int, detail: str, errors: dict[str, str] | None = None) -> Response:
    problem: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
    }
    if errors:
        problem["errors"] = [{"field": name, "message": text} for name, text in errors.items()]
    return Response(json.dumps(problem), status, content_type="application/problem+json")
