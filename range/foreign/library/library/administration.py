"""The administrators' group."""

from flask import Blueprint, jsonify

from .books import book_view
from .guards import administrators_only, members_only
from .inputs import Text, Whole, json_body
from .members import member_view
from .paging import page_of
from .problems import Problem
from .settings import HARDENED
from .store import store

routes = Blueprint("administration", __name__)


@routes.get("/admin/members")
@administrators_only
def list_members():
    return jsonify(page_of("FROM members", [], member_view))


@routes.post("/admin/books")
@(administrators_only if HARDENED else members_only)
def add_book():
    body = json_body(title=Text(120), author=Text(80), genre=Text(40), year=Whole(1400, 2100))
    book_id = store.insert("books", **body)
    return jsonify(book_view(store.one("SELECT * FROM books WHERE id = ?", (book_id,)))), 201


@routes.delete("/admin/books/<id:book_id>")
@administrators_only
def withdraw_book(book_id: int):
    # Kept for the reservations and lists that name it.
    withdrawn = store.change(
        "UPDATE books SET withdrawn = 1 WHERE id = ? AND withdrawn = 0", (book_id,)
    )
    if withdrawn == 0:
        raise Problem(404, "No such book")
    return "", 204
