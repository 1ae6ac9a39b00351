"""What the library holds when it opens."""

import json
from pathlib import Path

from werkzeug.security import generate_password_hash

from .store import Store
from .times import now

ACCOUNTS = Path(__file__).resolve().parent.parent / "accounts.json"

PEOPLE = {
    "alice": ("Alice Marlow", "alice.marlow@example.org", "Brings books back wet. Be kind."),
    "bob": ("Bob Tanner", "bob.tanner@example.org", "Said to sell our books, watch the exit."),
    "ops": ("Olive Parsons", "olive.parsons@example.org", "Head of the reading room."),
}

#: title, author, genre, year, withdrawn
BOOKS = [
    ("The Glass Orchard", "Hanna Weiss", "novel", 1987, 0),
    ("A Year Without Rain", "Tomas Oyelaran", "novel", 2004, 0),
    ("Tides and Harbours", "Moira Keane", "travel", 1969, 0),
    ("Bread at Altitude", "Jean Caplet", "cooking", 2015, 0),
    ("The Long Arithmetic", "Priya Raman", "science", 1998, 0),
    ("Small Stars", "Priya Raman", "science", 2011, 0),
    ("Maps of the Marsh", "Edmund Sole", "travel", 1934, 0),
    ("Letters Never Sent", "Anonymous", "archive", 1911, 1),
]

#: member, cents, reason, day
FINES = [
    ("alice", 350, "Tides and Harbours, three weeks late", "2026-01-19"),
    ("alice", 1200, "Small Stars, cover torn", "2026-02-02"),
    ("bob", 90, "Bread at Altitude, four days late", "2026-02-11"),
]


def seed(store: Store) -> None:
    ids: dict[str, int] = {}
    for account in json.loads(ACCOUNTS.read_text("utf-8")).values():
        full_name, email, staff_note = PEOPLE[account["username"]]
        ids[account["username"]] = store.insert(
            "members",
            username=account["username"],
            password_hash=generate_password_hash(account["password"]),
            role=account["role"],
            full_name=full_name,
            email=email,
            staff_note=staff_note,
            joined_at=now(),
        )
    for title, author, genre, year, withdrawn in BOOKS:
        store.insert(
            "books", title=title, author=author, genre=genre, year=year, withdrawn=withdrawn
        )
    for username, amount_cents, reason, incurred_on in FINES:
        store.insert(
            "fines",
            member_id=ids[username],
            amount_cents=amount_cents,
            reason=reason,
            incurred_on=incurred_on,
        )
    for username, title, note, book_ids in [
        ("alice", "For the hospital", "Only short ones, she tires quickly", [2, 4]),
        ("bob", "Presents", "Not a word to Alice", [1]),
    ]:
        store.insert(
            "lists",
            member_id=ids[username],
            title=title,
            note=note,
            book_ids=json.dumps(book_ids),
            made_at=now(),
        )
        store.insert(
            "reservations", member_id=ids[username], book_id=3, branch="harbour", made_at=now()
        )
