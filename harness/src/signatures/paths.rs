//! Paths of files on the server.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use aho_corasick::AhoCorasick;
use regex::bytes::Regex;

use super::{EVIDENCE, find, in_layers};
use crate::message::inert;

/// A path of a file on the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerPath {
    /// `unix-path` or `windows-path`.
    pub detector: &'static str,
    /// The path, inert.
    pub evidence: String,
}

/// Substrings for a prefilter: each text in which [`paths`] finds one contains one of them, escaped or not.
pub const NEEDLES: &[&str] = &[
    "/home",
    "/root",
    "/var/",
    "/usr/",
    "/opt/",
    "/srv",
    "/app/",
    "/workspace",
    "/builds",
    "/proc/",
    "/mnt/",
    "/Users/",
    "/etc/",
    "/tmp/",
    "/rustc/",
    "/go/",
    ":\\",
    ":&#92;",
    "\\/home",
    "\\/root",
    "\\/var",
    "\\/usr",
    "\\/opt",
    "\\/srv",
    "\\/app",
    "\\/workspace",
    "\\/builds",
    "\\/etc",
    "\\/tmp",
    "%2Fhome",
    "%2Fvar",
    "%2Fusr",
    "%2Fopt",
    "%2Fsrv",
    "%2Fapp",
    "&#x2F;",
    "&#47;",
];

static PREFILTER: LazyLock<AhoCorasick> =
    LazyLock::new(|| AhoCorasick::new(NEEDLES).expect("the needles are a few short strings"));

/// Below roots that only machines have, a file with an extension; below roots that sites have too, a file of source or
/// configuration. What stands behind a host or in the middle of another path is none.
static UNIX: LazyLock<Regex> = LazyLock::new(|| {
    find::compile(concat!(
        r#"(?:^|[\s"'`(\[{<>=:,;|]|file://)(?P<path>"#,
        r"/(?:home/[\w.-]+|root|var/(?:www|lib|task|log|run|opt|app)|usr/(?:src|lib|local|share)|builds|proc/self|Users/[\w.-]+|rustc|etc)",
        r"(?:/[\w.@+~-]+){0,30}/[\w.@+~-]+\.[A-Za-z]\w{0,7}",
        r"|/(?:app|opt|srv|workspace|mnt|tmp|go|src|code|data)(?:/[\w.@+~-]+){0,30}/[\w.@+~-]+",
        r"\.(?:rs|py|js|cjs|mjs|ts|tsx|jsx|java|kt|scala|rb|php|go|cs|vb|c|cc|cpp|h|hpp|ex|exs|erl|pl|lua|so|dll|jar|war|class|conf|cfg|ini|toml|ya?ml|env|db|sqlite3?|sql|log|sock|pem|key|properties|tmpl|hbs|ejs|twig|erb|jinja2?)",
        r")(?:\b|$)",
    ))
});

/// A drive or a share, two segments and an extension.
static WINDOWS: LazyLock<Regex> = LazyLock::new(|| {
    find::compile(
        r#"(?:^|[\s"'`(\[{<>=,;|]|file:///)(?P<path>(?:[A-Za-z]:|\\\\[\w.-]+)(?:\\{1,2}[\w .()@+~$-]{1,64}){1,30}\\{1,2}[\w .()@+~$-]{1,64}\.[A-Za-z]\w{0,7})\b"#,
    )
});

/// The paths in a text, raw or under up to three layers of escapes: different ones, at most eight.
pub fn paths(text: &str) -> Vec<ServerPath> {
    if !PREFILTER.is_match(text) {
        return Vec::new();
    }
    let found = in_layers(text, |layer| {
        let mut seen = BTreeSet::new();
        let mut all = Vec::new();
        for (detector, pattern) in [("unix-path", &*UNIX), ("windows-path", &*WINDOWS)] {
            for captures in pattern.captures_iter(layer).take(64) {
                let Some(path) = captures.name("path") else { continue };
                if all.len() < 8 && seen.insert(path.as_bytes()) {
                    let evidence = inert(path.as_bytes(), EVIDENCE).to_string();
                    all.push(ServerPath { detector, evidence });
                }
            }
        }
        (!all.is_empty()).then_some(all)
    });
    found.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_a_server_are_found() {
        for (text, path) in [
            ("cannot open /srv/canteen/data/orders.db", "/srv/canteen/data/orders.db"),
            (
                r#"{"detail":"File \"/usr/lib/python3.12/json/decoder.py\", line 337"}"#,
                "/usr/lib/python3.12/json/decoder.py",
            ),
            (r#"{"e":"\/var\/www\/html\/index.php"}"#, "/var/www/html/index.php"),
            (
                "at /home/app/.cargo/registry/src/axum-0.8.9/src/macros.rs:42",
                "/home/app/.cargo/registry/src/axum-0.8.9/src/macros.rs",
            ),
            ("/home/deploy/api/uploads/4.pdf not found", "/home/deploy/api/uploads/4.pdf"),
        ] {
            let found = paths(text);
            assert_eq!(found.first().map(|found| found.evidence.as_str()), Some(path), "{text}");
        }
        let windows = paths(r#"{"detail":"Could not find 'C:\\inetpub\\canteen\\App_Data\\coupons.xml'."}"#);
        assert_eq!(windows.first().map(|found| found.detector), Some("windows-path"));
    }

    #[test]
    fn addresses_and_prose_are_not() {
        for text in [
            "https://api.example/home/user/file.pdf",
            "no route /orders/12.json",
            "/app/dashboard.html",
            "see /opt/out for more",
            "and/or home/office.md",
            "12:\\30 is no time",
            "go to /etc or /tmp",
            "https://host.example/srv/files/report.sql",
        ] {
            assert_eq!(paths(text), Vec::new(), "{text}");
        }
    }
}
