"""The library: a cookie, a CSRF token, a login by form."""

from typing import Any

from .service import Service, new_name, right
from .web import Answer, Client

API = "/api/v1"


class Library(Service):
    name = "library"
    document = "/swagger.json"
    open_to_strangers = f"GET {API}/fines"
    private_mark = b"alice.marlow@example.org"
    readable_by_others = f"GET {API}/lists/{{list_id}}"
    open_to_customers = f"POST {API}/admin/books"
    excessive = f"POST {API}/members"
    injectable = (f"{API}/books", f"GET {API}/books", "genre")
    injection = {
        "plain": "novel",
        "true": "novel' AND '1'='1",
        "false": "novel' AND '1'='2",
        "hidden": "novel' OR 1=1 -- ",
        "union": "x' UNION SELECT id,username,password_hash,role,1,1 FROM members -- ",
    }
    forgeries_taken = {
        "signature of the right length",
        "empty key",
        "guessable key",
        "claims changed",
    }
    owned = [
        ("GET", f"{API}/lists/{{list_id}}"),
        ("DELETE", f"{API}/reservations/{{reservation_id}}"),
    ]
    own_lists = [f"{API}/lists", f"{API}/reservations", f"{API}/fines"]

    def log_in(self, port: int, username: str, password: str) -> Client:
        client = Client(port)
        form = {"username": username, "password": password}
        right(client.send("POST", f"{API}/session", form=form), 200)
        client.headers["X-CSRF-Token"] = client.cookies["csrf"]
        return client

    def open_account(self, client: Client, username: str, password: str) -> Answer:
        body = {
            "username": username,
            "password": password,
            "full_name": "Carol Winter",
            "email": "carol@example.org",
        }
        return client.send("POST", f"{API}/members", body)

    def token(self, client: Client) -> str:
        return client.cookies["session"]

    def with_token(self, client: Client, token: str) -> Client:
        other = client.with_headers()
        other.cookies["session"] = token
        return other

    def caller_of(self, client: Client) -> str | None:
        answer = client.get(f"{API}/me")
        return None if answer.status == 401 else right(answer, 200)["username"]

    def own_ids(self, client: Client) -> dict[str, Any]:
        bodies = self.samples(client)
        made = {
            name: right(client.send("POST", f"{API}/{name}", bodies[f"POST {API}/{name}"]), 201)
            for name in ("lists", "reservations")
        }
        return {
            "list_id": made["lists"]["id"],
            "reservation_id": made["reservations"]["id"],
            "book_id": self._book(client),
        }

    def samples(self, client: Client) -> dict[str, Any]:
        return {
            f"POST {API}/members": {
                "username": new_name(),
                "password": "quiet-Orchard-20",
                "full_name": "Carol Winter",
                "email": "carol@example.org",
            },
            f"POST {API}/reservations": {"book_id": self._book(client), "branch": "north"},
            f"POST {API}/lists": {
                "title": "For the train",
                "note": "Nothing sad",
                "book_ids": [self._book(client)],
            },
            f"POST {API}/admin/books": {
                "title": "The Salt Road",
                "author": "Ada Brook",
                "genre": "travel",
                "year": 1999,
            },
        }

    def _book(self, client: Client) -> int:
        # The odd inputs take books out of the catalogue.
        return right(client.get(f"{API}/books"), 200)["items"][-1]["id"]

    def excessive_answer(self, port: int) -> Answer:
        return self.open_account(Client(port), new_name(), "quiet-Orchard-20")

    def items(self, page: Any) -> list[Any]:
        return page["items"]

    def total(self, page: Any) -> int:
        return page["total"]


LIBRARY = Library()
