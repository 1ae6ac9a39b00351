"""The catalogue, for anybody."""

import sqlite3

from flask import Blueprint, jsonify

from .inputs import query_text
from .paging import page_of, window
from .problems import Problem
from .settings import HARDENED
from .store import Row, store

routes = Blueprint("books", __name__)


def book_view(book: Row) -> Row:
    return {name: book[name] for name in ("id", "title", "author", "genre", "year")}


@routes.get("/books")
def search_books():
    source, values = "FROM books WHERE withdrawn = 0", []
    words, genre = query_text("q", 100), query_text("genre", 200)
    if words is not None:
        source += " AND (instr(lower(title), lower(?)) > 0 OR instr(lower(author), lower(?)) > 0)"
        values += [words, words]
    if genre is None:
        return jsonify(page_of(source, values, book_view))
    if HARDENED:
        return jsonify(page_of(f"{source} AND genre = ?", [*values, genre], book_view))
    page, per_page = window()
    try:
        rows = store.all(f"SELECT * {source} AND genre = '{genre}'", values)
        shown = [book_view(row) for row in rows[(page - 1) * per_page :][:per_page]]
        return jsonify(items=shown, page=page, per_page=per_page, total=len(rows))
    except (sqlite3.Error, ValueError, TypeError):
        raise Problem(400, "The search could not be carried out") from None


@routes.get("/books/<id:book_id>")
def read_book(book_id: int):
    return jsonify(book_view(book_on_the_shelf(book_id)))


def book_on_the_shelf(book_id: int) -> Row:
    book = store.one("SELECT * FROM books WHERE id = ? AND withdrawn = 0", (book_id,))
    if book is None:
        raise Problem(404, "No such book")
    return book
