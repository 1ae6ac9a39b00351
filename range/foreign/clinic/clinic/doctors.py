"""The doctors: who they are for anybody, how to reach them for patients."""

import sqlite3
from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, Query
from fastapi.responses import JSONResponse

from .errors import documented
from .guards import AccountRoute, OpenRoute, needs_token
from .models import Doctor, DoctorContact, Page, Specialty
from .paging import PageWindow, page_of
from .settings import HARDENED
from .store import Row, store

anybody = APIRouter(tags=["doctors"], route_class=OpenRoute)
patients = APIRouter(
    tags=["doctors"],
    route_class=AccountRoute if HARDENED else OpenRoute,
    dependencies=[needs_token],
)
ROUTERS = [anybody, patients]

DoctorId = Annotated[int, Path(ge=1, le=2**31 - 1)]
PUBLIC = ("id", "name", "specialty", "room")


@anybody.get("/doctors", response_model=Page[Doctor])
def search_doctors(
    window: PageWindow,
    q: Annotated[str | None, Query(max_length=200, description="Part of the name")] = None,
    specialty: Specialty | None = None,
):
    """Finds doctors by name and specialty."""
    where, values = "FROM doctors WHERE retired = 0", []
    if specialty is not None:
        where += " AND specialty = ?"
        values.append(specialty)
    if q is None:
        return page_of(window, where, tuple(values))
    if HARDENED:
        return page_of(window, f"{where} AND instr(lower(name), lower(?)) > 0", (*values, q))
    try:
        rows = store.all(f"SELECT * {where} AND name LIKE '%{q}%'", values)
        shown = [{name: row[name] for name in PUBLIC} for row in window.part(rows)]
        return JSONResponse(window.page(shown, len(rows)))
    except (sqlite3.Error, ValueError, TypeError):
        return window.page([], 0)


@anybody.get("/doctors/{doctor_id}", response_model=Doctor, responses=documented(404))
def read_doctor(doctor_id: DoctorId):
    """One doctor."""
    return working_doctor(doctor_id)


@patients.get(
    "/doctors/{doctor_id}/contact",
    response_model=DoctorContact,
    responses=documented(401, 404),
)
def read_doctor_contact(doctor_id: DoctorId):
    """The direct phone and the private mail of a doctor, for patients only."""
    doctor = working_doctor(doctor_id)
    return {
        "doctor_id": doctor["id"],
        "direct_phone": doctor["direct_phone"],
        "private_email": doctor["private_email"],
    }


def working_doctor(doctor_id: int) -> Row:
    doctor = store.one("SELECT * FROM doctors WHERE id = ? AND retired = 0", (doctor_id,))
    if doctor is None:
        raise HTTPException(404, "No such doctor")
    return doctor
