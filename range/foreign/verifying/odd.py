"""Sends the odd inputs to each operation.

What holds of any answer is judged in judging.py; here are the refusals that an
operation owes: to strangers, customers, forged tokens, other media types.
"""

import json
from http.client import HTTPException
from urllib.parse import quote

from .document import Document, Operation
from .forging import claims_of, odd_tokens, same_subject
from .judging import Findings, Judge
from .oddities import CHARSETS, HEADERS, MEDIA_TYPES, METHODS, PATHS, TEXTS, odd_bodies
from .services import Service
from .web import Answer, Client

FORM = "application/x-www-form-urlencoded"


class Tester:
    def __init__(self, service: Service, port: int, document: Document, hardened: bool) -> None:
        self.service, self.port, self.document, self.hardened = service, port, document, hardened
        self.judge = Judge(service, document, hardened)
        self.found = self.judge.found

    def run(self) -> Findings:
        for operation in self.document.operations():
            self._operation(operation)
        self._elsewhere()
        return self.found

    def _operation(self, operation: Operation) -> None:
        # Logged in anew for each operation: one of them ends the session.
        who = "ops" if operation.administrative else "alice"
        caller, stranger = self.service.login(self.port, who), Client(self.port)
        self.ids = self.service.own_ids(caller)
        sample = self.service.samples(caller).get(operation.key)
        path = self.service.filled(operation.path, self.ids)
        self._paths(operation, caller, stranger, sample)
        self._queries(operation, caller, stranger, path)
        if operation.media_type == FORM:
            sample = {"username": "alice", "password": "x"}
            self._forms(operation, caller, path)
        if sample is not None:
            self._bodies(operation, caller, stranger, path, sample)
        self._headers(operation, caller, path, sample)
        if operation.private:
            self._tokens(operation, caller, path, sample)
        if caller.cookies and operation.private and operation.method != "GET":
            # A browser sends cookies by itself, so they alone must not do.
            forged = Client(self.port, {}, dict(caller.cookies))
            answer = self._send(
                operation, forged, operation.method, path, self._body(operation, sample)
            )
            if answer and answer.status != 403:
                self._fault(operation, "a change without the CSRF token is let in", answer)
        if operation.administrative:
            customer = self.service.login(self.port, "bob")
            answer = self._send(
                operation, customer, operation.method, path, self._body(operation, sample)
            )
            open_here = not self.hardened and operation.key == self.service.open_to_customers
            if answer and answer.status != 403 and not open_here:
                self._fault(operation, "a customer is let in", answer)

    def _paths(self, operation: Operation, caller: Client, stranger: Client, sample) -> None:
        for name in operation.path_names:
            for text in TEXTS:
                path = self.service.filled(operation.path.replace("{" + name + "}", text), self.ids)
                for who in (caller, stranger):
                    self._send(
                        operation,
                        who,
                        operation.method,
                        path,
                        self._body(operation, sample),
                        loose=True,
                    )

    def _queries(self, operation: Operation, caller: Client, stranger: Client, path: str) -> None:
        for name in [*operation.query_names, "odd"]:
            texts = [f"{name}={text}" for text in TEXTS]
            texts += [
                name,
                f"{name}=1&{name}=2",
                f"{name}[]=1",
                f"{name}[a]=1",
                f"{name}=1;{name}=2",
            ]
            for text in texts:
                if operation.method != "GET":
                    continue
                self._send(operation, caller, "GET", f"{path}?{text}")
                self._send(operation, stranger, "GET", f"{path}?{text}")

    def _bodies(
        self, operation: Operation, caller: Client, stranger: Client, path: str, sample
    ) -> None:
        media_type = operation.media_type
        for body in odd_bodies(sample):
            self._send(operation, caller, operation.method, path, (body, media_type))
        for body in odd_bodies({})[:50]:
            self._send(operation, stranger, operation.method, path, (body, media_type))
        right = self._body(operation, sample)[0]
        for other in MEDIA_TYPES:
            if other == media_type:
                continue
            answer = self._send(operation, caller, operation.method, path, (right, other))
            if answer and answer.status != 415:
                self._fault(operation, f"takes {other!r}", answer)
        answer = self._send(operation, caller, operation.method, path, (right, None))
        if answer and answer.status != 415:
            self._fault(operation, "takes a body without media type", answer)
        for charset in CHARSETS:
            self._send(
                operation,
                caller,
                operation.method,
                path,
                (right, f"{media_type}; charset={charset}"),
            )

    def _forms(self, operation: Operation, caller: Client, path: str) -> None:
        for name in ("username", "password"):
            other = "password" if name == "username" else "username"
            for text in TEXTS:
                body = f"{name}={text}&{other}=alice".encode()
                self._send(operation, caller, operation.method, path, (body, FORM))
            self._send(
                operation, caller, operation.method, path, (f"{name}=\xff".encode("latin-1"), FORM)
            )

    def _headers(self, operation: Operation, caller: Client, path: str, sample) -> None:
        if operation.method == "DELETE":
            return
        for name, texts in HEADERS.items():
            for text in texts:
                self._send(
                    operation,
                    caller,
                    operation.method,
                    path,
                    self._body(operation, sample),
                    headers={name: text},
                    loose=True,
                )

    def _tokens(self, operation: Operation, caller: Client, path: str, sample) -> None:
        open_here = not self.hardened and operation.key == self.service.open_to_strangers
        tokens = odd_tokens(claims_of(self.service.token(caller)))
        if not self.hardened:
            # There, tokens with odd claims beside a right subject may pass: that is the defect.
            tokens = [
                token for token in tokens if not same_subject(token, self.service.token(caller))
            ]
        for token in tokens:
            other = self.service.with_token(caller, token)
            answer = self._send(
                operation, other, operation.method, path, self._body(operation, sample)
            )
            if answer and answer.status != 401 and not open_here and len(token) < 9000:
                self._fault(operation, f"takes the token {token[:60]!r}", answer)

    def _elsewhere(self) -> None:
        client = Client(self.port)
        known = {self.service.filled(op.path, self.ids) for op in self.document.operations()}
        for path in [*PATHS, *known, self.service.document]:
            for method in METHODS:
                for body in (None, (b"{", "application/json")):
                    self._send(None, client, method, path, body)
        for operation in self.document.operations():
            path = self.service.filled(operation.path, self.ids)
            answer = self._send(None, client, "PROPFIND", path)
            if answer and answer.status != 405:
                self._fault(operation, "an unknown method is not refused with 405", answer)

    def _body(self, operation: Operation, sample) -> tuple[bytes, str] | None:
        if operation.media_type == FORM:
            return b"username=alice&password=x", FORM
        return None if sample is None else (json.dumps(sample).encode(), "application/json")

    def _send(
        self, operation, who: Client, method: str, path: str, body=None, headers=None, loose=False
    ):
        path = quote(path, safe="/%?&=;:@,()'[]{}$!*+~\\") if not path.isascii() else path
        self.found.sent += 1
        data, media_type = body or (None, None)
        # A copy, so that no answer changes the caller.
        client = Client(self.port, dict(who.headers), dict(who.cookies))
        if method == "HEAD":
            data = None
        try:
            answer = client.raw(method, path, data, media_type, headers)
        except (HTTPException, OSError) as error:
            if data is None or len(data) < 65536:
                self.found.faults.append(f"{method} {path[:80]}: no answer ({error!r})")
            return None
        self.found.statuses[answer.status] += 1
        self.judge.judge(
            operation, who, answer, f"{method} {path[:120]} {(data or b'')[:80]!r}", loose
        )
        return answer

    def _fault(self, operation: Operation, text: str, answer: Answer) -> None:
        self.found.faults.append(f"{operation.key}: {text}: {answer.status} {answer.body[:160]!r}")
