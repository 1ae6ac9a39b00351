"""The caller's appointments."""

from typing import Annotated

from fastapi import APIRouter, HTTPException, Path

from .doctors import working_doctor
from .errors import BODY, documented
from .guards import AccountRoute, Caller, needs_token
from .models import Appointment, NewAppointment, Page
from .paging import PageWindow, page_of
from .settings import HARDENED
from .store import Row, store
from .times import now

own = APIRouter(
    prefix="/appointments",
    tags=["appointments"],
    route_class=AccountRoute,
    dependencies=[needs_token],
)
ROUTERS = [own]

AppointmentId = Annotated[int, Path(ge=1, le=2**31 - 1)]


@own.get("", response_model=Page[Appointment], responses=documented(401))
def list_appointments(caller: Caller, window: PageWindow):
    """The caller's appointments."""
    return page_of(window, "FROM appointments WHERE account_id = ?", (caller["id"],))


@own.post("", status_code=201, response_model=Appointment, responses=documented(*BODY, 401, 404))
def make_appointment(caller: Caller, body: NewAppointment):
    """Asks for an appointment with a doctor."""
    working_doctor(body.doctor_id)
    appointment_id = store.insert(
        "INSERT INTO appointments (account_id, doctor_id, day, slot, reason, created_at)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (caller["id"], body.doctor_id, body.day.isoformat(), body.slot, body.reason, now()),
    )
    return _appointment(appointment_id)


@own.get("/{appointment_id}", response_model=Appointment, responses=documented(401, 404))
def read_appointment(caller: Caller, appointment_id: AppointmentId):
    """One appointment of the caller."""
    appointment = _appointment(appointment_id)
    if HARDENED:
        _refuse_others(appointment, caller)
    return appointment


@own.put("/{appointment_id}", response_model=Appointment, responses=documented(*BODY, 401, 404))
def change_appointment(caller: Caller, appointment_id: AppointmentId, body: NewAppointment):
    """Moves one appointment of the caller."""
    _refuse_others(_appointment(appointment_id), caller)
    working_doctor(body.doctor_id)
    store.change(
        "UPDATE appointments SET doctor_id = ?, day = ?, slot = ?, reason = ? WHERE id = ?",
        (body.doctor_id, body.day.isoformat(), body.slot, body.reason, appointment_id),
    )
    return _appointment(appointment_id)


@own.delete("/{appointment_id}", status_code=204, responses=documented(401, 404))
def cancel_appointment(caller: Caller, appointment_id: AppointmentId) -> None:
    """Cancels one appointment of the caller."""
    _refuse_others(_appointment(appointment_id), caller)
    store.change("DELETE FROM appointments WHERE id = ?", (appointment_id,))


def _appointment(appointment_id: int) -> Row:
    appointment = store.one("SELECT * FROM appointments WHERE id = ?", (appointment_id,))
    if appointment is None:
        raise HTTPException(404, "No such appointment")
    return appointment


def _refuse_others(appointment: Row, caller: Row) -> None:
    # The same answer as for an id that does not exist.
    if appointment["account_id"] != caller["id"]:
        raise HTTPException(404, "No such appointment")
