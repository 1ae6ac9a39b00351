"""Sends the odd inputs to each operation and judges each answer.

An answer must not be a server error, must be documented for its operation, must
keep to the documented shape, and must refuse strangers, customers and other
media types as the document says.
"""

import json
from collections import Counter
from dataclasses import dataclass, field
from http.client import HTTPException
from urllib.parse import quote

from .document import Document, Operation
from .forging import claims_of, odd_tokens
from .oddities import CHARSETS, HEADERS, MEDIA_TYPES, METHODS, PATHS, TEXTS, odd_bodies
from .services import Service
from .web import Answer, Client

#: Codes that need not be documented: of HTTP itself, for odd headers and paths.
OF_THE_FRAMEWORK = {304, 400, 404, 405, 414, 417, 431}
#: Given by the server before the application hears of the request.
OF_THE_SERVER = {400, 417, 431}
FORM = "application/x-www-form-urlencoded"


@dataclass
class Findings:
    sent: int = 0
    statuses: Counter = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)


class Tester:
    def __init__(self, service: Service, port: int, document: Document, hardened: bool) -> None:
        self.service, self.port, self.document, self.hardened = service, port, document, hardened
        self.found = Findings()

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
        if operation.administrative:
            customer = self.service.login(self.port, "bob")
            answer = self._send(operation, customer, operation.method, path, self._body(operation, sample))
            open_here = not self.hardened and operation.key == self.service.open_to_customers
            if answer and answer.status != 403 and not open_here:
                self._fault(operation, "a customer is let in", answer)

    def _paths(self, operation: Operation, caller: Client, stranger: Client, sample) -> None:
        for name in operation.path_names:
            for text in TEXTS:
                path = self.service.filled(operation.path.replace("{" + name + "}", text), self.ids)
                for who in (caller, stranger):
                    self._send(operation, who, operation.method, path, self._body(operation, sample), loose=True)

    def _queries(self, operation: Operation, caller: Client, stranger: Client, path: str) -> None:
        for name in [*operation.query_names, "odd"]:
            texts = [f"{name}={text}" for text in TEXTS]
            texts += [name, f"{name}=1&{name}=2", f"{name}[]=1", f"{name}[a]=1", f"{name}=1;{name}=2"]
            for text in texts:
                if operation.method != "GET":
                    continue
                self._send(operation, caller, "GET", f"{path}?{text}")
                self._send(operation, stranger, "GET", f"{path}?{text}")

    def _bodies(self, operation: Operation, caller: Client, stranger: Client, path: str, sample) -> None:
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
            self._send(operation, caller, operation.method, path, (right, f"{media_type}; charset={charset}"))

    def _forms(self, operation: Operation, caller: Client, path: str) -> None:
        for name in ("username", "password"):
            other = "password" if name == "username" else "username"
            for text in TEXTS:
                body = f"{name}={text}&{other}=alice".encode()
                self._send(operation, caller, operation.method, path, (body, FORM))
            self._send(operation, caller, operation.method, path, (f"{name}=\xff".encode("latin-1"), FORM))

    def _headers(self, operation: Operation, caller: Client, path: str, sample) -> None:
        if operation.method == "DELETE":
            return
        for name, texts in HEADERS.items():
            for text in texts:
                self._send(operation, caller, operation.method, path, self._body(operation, sample),
                           headers={name: text}, loose=True)

    def _tokens(self, operation: Operation, caller: Client, path: str, sample) -> None:
        open_here = not self.hardened and operation.key == self.service.open_to_strangers
        tokens = odd_tokens(claims_of(self.service.token(caller)))
        if not self.hardened:
            # There, tokens with odd claims beside a right subject may pass: that is the defect.
            tokens = [token for token in tokens if not _names_the_caller(token, caller, self.service)]
        for token in tokens:
            other = self.service.with_token(caller, token)
            answer = self._send(operation, other, operation.method, path, self._body(operation, sample))
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

    def _send(self, operation, who: Client, method: str, path: str, body=None, headers=None, loose=False):
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
        self._judge(operation, who, answer, f"{method} {path[:120]} {(data or b'')[:80]!r}", loose)
        return answer

    def _judge(self, operation, who: Client, answer: Answer, what: str, loose: bool) -> None:
        def fault(text: str) -> None:
            self.found.faults.append(f"{what}: {text}: {answer.status} {answer.body[:160]!r}")

        if answer.status >= 500:
            return fault("a server error")
        if b"Traceback" in answer.body or b"node_modules" in answer.body:
            return fault("a stack trace")
        if answer.headers.get("x-content-type-options") != "nosniff" and answer.status not in OF_THE_SERVER:
            fault("no nosniff")
        if operation is None:
            return None
        stranger = not who.headers and not who.cookies
        if stranger and operation.private and answer.status < 400:
            if self.hardened or operation.key != self.service.open_to_strangers:
                fault("a stranger is let in")
        if stranger and operation.private and not loose and answer.status not in (401, 413):
            if self.hardened or operation.key != self.service.open_to_strangers:
                fault("a stranger is not told 401")
        schema = operation.answers.get(str(answer.status))
        if str(answer.status) not in operation.answers:
            if not (loose and answer.status in OF_THE_FRAMEWORK):
                fault("not documented")
        elif schema is not None:
            self._judge_shape(operation, answer, schema, fault)
        return None

    def _judge_shape(self, operation: Operation, answer: Answer, schema, fault) -> None:
        if answer.media_type not in ("application/json", "application/problem+json"):
            return fault("not JSON")
        breach = self.document.breach(schema, answer.json)
        known = not self.hardened and operation.key == self.service.excessive and answer.status < 300
        if breach and not known:
            fault(breach)
        return None

    def _fault(self, operation: Operation, text: str, answer: Answer) -> None:
        self.found.faults.append(f"{operation.key}: {text}: {answer.status} {answer.body[:160]!r}")


def _names_the_caller(token: str, caller: Client, service: Service) -> bool:
    try:
        return claims_of(token)["sub"] == claims_of(service.token(caller))["sub"]
    except (ValueError, KeyError, TypeError, IndexError, RecursionError):
        return False
