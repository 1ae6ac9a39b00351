"""Odd inputs: what a service must refuse, or take, without falling over."""

import json
from typing import Any
from urllib.parse import quote

# fmt: off
VALUES: list[Any] = [
    None, True, False, 0, -1, 1.5, 5.0, 1e308, 10**30, 2**31, 2**53 + 1, 2**63, -(2**63) - 1,
    "", " ", "\x00", "a\x00b", "\x7f", "\ud800", "a\udfffb", "\ud83d\ude00" * 10, "\ufeff", "\u202ex", "e\u0301",
    "a" * 73, "a" * 5000, "\U0001f600" * 1000, "'", "''", '"', "' OR '1'='1", "1; DROP TABLE accounts --",
    "%s%n%x", "%", "_", "\\", "../../../../etc/passwd", "<script>alert(1)</script>", "{{7*7}}", "${7*7}",
    "\r\nX-Odd: 1", "alice\n", "NaN", "-0", "1e5", "0x10", "\u0663", "1_0", "2031-02-30", "0000-00-00",
    "9999-12-31T23:59:59Z", "00000000-0000-0000-0000-000000000000", "urn:uuid:00000000-0000-0000-0000-000000000000",
    [], [[]], {}, {"a": 1}, [None], ["a"], [1] * 2000, [2**63], {"$ne": None}, {"__proto__": {}},
]

BODIES: list[bytes] = [
    b"", b" ", b"{", b"}", b"null", b"[]", b"{}", b'"x"', b"1", b"true", b"NaN", b"-Infinity", b"nul", b"'x'",
    b"\x00" * 10, b"\xff\xfe", b"\xef\xbb\xbf{}", b'{"username":"\xff\xfe"}', b'{"username":"\xc0\xaf"}',
    b'{"username":"\xed\xa0\x80"}', b'{"a":NaN}', b'{"a":1e999}', b'{"a":-1e999}', b'{"a":' + b"1" * 5000 + b"}",
    b"1" * 5000, b"[" * 30000, b"[" * 30000 + b"]" * 30000, b'{"a":' * 10000, b'{"a":' * 9000 + b"1" + b"}" * 9000,
    b'{"__proto__":{"role":"administrator"}}', b'{"constructor":{"prototype":1}}', b'{"a":1,"a":2}',
    b'{"\\ud800":1}', b'{"":1}', b'{"a\\u0000":1}', b'{"a":"\\ud800\\ud800"}', b"{/**/}", b"[1,]", b"{}{}",
    b"<x/>", b"a=b&c=d", b"%00=%ff", b"=" * 100, b"&" * 3000, b"username=%ff&password=%00", b"x" * 70000,
    b'{"a":"' + b"x" * 70000 + b'"}', '{"a":1}'.encode("utf-16"), '{"a":1}'.encode("utf-32"), b"\x1f\x8b\x08\x00",
]

MEDIA_TYPES = [
    "text/plain", "application/xml", "multipart/form-data", "multipart/form-data; boundary=x", "image/png",
    "application/octet-stream", "*/*", "x", "", "application/jsonx", "text/json", "application/json-patch+json",
    "application", "/json", "\xff/\xfe", "application/x-www-form-urlencoded", "application/json",
]

CHARSETS = ["utf-8", "UTF-8", "utf-16", "latin-1", "nonsense", '"', "\xff", ""]

#: As they stand in a URL.
TEXTS: list[str] = [
    "", "0", "1", "-1", "1.5", "1e5", "+1", "%20", "1%20", "%00", "a%00b", "%0d%0aX-Odd:1", "%ff", "%c0%af", "%ed%a0%80",
    "%f0%9f%98%80", "%", "%zz", "%25", "_", "'", "''", "%22", "'%20OR%20'1'='1", "a'b", "1'", "1--", "1;", "1)", "))",
    "1%20OR", "1%20AND%20abs(-9223372036854775808)", "1%20OR%20x'", "null", "NaN", "true", "Infinity",
    "%d9%a3", "1_0", "9" * 20, "9" * 5000, "a" * 150, "a" * 5000, str(2**31), str(2**63), "0x10", "[]", "{}", "a&a",
    "..", "..%2f..%2f", "%2e%2e", "%2f", ";a=b", "00000000-0000-0000-0000-000000000000",
    "ffffffff-ffff-ffff-ffff-ffffffffffff", quote("\u202e\u0301"), quote("${7*7}{{7*7}}"), "(" * 90, "%5c" * 50,
]

HEADERS: dict[str, list[str]] = {
    "Accept": ["", "text/html", "application/xml;q=x", "\xff"],
    "Accept-Encoding": ["gzip", "identity;q=0", "x"],
    "Accept-Language": ["x" * 500],
    "Content-Encoding": ["gzip", "x"],
    "Cookie": ["session=", "session=x; session=y", "=;;;", "session=\xff", 'session="', "csrf=\xff; session=a.b.c"],
    "Host": ["", "x", "a b", "[::1", "evil.example", "\xff", "x:99999999"],
    "If-None-Match": ["*", "x"],
    "If-Modified-Since": ["x"],
    "Range": ["bytes=0-0", "x"],
    "X-CSRF-Token": ["", "\xff"],
    "X-Forwarded-For": ["127.0.0.1", "x"],
    "X-Forwarded-Prefix": ["//evil.example"],
    "X-HTTP-Method-Override": ["DELETE"],
    "X-Original-URL": ["/api/v1/admin/accounts"],
    "Expect": ["x"],
}

METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"]

PATHS = [
    "/", "//", "/%", "/%zz", "/%00", "/%ff", "/..", "/../..", "/.git/config", "/docs", "/redoc", "/admin",
    "/api", "/api/v1", "/api/v1/", "//evil.example/", "/" + "a" * 5000, "/" + "a/" * 2000, "/?" + "a=1&" * 2000,
    "/openapi.json/", "/swagger.json/", "/accounts.json", "/static/x", "/console", "/__proto__", "/a;b=c", "/\\x",
]


# fmt: on
def odd_bodies(sample: dict[str, Any]) -> list[bytes]:
    """The list, and the right body with each field odd, missing, or one too many."""
    bodies = [*BODIES, json.dumps({**sample, "role": "administrator"}).encode()]
    bodies.append(json.dumps({**sample, "\ud800": 1}).encode())
    bodies.append(json.dumps(sample).encode("utf-16"))
    bodies.append(b"\xef\xbb\xbf" + json.dumps(sample).encode())
    for name in sample:
        bodies.append(
            json.dumps({key: part for key, part in sample.items() if key != name}).encode()
        )
        bodies += [json.dumps({**sample, name: value}).encode() for value in VALUES]
        raw = json.dumps({**sample, name: "@@"}).encode()
        for text in (b"\xff", b"\xed\xa0\x80", b"\x00", b"\n", b"\\x", b"\\ud800"):
            bodies.append(raw.replace(b"@@", text))
        for text in (
            b"1e999",
            b"NaN",
            b"1" * 5000,
            b"[" * 5000 + b"]" * 5000,
            b"-0",
            b"1E2",
            b"01",
        ):
            bodies.append(raw.replace(b'"@@"', text))
    return bodies
