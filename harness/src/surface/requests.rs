//! Lists of raw requests, as editors send them: `.http` and `.rest` files.

use std::collections::HashMap;

use super::openapi::LoadError;
use super::samples::{self, Content, Sample, Url, Variables, header};
use super::{Broken, Surface};

const METHODS: &[&str] =
    &["GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE", "QUERY", "CONNECT", "GRAPHQL"];

/// Whether a text begins as such a list does.
pub(super) fn looks_so(text: &str) -> bool {
    let mut lines = text.lines().map(str::trim_start).filter(|line| !line.is_empty());
    let first = lines.find(|line| !is_comment(line));
    first.is_some_and(|first| variable(first).is_some() || request_line(first).is_some())
}

/// Reads a list of requests. What cannot be used of it is noted.
pub(super) fn surface(text: &str, file: &str) -> Result<Surface, LoadError> {
    let lines: Vec<&str> = text.lines().collect();
    let pairs = lines.iter().filter_map(|line| variable(line));
    let variables = Variables::from_pairs(pairs.collect::<HashMap<_, _>>());
    let (mut found, mut notes) = (Vec::new(), Vec::new());
    let mut start = 0;
    for end in (0..=lines.len()).filter(|&at| lines.get(at).is_none_or(|line| line.starts_with("###"))) {
        let name = lines.get(start).and_then(|line| line.strip_prefix("###")).unwrap_or_default().trim();
        match request(&lines[start.min(end)..end], start, name, &variables) {
            Some(Ok(sample)) => found.push(sample),
            Some(Err(note)) => notes.push(note),
            None => {}
        }
        start = end;
    }
    if found.is_empty() && notes.is_empty() {
        let reason = "it has no request; one is written `GET https://api.example.com/orders`".to_owned();
        let format = "a file of requests (.http)".to_owned();
        return Err(LoadError::Unusable { file: file.to_owned(), format, reason });
    }
    Ok(samples::surface("", found, notes))
}

fn is_comment(line: &str) -> bool {
    line.starts_with('#') || line.starts_with("//")
}

/// `@name = value`
fn variable(line: &str) -> Option<(String, String)> {
    let (name, value) = line.trim().strip_prefix('@')?.split_once('=')?;
    let name = name.trim();
    let plain = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c));
    plain.then(|| (name.to_owned(), value.trim().to_owned()))
}

/// Method and address; a line with an address alone is a GET.
fn request_line(line: &str) -> Option<(&str, &str)> {
    let line = line.trim();
    let is_address = |text: &str| {
        let text = text.trim_start();
        ["http://", "https://", "/", "{{"].iter().any(|begin| text.starts_with(begin))
    };
    let (method, address) = match line.split_once(char::is_whitespace) {
        Some((method, rest)) if METHODS.contains(&method) => (method, rest),
        Some((method, rest)) if is_address(rest) && method.chars().all(|c| c.is_ascii_uppercase()) => {
            (method, rest)
        }
        _ if is_address(line) && !line.starts_with("//") => ("GET", line),
        _ => return None,
    };
    Some((method, without_version(address)))
}

/// The version is `HTTP/1.1`, behind the address.
fn without_version(address: &str) -> &str {
    let address = address.trim();
    match address.rsplit_once(char::is_whitespace) {
        Some((before, version)) if version.starts_with("HTTP/") => before.trim_end(),
        _ => address,
    }
}

/// One request of the lines between two separators. `first` is the number of lines before them.
fn request(
    lines: &[&str],
    first: usize,
    name: &str,
    variables: &Variables,
) -> Option<Result<Sample, Broken>> {
    let mut named = name.to_owned();
    let mut rest = lines.iter().enumerate();
    let (at, line) = rest.find(|(_, line)| {
        let line = line.trim();
        if let Some(name) = line.trim_start_matches(['#', '/']).trim_start().strip_prefix("@name") {
            name.trim_start_matches([' ', '=']).clone_into(&mut named);
        }
        !line.is_empty() && !is_comment(line) && variable(line).is_none() && !line.starts_with(['<', '>'])
    })?;
    let pointer = format!("line {}", first + at + 1);
    let broken = |reason: &str| Err(Broken { pointer: pointer.clone(), reason: reason.to_owned() });
    let Some((method, address)) = request_line(line) else {
        return Some(broken("not a request; one is written `GET https://api.example.com/orders`"));
    };
    let mut address = address.to_owned();
    let (mut headers, mut body) = (Vec::new(), None);
    for (_, line) in rest.by_ref() {
        let trimmed = line.trim();
        match trimmed.split_once(':') {
            _ if trimmed.is_empty() => break,
            // The query may go on in lines of its own.
            _ if line.starts_with(char::is_whitespace) && trimmed.starts_with(['?', '&', '/']) => {
                address.push_str(without_version(trimmed));
            }
            _ if is_comment(trimmed) => {}
            Some((name, value)) => headers.push((name.trim().to_owned(), variables.fill(value.trim()))),
            None => return Some(broken("a header is written `Name: value`")),
        }
    }
    let text: Vec<&str> = rest.map(|(_, line)| *line).take_while(|line| !is_script(line)).collect();
    let said = header(&headers, "x-request-type").is_some_and(|kind| kind.eq_ignore_ascii_case("graphql"));
    let graphql = said || method == "GRAPHQL";
    if !text.iter().any(|line| line.starts_with("< ")) {
        let text = variables.fill(text.join("\n").trim());
        // The variables follow the query, behind an empty line.
        let (query, given) = text.rsplit_once("\n\n").unwrap_or((&text, ""));
        body = if graphql {
            Some(Content::graphql(query, given, None))
        } else {
            Content::read(header(&headers, "content-type"), &text)
        };
    } else if let Some(media_type) = header(&headers, "content-type").and_then(samples::essence) {
        // The content of another file, which is not read.
        body = Some(Content { media_type, payload: samples::Payload::Unknown });
    }
    let url = match Url::parse(&variables.fill(&address), false) {
        Ok(url) => url,
        Err(reason) => return Some(broken(&reason)),
    };
    let method = if method == "GRAPHQL" { "POST" } else { method }.to_owned();
    Some(Ok(Sample { pointer, method, url, headers, body, summary: named, ..Sample::default() }))
}

/// What some editors let follow a body: a script for the answer, or the file that it goes to.
fn is_script(line: &str) -> bool {
    line.starts_with("> ") || line.starts_with(">> ") || line.starts_with("<> ")
}
