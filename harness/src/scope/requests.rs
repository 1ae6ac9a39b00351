//! Which requests may go to an origin that is in scope.

use memchr::memmem;

use super::{Origin, OutOfScope, Scope, path};
use crate::message::{Outgoing, inert};

/// Headers by which some servers replace the path or the method of a request.
const PATH_OVERRIDES: [&[u8]; 3] = [b"x-original-url", b"x-rewrite-url", b"x-forwarded-uri"];
const METHOD_OVERRIDES: [&[u8]; 3] = [b"x-http-method-override", b"x-http-method", b"x-method-override"];

impl Scope {
    /// Whether this request may be sent to this origin.
    ///
    /// Its target counts as written, and percent-decoded with its dot segments resolved; so do the headers by which
    /// some servers replace the path or the method, and every request line that hides in a header or in the body.
    pub fn admit(&self, origin: &Origin, request: &Outgoing) -> Result<(), OutOfScope> {
        let Some(rules) = self.rules(origin)? else { return Ok(()) };
        let mut methods: Vec<&[u8]> = vec![&request.method];
        methods.extend(values(request, &METHOD_OVERRIDES));
        rules.admit(&methods, &request.target)?;
        for target in values(request, &PATH_OVERRIDES) {
            rules.admit(&methods, target)?;
        }
        if !speaks_http(request) {
            return Ok(());
        }
        let mut bytes = Vec::new();
        crate::message::encode(request, &mut bytes);
        rules.admit_lines(&bytes, false)
    }

    /// Whether these bytes may be sent to this origin: every line in them that could be a request line counts.
    pub fn admit_raw(&self, origin: &Origin, bytes: &[u8]) -> Result<(), OutOfScope> {
        match self.rules(origin)? {
            None => Ok(()),
            Some(rules) => rules.admit_lines(bytes, true),
        }
    }

    /// `None`: everything may go there.
    fn rules(&self, origin: &Origin) -> Result<Option<Rules<'_>>, OutOfScope> {
        self.admit_origin(origin)?;
        let bases: Vec<&str> =
            self.allow.iter().filter(|url| url.origin() == origin).map(super::TargetUrl::base).collect();
        let free = self.by_loopback(origin) || bases.iter().any(|base| base.is_empty());
        if free && self.deny.is_empty() {
            return Ok(None);
        }
        Ok(Some(Rules { scope: self, bases: if free { Vec::new() } else { bases } }))
    }
}

fn values<'a>(request: &'a Outgoing, names: &'a [&'a [u8]]) -> impl Iterator<Item = &'a [u8]> {
    let named = |name: &[u8]| names.iter().any(|n| name.trim_ascii().eq_ignore_ascii_case(n));
    request.headers.iter().filter(move |(name, _)| named(name)).map(|(_, value)| value.trim_ascii())
}

/// Whether a part of the request could hold the end of a request line.
fn speaks_http(request: &Outgoing) -> bool {
    let fields = request.headers.iter().flat_map(|(name, value)| [&**name, &**value]);
    let mut parts = fields.chain([&*request.method, &request.target, &request.body]);
    parts.any(|part| memmem::find(part, b"HTTP/").is_some())
}

struct Rules<'a> {
    scope: &'a Scope,
    /// Empty: every path.
    bases: Vec<&'a str>,
}

impl Rules<'_> {
    fn admit(&self, methods: &[&[u8]], target: &[u8]) -> Result<(), OutOfScope> {
        let shown = |what: &str| Err(OutOfScope(format!("{} {what}", inert(target, 120))));
        let Some(forms) = path::forms(target) else {
            return shown("has no path to hold against the scope");
        };
        let below = |base: &str, path: &[u8]| {
            path.strip_prefix(base.as_bytes()).is_some_and(|rest| rest.is_empty() || rest[0] == b'/')
        };
        for form in &forms {
            if !self.bases.is_empty() && !self.bases.iter().any(|base| below(base, form)) {
                return shown("is not below a path in scope");
            }
            let denied = |deny: &&super::Deny| {
                deny.covers_path(form) && methods.iter().any(|method| deny.covers_method(method))
            };
            if let Some(deny) = self.scope.deny.iter().find(denied) {
                return shown(&format!("is denied by `{deny}`"));
            }
        }
        Ok(())
    }

    /// Holds the first line (when `first`) and every line with ` HTTP/` in it against the rules.
    fn admit_lines(&self, bytes: &[u8], first: bool) -> Result<(), OutOfScope> {
        let skip = bytes.iter().take_while(|b| b.is_ascii_whitespace()).count();
        let bytes = &bytes[skip..];
        if first {
            self.admit_line(line_at(bytes, 0))?;
        }
        let start = memchr::memchr2(b'\r', b'\n', bytes).unwrap_or(bytes.len());
        for found in memmem::find_iter(&bytes[start..], b"HTTP/") {
            let line = line_at(bytes, start + found);
            if words(line).count() > 1 && words(line).nth(1).is_some_and(|w| path::forms(w).is_some()) {
                self.admit_line(line)?;
            }
        }
        Ok(())
    }

    fn admit_line(&self, line: &[u8]) -> Result<(), OutOfScope> {
        let method = words(line).next().unwrap_or_default();
        let target = words(line).nth(1).unwrap_or_default();
        self.admit(&[method], target)?;
        // With spaces in the target, some servers take all between the first and the last one.
        let whole = line[method.len()..].trim_ascii();
        let end = whole.iter().rposition(u8::is_ascii_whitespace).unwrap_or(whole.len());
        self.admit(&[method], whole[..end].trim_ascii())
    }
}

