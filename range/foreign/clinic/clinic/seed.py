"""What the clinic knows when it opens."""

import json
from pathlib import Path

from .passwords import hash_password
from .store import Store
from .times import now

ACCOUNTS = Path(__file__).resolve().parent.parent / "accounts.json"

PEOPLE = {
    "alice": (
        "Alice Marlow",
        "alice.marlow@example.org",
        "+44 20 7946 0101",
        "Pays late, ask for a deposit.",
    ),
    "bob": ("Bob Tanner", "bob.tanner@example.org", None, "Moved house, letters came back."),
    "ops": (
        "Olive Parsons",
        "olive.parsons@example.org",
        "+44 20 7946 0100",
        "Runs the front desk.",
    ),
}

#: name, specialty, room, direct phone, private mail, retired
DOCTORS = [
    ("Dr Ines Okafor", "cardiology", "2.14", "+44 20 7946 0201", "ines.okafor@home.example", 0),
    (
        "Dr Paul Lindqvist",
        "dermatology",
        "1.03",
        "+44 20 7946 0202",
        "paul.lindqvist@home.example",
        0,
    ),
    ("Dr Mara Seidel", "paediatrics", "0.22", "+44 20 7946 0203", "mara.seidel@home.example", 0),
    ("Dr Theo Ruiz", "general", "0.07", "+44 20 7946 0204", "theo.ruiz@home.example", 0),
    ("Dr Nadia Haddad", "cardiology", "2.15", "+44 20 7946 0205", "nadia.haddad@home.example", 0),
    ("Dr Walter Finch", "general", "0.08", "+44 20 7946 0206", "walter.finch@home.example", 1),
]

#: username, doctor, day, slot, reason
APPOINTMENTS = [
    ("alice", 1, "2031-03-04", "09:30", "Palpitations at night, follow-up"),
    ("alice", 2, "2031-03-11", "14:00", "Rash on the left arm"),
    ("bob", 4, "2031-03-05", "10:00", "Result of the blood test"),
]


def seed(store: Store) -> None:
    ids: dict[str, int] = {}
    for account in json.loads(ACCOUNTS.read_text("utf-8")).values():
        name, email, phone, note = PEOPLE[account["username"]]
        ids[account["username"]] = store.insert(
            "INSERT INTO accounts (username, password_hash, role, full_name, email, phone,"
            " internal_note, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                account["username"],
                hash_password(account["password"]),
                account["role"],
                name,
                email,
                phone,
                note,
                now(),
            ),
        )
    for doctor in DOCTORS:
        store.insert(
            "INSERT INTO doctors (name, specialty, room, direct_phone, private_email, retired)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            doctor,
        )
    for username, doctor_id, day, slot, reason in APPOINTMENTS:
        store.insert(
            "INSERT INTO appointments (account_id, doctor_id, day, slot, reason, created_at)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (ids[username], doctor_id, day, slot, reason, now()),
        )
