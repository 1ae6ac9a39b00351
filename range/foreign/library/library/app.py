"""The application: blueprints, errors, headers, the document."""

import json
from pathlib import Path

from flask import Flask, Response, jsonify
from werkzeug.routing import BaseConverter

from . import administration, books, fines, lists, members, reservations
from .problems import handle_problems
from .seed import seed
from .settings import MAX_BODY_BYTES
from .store import store

DOCUMENT = Path(__file__).resolve().parent.parent / "swagger.json"


class IdConverter(BaseConverter):
    """Ids of at most ten digits: they fit an SQLite integer."""

    regex = "[0-9]{1,10}"

    def to_python(self, value: str) -> int:
        return int(value)


def create_app() -> Flask:
    app = Flask(__name__, static_folder=None, template_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES
    app.url_map.merge_slashes = False
    app.url_map.converters["id"] = IdConverter
    for module in (members, books, reservations, lists, fines, administration):
        app.register_blueprint(module.routes, url_prefix="/api/v1")
    document = json.loads(DOCUMENT.read_text("utf-8"))
    app.add_url_rule("/swagger.json", "document", lambda: jsonify(document))
    app.after_request(_add_headers)
    handle_problems(app)
    seed(store)
    return app


def _add_headers(answer: Response) -> Response:
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Cache-Control"] = "no-store"
    if answer.status_code == 204:
        # The framework names a type even where there is nothing.
        answer.headers.pop("Content-Type", None)
    return answer
