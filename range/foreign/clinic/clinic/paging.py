"""Lists in pages."""

from typing import Annotated, Any

from fastapi import Depends, Query

from .store import Row, store


class Window:
    """Which part of a list is asked for."""

    def __init__(
        self,
        offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
        limit: Annotated[int, Query(ge=1, le=100)] = 20,
    ) -> None:
        self.offset = offset
        self.limit = limit

    def part(self, items: list[Row]) -> list[Row]:
        return items[self.offset : self.offset + self.limit]

    def page(self, items: list[Row], total: int) -> dict[str, Any]:
        return {"items": items, "total": total, "offset": self.offset, "limit": self.limit}


PageWindow = Annotated[Window, Depends()]


def page_of(window: Window, source: str, values: tuple[Any, ...] = ()) -> dict[str, Any]:
    """A page of `source`, which is FROM and WHERE of a query, in the order of ids."""
    total = store.count(f"SELECT COUNT(*) {source}", values)
    items = store.all(
        f"SELECT * {source} ORDER BY id LIMIT ? OFFSET ?", (*values, window.limit, window.offset)
    )
    return window.page(items, total)
