"""The clinic: a bearer token."""

from typing import Any

from .service import Service, new_name, right
from .web import Answer, Client

API = "/api/v1"
APPOINTMENT = f"{API}/appointments/{{appointment_id}}"


class Clinic(Service):
    name = "clinic"
    document = "/openapi.json"
    open_to_strangers = f"GET {API}/doctors/{{doctor_id}}/contact"
    private_mark = b"ines.okafor@home.example"
    readable_by_others = f"GET {APPOINTMENT}"
    open_to_customers = f"GET {API}/admin/accounts"
    excessive = f"GET {API}/account"
    injectable = (f"{API}/doctors", f"GET {API}/doctors", "q")
    injection = {
        "plain": "dr",
        "true": "dr%' AND 1=1 -- ",
        "false": "dr%' AND 1=2 -- ",
        "hidden": "x' OR retired=1 OR 1=1 -- ",
        "union": "x' UNION SELECT id,password_hash,username,role,1,1,1 FROM accounts -- ",
    }
    forgeries_taken = {"alg none", "alg None"}
    owned = [("GET", APPOINTMENT), ("PUT", APPOINTMENT), ("DELETE", APPOINTMENT)]
    own_lists = [f"{API}/appointments"]

    def log_in(self, port: int, username: str, password: str) -> Client:
        body = {"username": username, "password": password}
        token = right(Client(port).send("POST", f"{API}/auth/token", body), 200)["access_token"]
        return Client(port, {"Authorization": f"Bearer {token}"})

    def open_account(self, client: Client, username: str, password: str) -> Answer:
        body = {
            "username": username,
            "password": password,
            "full_name": "Carol Winter",
            "email": "carol@example.org",
        }
        return client.send("POST", f"{API}/auth/register", body)

    def token(self, client: Client) -> str:
        return client.headers["Authorization"].removeprefix("Bearer ")

    def with_token(self, client: Client, token: str) -> Client:
        return client.with_headers(Authorization=f"Bearer {token}")

    def caller_of(self, client: Client) -> str | None:
        answer = client.get(f"{API}/account")
        return None if answer.status == 401 else right(answer, 200)["username"]

    def own_ids(self, client: Client) -> dict[str, Any]:
        body = self.samples(client)[f"POST {API}/appointments"]
        made = right(client.send("POST", f"{API}/appointments", body), 201)
        return {"appointment_id": made["id"], "doctor_id": 1, "account_id": 1}

    def samples(self, client: Client) -> dict[str, Any]:
        appointment = {"doctor_id": 1, "day": "2031-05-06", "slot": "10:00", "reason": "A cough"}
        person = {"full_name": "Alice Marlow", "email": "alice.marlow@example.org"}
        return {
            f"POST {API}/auth/register": {
                **person,
                "username": new_name(),
                "password": "quiet-Orchard-20",
                "phone": None,
            },
            f"POST {API}/auth/token": {"username": "nobody", "password": "nothing"},
            f"PUT {API}/account": {**person, "phone": "+44 20 7946 0999"},
            f"POST {API}/appointments": appointment,
            f"PUT {APPOINTMENT}": appointment,
            f"POST {API}/admin/doctors": {
                "name": "Dr Ada Brook",
                "specialty": "general",
                "room": "1.01",
                "direct_phone": "+44 20 7946 0300",
                "private_email": "ada@home.example",
            },
        }

    def excessive_answer(self, port: int) -> Answer:
        return self.login(port, "alice").get(f"{API}/account")

    def items(self, page: Any) -> list[Any]:
        return page["items"]

    def total(self, page: Any) -> int:
        return page["total"]


CLINIC = Clinic()
