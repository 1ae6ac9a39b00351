//! Recordings of browsers and proxies: HAR 1.2.

use serde_json::Value as Json;

use super::samples::{self, Answer, Content, Field, Sample, Url};
use super::{Broken, Surface};

/// Reads a recording. What cannot be used of it is noted.
pub(super) fn surface(document: &Json) -> Surface {
    let mut notes = Vec::new();
    let entries = document.pointer("/log/entries").and_then(Json::as_array).into_iter().flatten();
    let mut found = Vec::new();
    for (index, entry) in entries.enumerate().take(samples::MAX_SAMPLES + 1) {
        let pointer = format!("/log/entries/{index}");
        match sample(entry, &pointer) {
            Ok(sample) => found.push(sample),
            Err(reason) => notes.push(Broken { pointer, reason }),
        }
    }
    samples::surface("", found, notes)
}

fn sample(entry: &Json, pointer: &str) -> Result<Sample, String> {
    let request = entry.get("request").ok_or("the entry has no `request`")?;
    let text = |json: &Json, key: &str| json.get(key).and_then(Json::as_str).unwrap_or_default().to_owned();
    let url = text(request, "url");
    if url.starts_with("data:") || url.starts_with("blob:") {
        return Err("not a request of HTTP".to_owned());
    }
    let kind = text(entry, "_resourceType");
    Ok(Sample {
        pointer: pointer.to_owned(),
        method: text(request, "method").to_ascii_uppercase(),
        url: Url::parse(&url, false)?,
        headers: headers(request),
        body: request.get("postData").and_then(body),
        answer: entry.get("response").map(answer),
        scripted: matches!(kind.as_str(), "xhr" | "fetch"),
        ..Sample::default()
    })
}

/// Headers, less the pseudo-headers of HTTP/2.
fn headers(message: &Json) -> Vec<(String, String)> {
    let listed = message.get("headers").and_then(Json::as_array).into_iter().flatten();
    let pairs = listed.filter_map(|header| {
        let (name, value) = (header.get("name")?.as_str()?, header.get("value")?.as_str()?);
        Some((name.to_owned(), value.to_owned()))
    });
    let mut headers: Vec<_> = pairs.filter(|(name, _)| !name.starts_with(':')).collect();
    // Some recorders leave the header out and keep the cookies.
    let cookies = message.get("cookies").and_then(Json::as_array).into_iter().flatten();
    for cookie in cookies {
        if let (Some(name), Some(value)) =
            (cookie.get("name").and_then(Json::as_str), cookie.get("value").and_then(Json::as_str))
        {
            headers.push(("Cookie".to_owned(), format!("{name}={value}")));
        }
    }
    headers
}

fn body(data: &Json) -> Option<Content> {
    let media_type = data.get("mimeType").and_then(Json::as_str);
    let text = data.get("text").and_then(Json::as_str).unwrap_or_default();
    let listed = data.get("params").and_then(Json::as_array).filter(|listed| !listed.is_empty());
    let (Some(listed), Some(media_type)) = (listed, media_type.and_then(samples::essence)) else {
        return Content::read(media_type, text);
    };
    let fields = listed.iter().filter_map(|field| {
        let text = |key: &str| field.get(key).and_then(Json::as_str).map(str::to_owned);
        let file = field.get("fileName").is_some();
        Some(Field { name: text("name")?, value: text("value").filter(|_| !file), file })
    });
    Some(Content::form(&media_type, fields.collect()))
}

fn answer(response: &Json) -> Answer {
    let content = response.get("content");
    let text = |key: &str| content.and_then(|content| content.get(key)).and_then(Json::as_str);
    let decoded = match (text("encoding"), text("text")) {
        (Some("base64"), Some(text)) => {
            use base64::Engine as _;
            let bytes = base64::engine::general_purpose::STANDARD.decode(text.trim());
            bytes.ok().and_then(|bytes| String::from_utf8(bytes).ok())
        }
        (_, text) => text.map(str::to_owned),
    };
    Answer {
        status: response
            .get("status")
            .and_then(Json::as_u64)
            .and_then(|status| status.try_into().ok())
            .unwrap_or(0),
        headers: headers(response),
        media_type: text("mimeType").and_then(samples::essence),
        text: decoded,
    }
}
