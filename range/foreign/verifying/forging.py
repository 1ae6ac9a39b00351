"""Forged JSON web tokens."""

import base64
import hashlib
import hmac
import json
import os
import time
from typing import Any

HASHES = {"HS256": hashlib.sha256, "HS384": hashlib.sha384, "HS512": hashlib.sha512}


def encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def claims_of(token: str) -> dict[str, Any]:
    return json.loads(decode(token.split(".")[1]))


def token_of(header: Any, claims: Any, signature: bytes) -> str:
    head = header if isinstance(header, bytes) else json.dumps(header).encode()
    body = claims if isinstance(claims, bytes) else json.dumps(claims).encode()
    return f"{encode(head)}.{encode(body)}.{encode(signature)}"


def signed(claims: Any, key: bytes, algorithm: str = "HS256") -> str:
    unsigned = token_of({"alg": algorithm, "typ": "JWT"}, claims, b"")
    mac = hmac.new(key, unsigned[:-1].encode(), HASHES[algorithm]).digest()
    return unsigned + encode(mac)


def forgeries(claims: dict[str, Any]) -> dict[str, str]:
    """Tokens with these claims, by the way in which they are not signed."""
    plain = {"alg": "HS256", "typ": "JWT"}
    return {
        "alg none": token_of({"alg": "none", "typ": "JWT"}, claims, b""),
        "alg None": token_of({"alg": "None", "typ": "JWT"}, claims, b""),
        "no signature": token_of(plain, claims, b""),
        "short signature": token_of(plain, claims, b"short"),
        "signature of the right length": token_of(plain, claims, os.urandom(32)),
        "signature too long": token_of(plain, claims, os.urandom(64)),
        "empty key": signed(claims, b""),
        "guessable key": signed(claims, b"secret"),
        "other algorithm": signed(claims, b"secret", "HS512"),
        "RSA by name": token_of({"alg": "RS256", "typ": "JWT"}, claims, os.urandom(256)),
        "key in the header": token_of(
            {**plain, "jwk": {"kty": "oct", "k": encode(b"k")}, "kid": "../../dev/null"},
            claims,
            os.urandom(31),
        ),
    }


def expired(claims: dict[str, Any]) -> dict[str, Any]:
    past = int(time.time()) - 7200
    return {**claims, "iat": past - 60, "exp": past}


def odd_tokens(claims: dict[str, Any]) -> list[str]:
    """What no service should fall over."""
    plain, mac = {"alg": "HS256"}, os.urandom(32)
    deep = b"[" * 1400
    headers: list[Any] = [
        deep,
        b"null",
        b"[]",
        b"1",
        b"\xff",
        b"",
        {},
        {"alg": None},
        {"alg": []},
        {"alg": {}},
        {"alg": 1},
        {"alg": "none", "crit": ["x"]},
        {"alg": "x" * 500},
        {"alg": "HS256", "b64": False, "crit": ["b64"]},
    ]
    bodies: list[Any] = [deep, b"null", b"[]", b"1", b'"x"', b"\xff", b"", {}]
    odd = [
        None,
        True,
        0,
        -1,
        1.5,
        10**400,
        [],
        {},
        "",
        "\x00",
        "\ud800",
        "x" * 900,
        "0",
        "-1",
        "9" * 30,
        "\u0663",
        "1 OR 1=1",
        "'",
    ]
    bodies += [{**claims, "sub": value} for value in odd]
    bodies += [{**claims, "jti": value} for value in odd[:8]]
    exps = [b"1e400", b"NaN", b'"x"', b"[]", b"null", b"-1", b"9" * 300, b"true"]
    plain_exp = json.dumps(claims["exp"]).encode()
    bodies += [json.dumps(claims).encode().replace(plain_exp, text) for text in exps]
    tokens = [token_of(header, claims, mac) for header in headers]
    for algorithm, signature in (("HS256", mac), ("none", b"")):
        tokens += [token_of({"alg": algorithm}, body, signature) for body in bodies]
    words = [
        "",
        "x",
        "...",
        "a.b.c",
        "a.b.c.d",
        "=.=.=",
        "null",
        "undefined",
        "x" * 9000,
        "\xff\xfe",
        "%00",
    ]
    return words + tokens + [token_of(plain, expired(claims), mac)]


def same_subject(token: str, other: str) -> bool:
    try:
        return claims_of(token)["sub"] == claims_of(other)["sub"]
    except (ValueError, KeyError, TypeError, IndexError, RecursionError):
        return False
