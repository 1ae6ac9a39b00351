"""Tokens of a login: JSON web tokens (RFC 7519), HS256, one hour."""

import re
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt

from .settings import HARDENED

ALGORITHM = "HS256"
LIFETIME = timedelta(hours=1)
MAX_LENGTH = 2048

# New at each start: the accounts do not outlive the process either.
_KEY = secrets.token_bytes(32)
_REQUIRED = ["exp", "iat", "sub"]


def issue(account_id: int) -> str:
    issued = datetime.now(UTC)
    claims = {"sub": str(account_id), "iat": issued, "exp": issued + LIFETIME}
    return jwt.encode(claims, _KEY, algorithm=ALGORITHM)


def account_id_of(token: str) -> int | None:
    """The account that the token stands for; None if it is no good."""
    if len(token) > MAX_LENGTH:
        return None
    try:
        subject = _claims(token)["sub"]
    except (jwt.PyJWTError, ValueError, TypeError, ArithmeticError, RecursionError):
        return None
    # Bounded to what fits an SQLite integer.
    if isinstance(subject, str) and re.fullmatch(r"[0-9]{1,15}", subject):
        return int(subject)
    return None


def _claims(token: str) -> dict[str, Any]:
    if not HARDENED and str(jwt.get_unverified_header(token).get("alg")).lower() == "none":
        unsigned = {"verify_signature": False, "verify_exp": True, "require": _REQUIRED}
        return jwt.decode(token, options=unsigned)
    return jwt.decode(token, _KEY, algorithms=[ALGORITHM], options={"require": _REQUIRED})
