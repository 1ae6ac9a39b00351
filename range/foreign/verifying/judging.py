"""Judges answers to odd inputs.

An answer must not be a server error, must be documented for its operation, must
keep to the documented shape, and must not let strangers in.
"""

from collections import Counter
from dataclasses import dataclass, field

from .document import Document, Operation
from .services import Service
from .web import Answer, Client

#: Codes that need not be documented: of HTTP itself, for odd headers and paths.
OF_THE_FRAMEWORK = {304, 400, 404, 405, 414, 417, 431}
#: Given by the server before the application hears of the request.
OF_THE_SERVER = {400, 417, 431}


@dataclass
class Findings:
    sent: int = 0
    statuses: Counter = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)


class Judge:
    def __init__(self, service: Service, document: Document, hardened: bool) -> None:
        self.service, self.document, self.hardened = service, document, hardened
        self.found = Findings()

    def judge(self, operation, who: Client, answer: Answer, what: str, loose: bool) -> None:
        def fault(text: str) -> None:
            self.found.faults.append(f"{what}: {text}: {answer.status} {answer.body[:160]!r}")

        if answer.status >= 500:
            return fault("a server error")
        if b"Traceback" in answer.body or b"node_modules" in answer.body:
            return fault("a stack trace")
        if (
            answer.headers.get("x-content-type-options") != "nosniff"
            and answer.status not in OF_THE_SERVER
        ):
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
        known = (
            not self.hardened and operation.key == self.service.excessive and answer.status < 300
        )
        if breach and not known:
            fault(breach)
        return None
