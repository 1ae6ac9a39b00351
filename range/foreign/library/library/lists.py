"""The caller's reading lists."""

import json

from flask import Blueprint, g, jsonify

from .books import book_on_the_shelf
from .guards import members_only
from .inputs import Several, Text, Whole, json_body
from .paging import page_of
from .problems import Problem
from .settings import HARDENED
from .store import Row, store
from .times import now

routes = Blueprint("lists", __name__)


def list_view(row: Row) -> Row:
    plain = {name: row[name] for name in ("id", "title", "note", "made_at")}
    return {**plain, "book_ids": json.loads(row["book_ids"])}


@routes.get("/lists")
@members_only
def list_lists():
    return jsonify(page_of("FROM lists WHERE member_id = ?", [g.member["id"]], list_view))


@routes.post("/lists")
@members_only
def make_list():
    body = json_body(title=Text(80), note=Text(300), book_ids=Several(Whole(1, 2**31 - 1), most=50))
    for book_id in body["book_ids"]:
        book_on_the_shelf(book_id)
    body["book_ids"] = json.dumps(body["book_ids"])
    list_id = store.insert("lists", **body, member_id=g.member["id"], made_at=now())
    return jsonify(list_view(_list(list_id))), 201


@routes.get("/lists/<id:list_id>")
@members_only
def read_list(list_id: int):
    row = _list(list_id)
    if HARDENED and row["member_id"] != g.member["id"]:
        raise Problem(404, "No such list")
    return jsonify(list_view(row))


def _list(list_id: int) -> Row:
    row = store.one("SELECT * FROM lists WHERE id = ?", (list_id,))
    if row is None:
        raise Problem(404, "No such list")
    return row
