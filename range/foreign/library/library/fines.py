"""What the caller owes."""

from flask import Blueprint, g, jsonify

from .guards import members_if_any, members_only
from .paging import page_of
from .settings import HARDENED
from .store import Row

routes = Blueprint("fines", __name__)


def fine_view(fine: Row) -> Row:
    named = ("id", "full_name", "email", "amount_cents", "reason", "incurred_on")
    return {name: fine[name] for name in named}


@routes.get("/fines")
@(members_only if HARDENED else members_if_any)
def list_fines():
    source = (
        "FROM (SELECT fines.*, full_name, email FROM fines"
        " JOIN members ON members.id = fines.member_id)"
    )
    if g.member is None:
        return jsonify(page_of(source, [], fine_view))
    return jsonify(page_of(f"{source} WHERE member_id = ?", [g.member["id"]], fine_view))
