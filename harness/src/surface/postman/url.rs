//! Addresses of requests: text, or an object of parts.

use serde_json::Value as Json;

use crate::surface::samples::{Segment, Url, Variables};

pub(super) fn read(url: &Json, variables: &Variables) -> Result<Url, String> {
    let mut read = Url::parse(&variables.fill(&text(url)?), true)?;
    let known = url.get("variable").and_then(Json::as_array).into_iter().flatten();
    for variable in known {
        let text = |key: &str| variable.get(key).and_then(Json::as_str).filter(|text| !text.is_empty());
        let Some((key, example)) = text("key").or_else(|| text("id")).zip(text("value")) else { continue };
        for segment in &mut read.segments {
            if let Segment::Named { name, value } = segment
                && name == key
            {
                *value = Some(variables.fill(example)).filter(|value| !value.contains("{{"));
            }
        }
    }
    // The list says which parameters are switched off; the text has them all the same.
    if let Some(listed) = url.get("query").and_then(Json::as_array) {
        let on = listed.iter().filter(|query| query.get("disabled") != Some(&Json::Bool(true)));
        let pairs = on.filter_map(|query| {
            let value = query.get("value").and_then(Json::as_str).unwrap_or_default();
            Some((variables.fill(query.get("key")?.as_str()?), variables.fill(value)))
        });
        read.query = pairs.filter(|(name, _)| !name.is_empty()).collect();
    }
    Ok(read)
}

/// The address as text, put together where there are only parts.
fn text(url: &Json) -> Result<String, String> {
    if let Some(text) = url.as_str().or_else(|| url.get("raw")?.as_str()).filter(|text| !text.is_empty()) {
        return Ok(text.to_owned());
    }
    let joined = |key: &str, with: &str| match url.get(key) {
        Some(Json::String(text)) => text.clone(),
        Some(Json::Array(parts)) => {
            // A part of a path may be an object with a value.
            let text = |part: &Json| part.as_str().or_else(|| part.get("value")?.as_str()).map(str::to_owned);
            parts.iter().filter_map(text).collect::<Vec<_>>().join(with)
        }
        _ => String::new(),
    };
    let (host, path) = (joined("host", "."), joined("path", "/"));
    if host.is_empty() && path.is_empty() {
        return Err("the request has no address".to_owned());
    }
    let scheme = match url.get("protocol").and_then(Json::as_str) {
        Some(scheme) if !host.is_empty() && !host.starts_with("{{") => format!("{scheme}://"),
        _ => String::new(),
    };
    let port = url.get("port").and_then(Json::as_str).filter(|port| !port.is_empty() && !host.is_empty());
    let port = port.map_or_else(String::new, |port| format!(":{port}"));
    Ok(format!("{scheme}{host}{port}/{}", path.trim_start_matches('/')))
}
