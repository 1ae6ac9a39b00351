"""The caller's reservations."""

from flask import Blueprint, g, jsonify

from .books import book_on_the_shelf
from .guards import members_only
from .inputs import Choice, Whole, json_body
from .paging import page_of
from .problems import Problem
from .store import Row, store
from .times import now

routes = Blueprint("reservations", __name__)

BRANCHES = ("central", "harbour", "north")


def reservation_view(reservation: Row) -> Row:
    return {name: reservation[name] for name in ("id", "book_id", "branch", "made_at")}


@routes.get("/reservations")
@members_only
def list_reservations():
    source = "FROM reservations WHERE member_id = ?"
    return jsonify(page_of(source, [g.member["id"]], reservation_view))


@routes.post("/reservations")
@members_only
def reserve():
    body = json_body(book_id=Whole(1, 2**31 - 1), branch=Choice(BRANCHES))
    book_on_the_shelf(body["book_id"])
    reservation_id = store.insert("reservations", **body, member_id=g.member["id"], made_at=now())
    reservation = store.one("SELECT * FROM reservations WHERE id = ?", (reservation_id,))
    return jsonify(reservation_view(reservation)), 201


@routes.delete("/reservations/<id:reservation_id>")
@members_only
def cancel_reservation(reservation_id: int):
    cancelled = store.change(
        "DELETE FROM reservations WHERE id = ? AND member_id = ?",
        (reservation_id, g.member["id"]),
    )
    if cancelled == 0:
        raise Problem(404, "No such reservation")
    return "", 204
