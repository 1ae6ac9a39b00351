"""The shapes of requests and answers."""

import re
from datetime import date, datetime
from typing import Annotated, Generic, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

Item = TypeVar("Item")

Role = Literal["customer", "administrator"]
Specialty = Literal["cardiology", "dermatology", "general", "paediatrics"]
Slot = Literal["09:00", "09:30", "10:00", "10:30", "11:00", "14:00", "14:30", "15:00", "15:30"]

Username = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{2,31}$")]
Email = Annotated[
    str,
    Field(max_length=120, pattern=r"^[A-Za-z0-9._+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$"),
]
Phone = Annotated[str, Field(pattern=r"^[+0-9][0-9 ]{4,24}$")]
#: One line of text without control characters.
Line = Annotated[str, Field(min_length=1, max_length=80, pattern=r"^[^\x00-\x1f\x7f]+$")]
Paragraph = Annotated[str, Field(min_length=1, max_length=500, pattern=r"^[^\x00-\x1f\x7f]+$")]


def _written_as_number(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ValueError("Input should be a number")
    return value


def _written_as_day(value: object) -> object:
    if not isinstance(value, str) or not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        raise ValueError("Input should be a day such as 2031-03-04")
    return value


Id = Annotated[int, Field(ge=1, le=2**31 - 1)]
Day = Annotated[date, BeforeValidator(_written_as_day)]


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Registration(Body):
    username: Username
    password: Annotated[str, Field(min_length=10, max_length=128)]
    full_name: Line
    email: Email
    phone: Phone | None = None


class Credentials(Body):
    username: Annotated[str, Field(max_length=64)]
    password: Annotated[str, Field(max_length=128)]


class Contact(Body):
    full_name: Line
    email: Email
    phone: Phone | None = None


class NewAppointment(Body):
    doctor_id: Annotated[Id, BeforeValidator(_written_as_number)]
    day: Day
    slot: Slot
    reason: Paragraph


class NewDoctor(Body):
    name: Line
    specialty: Specialty
    room: Annotated[str, Field(pattern=r"^[0-9]\.[0-9]{2}$")]
    direct_phone: Phone
    private_email: Email


class Token(BaseModel):
    access_token: str
    token_type: Literal["bearer"]
    expires_in: Annotated[int, Field(description="Seconds")]


class Account(BaseModel):
    id: int
    username: str
    role: Role
    full_name: str
    email: str
    phone: str | None
    created_at: datetime


class Doctor(BaseModel):
    id: int
    name: str
    specialty: Specialty
    room: str


class DoctorContact(BaseModel):
    doctor_id: int
    direct_phone: str
    private_email: str


class Appointment(BaseModel):
    id: int
    doctor_id: int
    day: date
    slot: Slot
    reason: str
    created_at: datetime


class AdministratorAppointment(Appointment):
    account_id: int


class Page(BaseModel, Generic[Item]):
    items: list[Item]
    total: int
    offset: int
    limit: int


class Message(BaseModel):
    detail: str
