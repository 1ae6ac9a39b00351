"""The market: a token in a header of its own, UUIDs, envelopes."""

import uuid
from typing import Any

from .service import Service, new_name, right
from .web import Answer, Client

HEADER = "X-Auth-Token"


class Market(Service):
    name = "market"
    document = "/openapi.json"
    open_to_strangers = "GET /orders/{orderId}/invoice"
    private_mark = b"alice.marlow@example.org"
    readable_by_others = "GET /addresses/{addressId}"
    open_to_customers = "PUT /admin/listings/{listingId}/featured"
    excessive = "GET /listings/{listingId}"
    injectable = ("/listings", "GET /listings", "maxPrice")
    injection = {
        "plain": "20000",
        "true": "20000 AND 1=1",
        "false": "20000 AND 1=2",
        "hidden": "20000 OR 1=1 -- ",
        "union": "0 UNION SELECT id,username,password_hash,email,role,1,1,role,1,1 FROM accounts",
    }
    forgeries_taken = {
        "alg none",
        "alg None",
        "no signature",
        "short signature",
        "signature of the right length",
        "signature too long",
        "empty key",
        "guessable key",
        "other algorithm",
        "RSA by name",
        "key in the header",
        "claims changed",
    }
    owned = [
        ("GET", "/addresses/{addressId}"),
        ("PATCH", "/listings/{listingId}"),
        ("GET", "/orders/{orderId}/invoice"),
    ]
    own_lists = ["/addresses", "/orders"]

    def log_in(self, port: int, username: str, password: str) -> Client:
        body = {"username": username, "password": password}
        data = right(Client(port).send("POST", "/sessions", body), 201)["data"]
        return Client(port, {HEADER: data["session"]["token"]})

    def open_account(self, client: Client, username: str, password: str) -> Answer:
        body = {
            "username": username,
            "password": password,
            "fullName": "Carol Winter",
            "email": "carol@example.org",
        }
        return client.send("POST", "/accounts", body)

    def token(self, client: Client) -> str:
        return client.headers[HEADER]

    def with_token(self, client: Client, token: str) -> Client:
        return client.with_headers(**{HEADER: token})

    def caller_of(self, client: Client) -> str | None:
        answer = client.get("/account")
        return None if answer.status == 401 else right(answer, 200)["data"]["account"]["username"]

    def own_ids(self, client: Client) -> dict[str, Any]:
        bodies = self.samples(client)
        listing = right(client.send("POST", "/listings", bodies["POST /listings"]), 201)
        order = right(client.send("POST", "/orders", bodies["POST /orders"]), 201)
        return {
            "listingId": listing["data"]["listing"]["id"],
            "addressId": order["data"]["order"]["addressId"],
            "orderId": order["data"]["order"]["id"],
        }

    def samples(self, client: Client) -> dict[str, Any]:
        address = {
            "recipient": "Carol Winter",
            "street": "7 Elm Road",
            "city": "York",
            "postcode": "YO1 7HH",
        }
        listing = {
            "title": "Desk lamp",
            "description": "Brass.",
            "category": "furniture",
            "priceCents": 1500,
            "stock": 9000,
        }
        made = client.send("POST", "/addresses", address)
        offered = client.send("POST", "/listings", listing)
        known = made.status == 201
        order = {
            "addressId": made.json["data"]["address"]["id"] if known else str(uuid.uuid4()),
            "listingId": offered.json["data"]["listing"]["id"] if known else str(uuid.uuid4()),
            "quantity": 2,
        }
        return {
            "POST /accounts": {
                "username": new_name(),
                "password": "quiet-Orchard-20",
                "fullName": "Carol Winter",
                "email": "carol@example.org",
            },
            "POST /sessions": {"username": "nobody", "password": "nothing"},
            "POST /listings": listing,
            "PATCH /listings/{listingId}": {"stock": 7, "state": "active"},
            "POST /addresses": address,
            "POST /orders": order,
            "PUT /admin/listings/{listingId}/featured": {"featured": True},
        }

    def excessive_answer(self, port: int) -> Answer:
        client = Client(port)
        first = self.items(client.get("/listings").json)[0]
        return client.get(f"/listings/{first['id']}")

    def items(self, page: Any) -> list[Any]:
        [items] = page["data"].values()
        return items

    def total(self, page: Any) -> int:
        return page["page"]["total"]


MARKET = Market()
