"""Who may call what; each guard runs before anything of a body is read."""

import hmac
from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import g, request

from .problems import Problem
from .store import Row, store
from .tokens import claims_of

SESSION_COOKIE = "session"
CSRF_COOKIE = "csrf"
CSRF_HEADER = "X-CSRF-Token"

View = Callable[..., Any]


def members_only(view: View) -> View:
    """Any member that is logged in; a change must carry the CSRF token."""

    @wraps(view)
    def guarded(*args: Any, **values: Any) -> Any:
        _log_in_by_cookie()
        if g.member is None:
            raise Problem(401, "Log in first")
        if request.method not in ("GET", "HEAD", "OPTIONS"):
            _check_csrf_token()
        return view(*args, **values)

    return guarded


def administrators_only(view: View) -> View:
    @members_only
    @wraps(view)
    def guarded(*args: Any, **values: Any) -> Any:
        if g.member["role"] != "administrator":
            raise Problem(403, "Administrators only")
        return view(*args, **values)

    return guarded


def members_if_any(view: View) -> View:
    """Anybody; `g.member` is None for a stranger."""

    @wraps(view)
    def guarded(*args: Any, **values: Any) -> Any:
        _log_in_by_cookie()
        return view(*args, **values)

    return guarded


def _log_in_by_cookie() -> None:
    g.member, g.claims = None, claims_of(request.cookies.get(SESSION_COOKIE, ""))
    if g.claims is not None:
        g.member = _member_of(g.claims)


def _member_of(claims: dict[str, Any]) -> Row | None:
    return store.one(
        "SELECT * FROM members WHERE username = ?"
        " AND NOT EXISTS (SELECT 1 FROM ended_sessions WHERE jti = ?)",
        (claims["sub"], claims["jti"]),
    )


def _check_csrf_token() -> None:
    cookie = request.cookies.get(CSRF_COOKIE, "")
    header = request.headers.get(CSRF_HEADER, "")
    same = hmac.compare_digest(_bytes(cookie), _bytes(header))
    if not cookie or not same:
        raise Problem(403, f"The header {CSRF_HEADER} must repeat the cookie {CSRF_COOKIE}")


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
