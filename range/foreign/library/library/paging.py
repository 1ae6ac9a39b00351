"""Lists in pages."""

from collections.abc import Callable, Sequence
from typing import Any

from .inputs import query_number
from .store import Row, store


def window() -> tuple[int, int]:
    """The number of the page and how many a page holds, from the query."""
    page = query_number("page", least=1, most=100_000, otherwise=1)
    per_page = query_number("per_page", least=1, most=100, otherwise=20)
    return page, per_page


def page_of(source: str, values: Sequence[Any], view: Callable[[Row], Row]) -> Row:
    """A page of `source`, which is FROM and WHERE of a query, in the order of ids."""
    page, per_page = window()
    total = store.one(f"SELECT COUNT(*) AS total {source}", values)["total"]
    bounds = (per_page, (page - 1) * per_page)
    rows = store.all(f"SELECT * {source} ORDER BY id LIMIT ? OFFSET ?", (*values, *bounds))
    return {
        "items": [view(row) for row in rows],
        "page": page,
        "per_page": per_page,
        "total": total,
    }
