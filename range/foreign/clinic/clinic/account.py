"""Registration, login and the caller's own account."""

import sqlite3

from fastapi import APIRouter, HTTPException
from fastapi.responses import JSONResponse

from . import tokens
from .errors import BODY, documented
from .guards import AccountRoute, Caller, OpenRoute, needs_token
from .models import Account, Contact, Credentials, Registration, Token
from .passwords import hash_password, password_matches
from .settings import HARDENED
from .store import store
from .times import now

anybody = APIRouter(tags=["account"], route_class=OpenRoute)
own = APIRouter(tags=["account"], route_class=AccountRoute, dependencies=[needs_token])
ROUTERS = [anybody, own]


@anybody.post(
    "/auth/register", status_code=201, response_model=Account, responses=documented(*BODY, 409)
)
def register(body: Registration):
    """Opens an account."""
    try:
        account_id = store.insert(
            "INSERT INTO accounts (username, password_hash, role, full_name, email, phone,"
            " internal_note, created_at) VALUES (?, ?, 'customer', ?, ?, ?, ?, ?)",
            (
                body.username,
                hash_password(body.password),
                body.full_name,
                body.email,
                body.phone,
                "Registered online, identity not checked yet.",
                now(),
            ),
        )
    except sqlite3.IntegrityError:
        raise HTTPException(409, "This username is taken") from None
    return store.one("SELECT * FROM accounts WHERE id = ?", (account_id,))


@anybody.post("/auth/token", response_model=Token, responses=documented(*BODY, 401))
def log_in(body: Credentials):
    """Gives a token for a username and a password."""
    account = store.one("SELECT * FROM accounts WHERE username = ?", (body.username,))
    if not password_matches(body.password, account and account["password_hash"]):
        raise HTTPException(401, "Wrong username or password", {"WWW-Authenticate": "Bearer"})
    return {
        "access_token": tokens.issue(account["id"]),
        "token_type": "bearer",
        "expires_in": int(tokens.LIFETIME.total_seconds()),
    }


@own.get("/account", response_model=Account, responses=documented(401))
def read_account(caller: Caller):
    """The caller's account."""
    if HARDENED:
        return caller
    return JSONResponse(caller)


@own.put("/account", response_model=Account, responses=documented(*BODY, 401))
def change_account(caller: Caller, body: Contact):
    """Replaces the caller's name, mail and phone."""
    store.change(
        "UPDATE accounts SET full_name = ?, email = ?, phone = ? WHERE id = ?",
        (body.full_name, body.email, body.phone, caller["id"]),
    )
    return store.one("SELECT * FROM accounts WHERE id = ?", (caller["id"],))