fn words(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    line.split(|b| b.is_ascii_whitespace() || *b == 0x0b).filter(|word| !word.is_empty())
}

fn line_at(bytes: &[u8], at: usize) -> &[u8] {
    let start = memchr::memrchr2(b'\r', b'\n', &bytes[..at]).map_or(0, |end| end + 1);
    let end = memchr::memchr2(b'\r', b'\n', &bytes[at..]).map_or(bytes.len(), |end| at + end);
    bytes[start..end].trim_ascii()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scope::TargetUrl;

    fn scope() -> (Scope, Origin) {
        let url: TargetUrl = "https://api.acme.test/v2/".parse().unwrap();
        let origin = url.origin().clone();
        (Scope::nothing().allow(url).deny("* /v2/payments/**".parse().unwrap()), origin)
    }

    #[test]
    fn what_is_below_the_prefix_and_not_denied_is_sent() {
        let (scope, origin) = scope();
        for target in
            ["/v2", "/v2/", "/v2/menu?next=/v2/payments", "/v2/a/../b", "/v2/%zz", "https://x.test/v2/a"]
        {
            assert_eq!(scope.admit(&origin, &Outgoing::new("GET", target)), Ok(()), "{target}");
            let raw = format!("GET {target} HTTP/1.1\r\n\r\n");
            assert_eq!(scope.admit_raw(&origin, raw.as_bytes()), Ok(()), "{target}");
        }
    }

    #[test]
    fn no_spelling_gets_around_the_rules() {
        let (scope, origin) = scope();
        for target in [
            "/",
            "/v20",
            "/v2/../admin",
            "/v2/%2e%2e/admin",
            "/v2/%252e%252e/admin",
            "/v2/..\\../admin",
            "/v2/..;/admin",
            "*",
            "api.acme.test:443",
            "",
            "/v2/payments",
            "/v2/payments/7?x",
            "/v2//payments/7",
            "/v2/%70ayments/7",
            "/v2/Payments/7",
            "/v2/x/../payments/7",
            "/v2/;a/payments/7",
            "/v2/payments\\7",
            "https://api.acme.test/v2/payments/7",
        ] {
            assert!(scope.admit(&origin, &Outgoing::new("GET", target)).is_err(), "{target}");
            let raw = format!("\r\nGET\t{target}  HTTP/1.1\r\n\r\n");
            assert!(scope.admit_raw(&origin, raw.as_bytes()).is_err(), "{target}");
        }
    }

    #[test]
    fn hidden_requests_count() {
        let (scope, origin) = scope();
        let get = || Outgoing::new("POST", "/v2/menu");
        for request in [
            get().body("0\r\n\r\nGET /v2/payments/7 HTTP/1.1\r\nX: "),
            get().header("X-Original-URL", "/v2/payments/7"),
            get().header("X", "a\r\n\r\nDELETE /admin HTTP/1.1"),
            Outgoing::new("GET", "/v2/menu HTTP/1.1\r\n\r\nGET /v2/payments"),
        ] {
            assert!(scope.admit(&origin, &request).is_err(), "{request:?}");
        }
        assert!(scope.admit(&origin, &get().body("We speak HTTP/1.1 here")).is_ok());
        let (loopback, here) = (Scope::loopback(), "http://127.0.0.1:9".parse::<TargetUrl>().unwrap());
        let scope = loopback.deny("DELETE /x".parse().unwrap());
        let tunnelled = Outgoing::new("POST", "/x").header("X-HTTP-Method-Override", "delete");
        assert!(scope.admit(here.origin(), &tunnelled).is_err());
        assert!(scope.admit(here.origin(), &Outgoing::new("POST", "/x")).is_ok());
    }
}
