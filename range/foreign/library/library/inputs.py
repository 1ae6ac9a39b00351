"""Reading bodies and query parameters, and holding them against rules."""

import json
import re
from dataclasses import dataclass
from typing import Any

from flask import request

from .problems import Problem

#: One line of text without control characters.
LINE = r"[^\x00-\x1f\x7f]+"


@dataclass(frozen=True)
class Text:
    most: int
    least: int = 1
    pattern: str = LINE

    def check(self, value: Any) -> str:
        if not isinstance(value, str):
            raise ValueError("is not a string")
        if not self.least <= len(value) <= self.most:
            raise ValueError(f"has not {self.least} to {self.most} characters")
        if not re.fullmatch(self.pattern, value):
            raise ValueError("holds characters that are not allowed here")
        value.encode("utf-8")  # half a surrogate pair is a ValueError too
        return value


@dataclass(frozen=True)
class Whole:
    least: int
    most: int

    def check(self, value: Any) -> int:
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int):
            raise ValueError("is not a whole number")
        if not self.least <= value <= self.most:
            raise ValueError(f"is not from {self.least} to {self.most}")
        return value


@dataclass(frozen=True)
class Choice:
    choices: tuple[str, ...]

    def check(self, value: Any) -> str:
        if not isinstance(value, str) or value not in self.choices:
            raise ValueError(f"is none of {', '.join(self.choices)}")
        return value


@dataclass(frozen=True)
class Several:
    item: Text | Whole | Choice
    most: int

    def check(self, value: Any) -> list[Any]:
        if not isinstance(value, list) or len(value) > self.most:
            raise ValueError(f"is not an array of at most {self.most}")
        return [self.item.check(item) for item in value]


def json_body(**rules: Any) -> dict[str, Any]:
    """The JSON object of the body: exactly the fields of the rules."""
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    if request.mimetype != "application/json" or charset != "utf-8":
        raise Problem(415, "The body must be application/json in UTF-8")
    try:
        body = json.loads(request.get_data().decode("utf-8"), parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise Problem(400, "The body is not JSON") from None
    if not isinstance(body, dict):
        raise Problem(400, "The body is not a JSON object")
    errors = {}
    if any(name not in rules for name in body):
        errors["body"] = f"may hold only {', '.join(rules)}"
    values = {}
    for name, rule in rules.items():
        try:
            values[name] = rule.check(body[name])
        except KeyError:
            errors[name] = "is missing"
        except UnicodeError:
            errors[name] = "is not Unicode text"
        except ValueError as error:
            errors[name] = str(error)
    if errors:
        raise Problem(400, "The body is not valid", errors)
    return values


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def form_field(name: str, most: int) -> str:
    if request.mimetype != "application/x-www-form-urlencoded":
        raise Problem(415, "The body must be application/x-www-form-urlencoded")
    value = request.form.get(name)
    if value is None or len(value) > most:
        message = f"is missing or has more than {most} characters"
        raise Problem(400, "The form is not valid", {name: message})
    return value


def query_text(name: str, most: int) -> str | None:
    value = request.args.get(name)
    if value is not None and len(value) > most:
        message = f"has more than {most} characters"
        raise Problem(400, "The query is not valid", {name: message})
    return value


def query_number(name: str, least: int, most: int, otherwise: int) -> int:
    text = request.args.get(name)
    if text is None:
        return otherwise
    value = int(text) if re.fullmatch(r"[0-9]{1,7}", text) else -1
    if not least <= value <= most:
        message = f"is not a whole number from {least} to {most}"
        raise Problem(400, "The query is not valid", {name: message})
    return value
