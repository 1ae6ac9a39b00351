"""The six defects, each shown by plain requests.

Each function gives whether the defect is there. What is neither the defect nor
its right counterpart raises: then a service does something a third way.
"""

import json
from typing import Any
from urllib.parse import quote

from .document import Document
from .forging import claims_of, expired, forgeries, signed, token_of
from .services import Service
from .web import NOTHING, Answer, Client


def all_defects(service: Service, port: int, document: Document) -> dict[str, bool]:
    return {
        "missing authentication": missing_authentication(service, port, document),
        "object level, read": object_level(service, port),
        "function level": function_level(service, port, document),
        "SQL injection": sql_injection(service, port),
        "forged token": forged_token(service, port),
        "excessive data": excessive_data(service, port, document),
    }


def expect(right: bool, what: str, answer: Answer | None = None) -> None:
    if not right:
        seen = "" if answer is None else f": {answer.status} {answer.body[:300]!r}"
        raise AssertionError(what + seen)


def one_of(answer: Answer, wrong: int, right: int, what: str) -> bool:
    """True for the status of the defect, False for the right one."""
    expect(answer.status in (wrong, right), f"{what} gave neither {wrong} nor {right}", answer)
    return answer.status == wrong


def missing_authentication(service: Service, port: int, document: Document) -> bool:
    alice, stranger = service.login(port, "alice"), Client(port)
    ids = service.own_ids(alice)
    there = False
    for operation in document.operations():
        path = service.filled(operation.path, ids)
        if not operation.private:
            continue
        answer = stranger.send(operation.method, path)
        if operation.key != service.open_to_strangers:
            expect(answer.status == 401, f"a stranger at {operation.key}", answer)
            continue
        there = one_of(answer, 200, 401, "a stranger at the open operation")
        if there:
            expect(service.private_mark in answer.body, "nothing private is shown", answer)
        expect(alice.get(path).status == 200, "a member is refused")
    return there


def object_level(service: Service, port: int) -> bool:
    alice, bob = service.login(port, "alice"), service.login(port, "bob")
    newcomer = service.register(port)
    ids = service.own_ids(alice)
    there = set()
    for caller in (bob, newcomer):
        for method, path in service.owned:
            body = service.samples(caller).get(f"{method} {path}", NOTHING)
            filled = service.filled(path, ids)
            answer = caller.send(method, filled, body)
            if f"{method} {path}" != service.readable_by_others:
                expect(answer.status == 404, f"another account at {method} {path}", answer)
                continue
            there.add(one_of(answer, 200, 404, "another account at the defect"))
    for method, path in service.owned:
        if method == "GET":
            answer = alice.get(service.filled(path, ids))
            expect(answer.status == 200, "the owner is refused", answer)
    for path in service.own_lists:
        mine, theirs = alice.get(path).json, bob.get(path).json
        ids_of = {json.dumps(item["id"]) for item in service.items(mine)}
        shared = ids_of & {json.dumps(item["id"]) for item in service.items(theirs)}
        expect(bool(ids_of) and not shared, f"{path} is not filtered by its owner")
    expect(len(there) == 1, "two accounts were treated differently")
    return there.pop()


def function_level(service: Service, port: int, document: Document) -> bool:
    alice, ops = service.login(port, "alice"), service.login(port, "ops")
    ids = service.own_ids(alice)
    there = False
    for operation in document.operations():
        if not operation.administrative:
            continue
        path = service.filled(operation.path, ids)
        body = service.samples(alice).get(operation.key, NOTHING)
        answer = alice.send(operation.method, path, body)
        if operation.key == service.open_to_customers:
            there = one_of(answer, answer.status if answer.status < 300 else 200, 403, "a customer")
        else:
            expect(answer.status == 403, f"a customer at {operation.key}", answer)
        answer = ops.send(operation.method, path, body)
        expect(answer.status in (200, 201, 204), f"the administrator at {operation.key}", answer)
    return there


def sql_injection(service: Service, port: int) -> bool:
    client = Client(port)
    path, _, name = service.injectable

    def total(text: str, extra: str = "") -> int | None:
        answer = client.get(f"{path}?{name}={quote(text, safe='')}{extra}")
        return service.total(answer.json) if answer.status == 200 else None

    plain = total(service.injection["plain"])
    expect(bool(plain), "the search finds nothing")
    true, false = total(service.injection["true"]), total(service.injection["false"])
    hidden, union = (
        total(service.injection["hidden"]),
        client.get(f"{path}?{name}={quote(service.injection['union'], safe='')}"),
    )
    leaked = b"$argon2" in union.body or b"$2b$" in union.body or b"scrypt:" in union.body
    if true == plain and false == 0:
        expect(hidden is not None and hidden > plain, "hidden rows did not come")
        expect(leaked, "UNION did not bring a hash", union)
        return True
    refused = (None, 0)
    expect(true in refused and false in refused and hidden in refused, "a third way of searching")
    expect(not leaked, "a hash came out", union)
    return False


def forged_token(service: Service, port: int) -> bool:
    alice, bob = service.login(port, "alice"), service.login(port, "bob")
    mine, his = service.token(alice), claims_of(service.token(bob))
    his = {**claims_of(mine), "sub": his["sub"]}
    expect(service.caller_of(alice) == "alice", "the true token is refused")
    taken = {
        way
        for way, token in forgeries(his).items()
        if service.caller_of(service.with_token(alice, token)) == "bob"
    }
    swapped = ".".join(
        [*mine.split(".")[:1], token_of({}, his, b"").split(".")[1], mine.split(".")[2]]
    )
    if service.caller_of(service.with_token(alice, swapped)) == "bob":
        taken.add("claims changed")
    for way, token in {**forgeries(expired(his)), "known key": signed(expired(his), b"x")}.items():
        expect(
            service.caller_of(service.with_token(alice, token)) is None, f"expired, {way}, is taken"
        )
    if taken:
        expect(taken == service.forgeries_taken, f"takes {sorted(taken)}")
    return bool(taken)


def excessive_data(service: Service, port: int, document: Document) -> bool:
    answer = service.excessive_answer(port)
    schema = next(
        op.answers[str(answer.status)]
        for op in document.operations()
        if op.key == service.excessive
    )
    breach = document.breach(schema, answer.json)
    names = set(_names(answer.json))
    both = bool(names & {"password_hash", "passwordHash"}) and bool(
        names & {"internal_note", "internalNote", "staff_note"}
    )
    expect(
        both == (breach is not None), f"the answer breaks the document otherwise: {breach}", answer
    )
    return both


def _names(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [*value, *(name for part in value.values() for name in _names(part))]
    if isinstance(value, list):
        return [name for part in value for name in _names(part)]
    return []
