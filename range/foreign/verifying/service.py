"""What verify.py must know of a service."""

import secrets
from abc import ABC, abstractmethod
from typing import Any

from .running import accounts_of
from .web import Answer, Client


class Service(ABC):
    name: str
    document: str
    #: Keys (method and path) of the operations with defects.
    open_to_strangers: str
    readable_by_others: str
    open_to_customers: str
    excessive: str
    #: Path, key and query parameter of the search.
    injectable: tuple[str, str, str]
    injection: dict[str, str]
    #: Ways of forging (see forging.py) that the service takes.
    forgeries_taken: set[str]
    #: Something that only the open operation shows.
    private_mark: bytes
    #: Operations on things that have an owner; lists of such things.
    owned: list[tuple[str, str]]
    own_lists: list[str]

    @abstractmethod
    def log_in(self, port: int, username: str, password: str) -> Client: ...

    @abstractmethod
    def open_account(self, client: Client, username: str, password: str) -> Answer: ...

    @abstractmethod
    def token(self, client: Client) -> str: ...

    @abstractmethod
    def with_token(self, client: Client, token: str) -> Client: ...

    @abstractmethod
    def caller_of(self, client: Client) -> str | None:
        """The username for which the service takes the caller; None for a stranger."""

    @abstractmethod
    def own_ids(self, client: Client) -> dict[str, Any]:
        """Values for the parameters of paths: things just made by the caller."""

    @abstractmethod
    def samples(self, client: Client) -> dict[str, Any]:
        """A right JSON body for each operation that takes one."""

    @abstractmethod
    def excessive_answer(self, port: int) -> Answer: ...

    @abstractmethod
    def items(self, page: Any) -> list[Any]: ...

    @abstractmethod
    def total(self, page: Any) -> int: ...

    def login(self, port: int, who: str) -> Client:
        account = accounts_of(self.name)[who]
        return self.log_in(port, account["username"], account["password"])

    def register(self, port: int) -> Client:
        """A new account, logged in."""
        username, password = new_name(), "quiet-Orchard-20"
        answer = self.open_account(Client(port), username, password)
        assert answer.status == 201, answer
        return self.log_in(port, username, password)

    def filled(self, path: str, ids: dict[str, Any]) -> str:
        for name, value in ids.items():
            path = path.replace("{" + name + "}", str(value))
        return path


def new_name() -> str:
    return "n" + secrets.token_hex(8)


def right(answer: Answer, status: int) -> Any:
    """The JSON of an answer that must have this status."""
    assert answer.status == status, answer
    return answer.json
