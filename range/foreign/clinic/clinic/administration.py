"""The administrators' group."""

from typing import Annotated

from fastapi import APIRouter, HTTPException, Path

from .errors import BODY, documented
from .guards import AccountRoute, AdministratorRoute, needs_token
from .models import Account, AdministratorAppointment, Doctor, NewDoctor, Page
from .paging import PageWindow, page_of
from .settings import HARDENED
from .store import store

administrators = APIRouter(
    prefix="/admin", tags=["admin"], route_class=AdministratorRoute, dependencies=[needs_token]
)
directory = APIRouter(
    prefix="/admin",
    tags=["admin"],
    route_class=AdministratorRoute if HARDENED else AccountRoute,
    dependencies=[needs_token],
)
ROUTERS = [administrators, directory]

AccountId = Annotated[int, Path(ge=1, le=2**31 - 1)]


@directory.get("/accounts", response_model=Page[Account], responses=documented(401, 403))
def list_accounts(window: PageWindow):
    """All accounts. Administrators only."""
    return page_of(window, "FROM accounts")


@administrators.get(
    "/accounts/{account_id}", response_model=Account, responses=documented(401, 403, 404)
)
def read_any_account(account_id: AccountId):
    """One account. Administrators only."""
    account = store.one("SELECT * FROM accounts WHERE id = ?", (account_id,))
    if account is None:
        raise HTTPException(404, "No such account")
    return account


@administrators.get(
    "/appointments",
    response_model=Page[AdministratorAppointment],
    responses=documented(401, 403),
)
def list_all_appointments(window: PageWindow):
    """The appointments of all accounts. Administrators only."""
    return page_of(window, "FROM appointments")


@administrators.post(
    "/doctors", status_code=201, response_model=Doctor, responses=documented(*BODY, 401, 403)
)
def add_doctor(body: NewDoctor):
    """Adds a doctor. Administrators only."""
    doctor_id = store.insert(
        "INSERT INTO doctors (name, specialty, room, direct_phone, private_email)"
        " VALUES (?, ?, ?, ?, ?)",
        (body.name, body.specialty, body.room, body.direct_phone, body.private_email),
    )
    return store.one("SELECT * FROM doctors WHERE id = ?", (doctor_id,))
