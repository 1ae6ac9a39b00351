"""What a document promises: operations, and whether an answer keeps to it."""

from dataclasses import dataclass
from typing import Any

KINDS = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "null": type(None),
}


@dataclass
class Operation:
    method: str
    path: str
    path_names: list[str]
    query_names: list[str]
    media_type: str | None
    body_schema: Any
    answers: dict[str, Any]
    private: bool

    @property
    def key(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def administrative(self) -> bool:
        return "/admin/" in self.path


class Document:
    """An OpenAPI 3 or Swagger 2.0 document."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document

    def follow(self, part: Any) -> Any:
        while isinstance(part, dict) and "$ref" in part:
            found: Any = self.document
            for step in part["$ref"].removeprefix("#/").split("/"):
                found = found[step]
            part = found
        return part

    def operations(self) -> list[Operation]:
        base = self.document.get("basePath", "")
        return [
            self._operation(method.upper(), base + path, entry)
            for path, entries in self.document["paths"].items()
            for method, entry in entries.items()
        ]

    def _operation(self, method: str, path: str, entry: dict[str, Any]) -> Operation:
        parameters = [self.follow(parameter) for parameter in entry.get("parameters", [])]
        names = {
            place: [p["name"] for p in parameters if p["in"] == place]
            for place in ("path", "query", "header", "formData")
        }
        media_type, schema = None, None
        if "requestBody" in entry:
            [(media_type, content)] = self.follow(entry["requestBody"])["content"].items()
            schema = content["schema"]
        elif entry.get("consumes"):
            media_type = entry["consumes"][0]
            schema = next((p["schema"] for p in parameters if p["in"] == "body"), None)
        private = (
            "security" in entry
            or "X-Auth-Token" in names["header"]
            or "Needs a login" in entry.get("description", "")
        )
        return Operation(
            method,
            path,
            names["path"],
            names["query"],
            media_type,
            schema,
            {code: self._answer(a) for code, a in entry["responses"].items()},
            private,
        )

    def _answer(self, answer: Any) -> Any:
        answer = self.follow(answer)
        content = answer.get("content")
        return next(iter(content.values()))["schema"] if content else answer.get("schema")

    def breach(self, schema: Any, value: Any, where: str = "answer") -> str | None:
        """How the value breaks the schema; a property that it does not name is a breach."""
        schema = self.follow(schema)
        if not schema:
            return None
        if "anyOf" in schema:
            breaches = [self.breach(choice, value, where) for choice in schema["anyOf"]]
            return breaches[0] if all(breaches) else None
        schema = self._merged(schema)
        kinds = schema.get("type")
        if kinds and not any(
            _is(value, kind) for kind in ([kinds] if isinstance(kinds, str) else kinds)
        ):
            return f"{where} is not of type {kinds}"
        if "enum" in schema and value not in schema["enum"]:
            return f"{where} is none of {schema['enum']}"
        if isinstance(value, list):
            parts = ((schema.get("items"), item, f"{where}[]") for item in value)
            return next(filter(None, (self.breach(*part) for part in parts)), None)
        if isinstance(value, dict) and "properties" in schema:
            for name in schema.get("required", []):
                if name not in value:
                    return f"{where} has no {name}"
            for name, part in value.items():
                if name not in schema["properties"]:
                    return f"{where} has {name}, which is not documented"
                found = self.breach(schema["properties"][name], part, f"{where}.{name}")
                if found:
                    return found
        return None

    def _merged(self, schema: dict[str, Any]) -> dict[str, Any]:
        if "allOf" not in schema:
            return schema
        merged: dict[str, Any] = {"type": "object", "properties": {}, "required": []}
        for part in map(self.follow, schema["allOf"]):
            merged["properties"].update(part.get("properties", {}))
            merged["required"] += part.get("required", [])
        return merged


def _is(value: Any, kind: str) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    return isinstance(value, KINDS[kind])
