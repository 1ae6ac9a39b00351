//! Addresses of samples, which may have places for variables.

use crate::surface::openapi::percent_decoded;

/// Segments that one path may have.
const MAX_SEGMENTS: usize = 64;

/// An address in its parts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::surface) struct Url {
    /// `https://api.example.com`; `None` when the address does not say.
    pub(in crate::surface) origin: Option<String>,
    /// The parts of the path between its slashes.
    pub(in crate::surface) segments: Vec<Segment>,
    /// Names and values, decoded.
    pub(in crate::surface) query: Vec<(String, String)>,
}

/// A part of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::surface) enum Segment {
    /// As it was sent.
    Fixed(String),
    /// The author says that this is a parameter.
    Named {
        /// Its name.
        name: String,
        /// What it was in this sample.
        value: Option<String>,
    },
}

impl Url {
    /// Reads an address; with `colons`, `:id` is a parameter. What stands in double braces is a variable that nobody
    /// filled in: at the beginning the base, elsewhere a parameter.
    pub(in crate::surface) fn parse(text: &str, colons: bool) -> Result<Self, String> {
        let text = text.trim();
        if text.is_empty() {
            return Err("the address is empty".to_owned());
        }
        let text = text.split('#').next().unwrap_or_default();
        let (before, query) = text.split_once('?').unwrap_or((text, ""));
        let (origin, path) = split_origin(before)?;
        let parts: Vec<&str> = path.strip_prefix('/').unwrap_or(path).split('/').collect();
        if parts.len() > MAX_SEGMENTS {
            return Err(format!("its path has more than {MAX_SEGMENTS} parts"));
        }
        let segments = parts.into_iter().map(|part| segment(part, colons)).collect();
        Ok(Self { origin, segments, query: pairs(query) })
    }

    /// The path as it was sent, for filters.
    pub(in crate::surface) fn last(&self) -> &str {
        match self.segments.last() {
            Some(Segment::Fixed(text)) => text,
            _ => "",
        }
    }
}

/// The origin, without a password and the scheme's own port, and the path behind it.
fn split_origin(before: &str) -> Result<(Option<String>, &str), String> {
    if let Some(rest) = before.strip_prefix("{{") {
        let (_, rest) = rest.split_once("}}").ok_or("`{{` has no `}}`")?;
        // `{{scheme}}://{{host}}/path`
        let rest = rest.strip_prefix("://").unwrap_or(rest);
        return Ok((None, rest.find('/').map_or("", |at| &rest[at..])));
    }
    if before.starts_with('/') && !before.starts_with("//") {
        return Ok((None, before));
    }
    let (scheme, rest) = match before.split_once("://") {
        Some((scheme, rest)) => (scheme.to_ascii_lowercase(), rest),
        None => ("http".to_owned(), before.trim_start_matches('/')),
    };
    if scheme != "http" && scheme != "https" {
        return Err(format!("`{}` is not HTTP", scheme.chars().take(20).collect::<String>().escape_debug()));
    }
    let (authority, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
    let host = authority.rsplit('@').next().unwrap_or_default().to_ascii_lowercase();
    if host.contains("{{") {
        return Ok((None, path));
    }
    let own_port = if scheme == "http" { ":80" } else { ":443" };
    let host = host.strip_suffix(own_port).unwrap_or(&host);
    let odd = |c: char| c.is_whitespace() || c.is_control() || "\\\"<>{}|^`".contains(c);
    let port = host.rsplit_once(':').map_or("", |(_, port)| port);
    let good = port.ends_with(']') || port.bytes().all(|byte| byte.is_ascii_digit());
    if host.is_empty() || host.contains(odd) || !good {
        return Err("the address names no host".to_owned());
    }
    Ok((Some(format!("{scheme}://{host}")), path))
}

fn segment(part: &str, colons: bool) -> Segment {
    let inner = part.split_once("{{").and_then(|(_, rest)| rest.split_once("}}")).map(|(name, _)| name);
    let inner = inner.or_else(|| part.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')));
    let inner = inner.or_else(|| part.strip_prefix(':').filter(|name| colons && !name.is_empty()));
    match inner {
        Some(name) => Segment::Named { name: plain_name(name), value: None },
        None => Segment::Fixed(part.to_owned()),
    }
}

/// What may be a parameter's name in a template.
fn plain_name(name: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || "_-.".contains(c) { c } else { '_' };
    let name: String = name.trim().trim_start_matches('$').chars().take(60).map(plain).collect();
    if name.is_empty() { "id".to_owned() } else { name }
}

/// Names and values of a query or a form (WHATWG URL, "application/x-www-form-urlencoded parsing").
pub(in crate::surface) fn pairs(text: &str) -> Vec<(String, String)> {
    let decode = |text: &str| percent_decoded(&text.replace('+', " ")).unwrap_or_default();
    let parts = text.split('&').map(str::trim).filter(|part| !part.is_empty());
    parts
        .map(|part| {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            (decode(name), decode(value))
        })
        .filter(|(name, _)| !name.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> String {
        let url = Url::parse(text, true).expect("an address");
        let parts = url.segments.iter().map(|segment| match segment {
            Segment::Fixed(text) => format!("/{text}"),
            Segment::Named { name, .. } => format!("/{{{name}}}"),
        });
        format!("{}{}", url.origin.unwrap_or_default(), parts.collect::<String>())
    }

    #[test]
    fn addresses_in_all_their_spellings() {
        for (text, read) in [
            ("https://Api.Example.com:443/v1/orders?x=1#top", "https://api.example.com/v1/orders"),
            ("http://user:pass@localhost:8080", "http://localhost:8080/"),
            ("api.example.com/orders/", "http://api.example.com/orders/"),
            ("/orders/:id/lines", "/orders/{id}/lines"),
            ("{{baseUrl}}/orders/{{order id}}", "/orders/{order_id}"),
            ("https://{{host}}/orders", "/orders"),
            ("{{scheme}}://{{host}}:{{port}}/orders", "/orders"),
            ("{{url}}", "/"),
        ] {
            assert_eq!(path(text), read, "{text}");
        }
        for text in ["", "ftp://files.example/x", "{{open/x", "https:///x", "data:text/plain,x y"] {
            assert!(Url::parse(text, false).is_err(), "{text}");
        }
    }

    #[test]
    fn queries_are_decoded() {
        let expected = [("a b", "1 2"), ("c", ""), ("d", "{{x}}")];
        assert_eq!(
            pairs("a+b=1%202&&c&d={{x}}"),
            expected.map(|(name, value)| (name.to_owned(), value.to_owned()))
        );
    }
}
