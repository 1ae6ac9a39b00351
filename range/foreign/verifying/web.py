"""A plain HTTP client that sends what it is told, however odd."""

import http.client
import json
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode

NOTHING = object()


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def media_type(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


@dataclass
class Client:
    """One caller: `headers` go with each request, cookies are kept."""

    port: int
    headers: dict[str, str] = field(default_factory=dict)
    cookies: dict[str, str] = field(default_factory=dict)

    def get(self, path: str) -> Answer:
        return self.send("GET", path)

    def send(self, method: str, path: str, body: Any = NOTHING, form: Any = NOTHING) -> Answer:
        """With a JSON body, a form, or none."""
        if body is not NOTHING:
            return self.raw(method, path, json.dumps(body).encode(), "application/json")
        if form is not NOTHING:
            text = urlencode(form).encode()
            return self.raw(method, path, text, "application/x-www-form-urlencoded")
        return self.raw(method, path)

    def raw(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        media_type: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        sent = {**self.headers, **(headers or {})}
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if media_type is not None:
            sent["Content-Type"] = media_type
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request(method, path, body, sent)
            response = connection.getresponse()
            self._keep_cookies(response)
            lowered = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, lowered, response.read())
        finally:
            connection.close()

    def _keep_cookies(self, response: http.client.HTTPResponse) -> None:
        for line in response.headers.get_all("Set-Cookie") or []:
            for name, morsel in SimpleCookie(line).items():
                self.cookies[name] = morsel.value

    def with_headers(self, **headers: str) -> "Client":
        return Client(self.port, {**self.headers, **headers}, dict(self.cookies))
