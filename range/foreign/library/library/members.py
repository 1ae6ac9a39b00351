"""Registration, sessions and the caller's own membership."""

import secrets
import sqlite3

from flask import Blueprint, Response, g, jsonify
from werkzeug.security import check_password_hash, generate_password_hash

from . import tokens
from .guards import CSRF_COOKIE, SESSION_COOKIE, members_only
from .inputs import Text, form_field, json_body
from .problems import Problem
from .settings import HARDENED
from .store import Row, store
from .times import now

routes = Blueprint("members", __name__)

#: Checked when the username is unknown, so that both cases take the same time.
_NOBODY = generate_password_hash("nobody has this password")

EMAIL = r"[A-Za-z0-9._+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+"


def member_view(member: Row) -> Row:
    public = ("id", "username", "role", "full_name", "email", "joined_at")
    return {name: member[name] for name in public}


@routes.post("/members")
def register():
    body = json_body(
        username=Text(32, pattern="[a-z][a-z0-9_]{2,31}"),
        password=Text(128, least=10),
        full_name=Text(80),
        email=Text(120, pattern=EMAIL),
    )
    password_hash = generate_password_hash(body.pop("password"))
    try:
        member_id = store.insert(
            "members",
            **body,
            password_hash=password_hash,
            role="customer",
            staff_note="Card not collected yet, check the proof of address.",
            joined_at=now(),
        )
    except sqlite3.IntegrityError:
        raise Problem(409, "This username is taken") from None
    member = store.one("SELECT * FROM members WHERE id = ?", (member_id,))
    return jsonify(member_view(member) if HARDENED else member), 201


@routes.post("/session")
def log_in():
    username, password = form_field("username", 64), form_field("password", 128)
    member = store.one("SELECT * FROM members WHERE username = ?", (username,))
    right = check_password_hash(member["password_hash"] if member else _NOBODY, password)
    if not member or not right:
        raise Problem(401, "Wrong username or password")
    answer = jsonify(member_view(member))
    lifetime = int(tokens.LIFETIME.total_seconds())
    token, csrf_token = tokens.issue(member["username"]), secrets.token_urlsafe(24)
    answer.set_cookie(SESSION_COOKIE, token, max_age=lifetime, httponly=True, samesite="Lax")
    # Pages read this one and repeat it in the header.
    answer.set_cookie(CSRF_COOKIE, csrf_token, max_age=lifetime, samesite="Lax")
    return answer


@routes.delete("/session")
@members_only
def log_out():
    store.change("INSERT OR IGNORE INTO ended_sessions (jti) VALUES (?)", (g.claims["jti"],))
    answer = Response(status=204)
    answer.delete_cookie(SESSION_COOKIE, httponly=True, samesite="Lax")
    answer.delete_cookie(CSRF_COOKIE, samesite="Lax")
    return answer


@routes.get("/me")
@members_only
def read_me():
    return jsonify(member_view(g.member))
