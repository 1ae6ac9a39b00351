//! Postman collections 2.0 and 2.1.
//!
//! Of `auth` only the kind is read; its values never are.

mod auth;
mod body;
mod url;

use serde_json::Value as Json;

use super::samples::{self, Answer, Sample, Variables, header};
use super::{Broken, Surface};

/// Folders in folders.
const MAX_DEPTH: usize = 32;

/// Reads a collection. What cannot be used of it is noted.
pub(super) fn surface(document: &Json) -> Surface {
    let mut reader = Reader { variables: Variables::of(document), samples: Vec::new(), notes: Vec::new() };
    let title = document.pointer("/info/name").and_then(Json::as_str).unwrap_or_default();
    let all = Folder { tags: Vec::new(), auth: auth::security(document), depth: 0 };
    reader.items(document, "", &all);
    samples::surface(title, reader.samples, reader.notes)
}

struct Reader {
    variables: Variables,
    samples: Vec<Sample>,
    notes: Vec<Broken>,
}

/// What requests take from the folders that they are in.
#[derive(Clone)]
struct Folder {
    tags: Vec<String>,
    auth: Option<Vec<(String, Json)>>,
    depth: usize,
}

impl Reader {
    fn items(&mut self, owner: &Json, at: &str, folder: &Folder) {
        let items = owner.get("item").and_then(Json::as_array).into_iter().flatten();
        for (index, item) in items.enumerate() {
            let pointer = format!("{at}/item/{index}");
            let name = item.get("name").and_then(Json::as_str).unwrap_or_default();
            if self.samples.len() > samples::MAX_SAMPLES {
                return;
            }
            if item.get("item").is_some() {
                if folder.depth >= MAX_DEPTH {
                    let reason = format!("more than {MAX_DEPTH} folders in each other");
                    self.notes.push(Broken { pointer, reason });
                    continue;
                }
                let mut inner = folder.clone();
                inner.depth += 1;
                inner.tags.push(name.to_owned());
                inner.auth = auth::security(item).or(inner.auth);
                self.items(item, &pointer, &inner);
            } else if let Err(reason) = self.request(item, name, &pointer, folder) {
                self.notes.push(Broken { pointer, reason });
            }
        }
    }

    /// The request of an item, and those of its saved examples.
    fn request(&mut self, item: &Json, name: &str, pointer: &str, folder: &Folder) -> Result<(), String> {
        let request = item.get("request").ok_or("the item has no `request`")?;
        let mut sample = self.sample(request)?;
        pointer.clone_into(&mut sample.pointer);
        name.clone_into(&mut sample.summary);
        sample.tags.clone_from(&folder.tags);
        sample.security = auth::security(request).or_else(|| folder.auth.clone());
        let saved = item.get("response").and_then(Json::as_array).into_iter().flatten();
        for (index, response) in saved.enumerate() {
            let Some(answer) = self.answer(response) else { continue };
            // The example may have been asked in another way; what it leaves out is as in the request.
            let asked = response.get("originalRequest").and_then(|asked| self.sample(asked).ok());
            let asked = asked.filter(|asked| {
                asked.method == sample.method && asked.url.segments.len() == sample.url.segments.len()
            });
            let mut example = sample.clone();
            if let Some(asked) = asked {
                example.url.query = asked.url.query;
                example.body = asked.body.or(example.body);
            }
            example.answer = Some(answer);
            example.pointer = format!("{pointer}/response/{index}");
            self.samples.push(example);
        }
        self.samples.push(sample);
        Ok(())
    }

    fn sample(&self, request: &Json) -> Result<Sample, String> {
        if let Json::String(url) = request {
            let url = samples::Url::parse(&self.variables.fill(url), true)?;
            return Ok(Sample { method: "GET".to_owned(), url, ..Sample::default() });
        }
        let method = request.get("method").and_then(Json::as_str).unwrap_or("GET");
        let headers = self.headers(request);
        let url = request.get("url").ok_or("the request has no `url`")?;
        Ok(Sample {
            method: self.variables.fill(method).to_ascii_uppercase(),
            url: url::read(url, &self.variables)?,
            body: request.get("body").and_then(|body| body::read(body, &headers, &self.variables)),
            headers,
            ..Sample::default()
        })
    }

    /// A list of objects, or the text of a head.
    fn headers(&self, message: &Json) -> Vec<(String, String)> {
        let pair = |name: &str, value: &str| (self.variables.fill(name), self.variables.fill(value));
        match message.get("header") {
            Some(Json::Array(listed)) => {
                let on = listed.iter().filter(|header| header.get("disabled") != Some(&Json::Bool(true)));
                let pairs = on.filter_map(|header| match header {
                    Json::String(line) => {
                        line.split_once(':').map(|(name, value)| pair(name.trim(), value.trim()))
                    }
                    header => {
                        let value = header.get("value").and_then(Json::as_str).unwrap_or_default();
                        Some(pair(header.get("key")?.as_str()?, value))
                    }
                });
                pairs.collect()
            }
            Some(Json::String(text)) => {
                let lines = text.lines().filter_map(|line| line.split_once(':'));
                lines.map(|(name, value)| pair(name.trim(), value.trim())).collect()
            }
            _ => Vec::new(),
        }
    }

    fn answer(&self, response: &Json) -> Option<Answer> {
        let status = response.get("code").and_then(Json::as_u64)?.try_into().ok()?;
        let headers = self.headers(response);
        let text = response.get("body").and_then(Json::as_str).map(str::to_owned);
        let language = response.get("_postman_previewlanguage").and_then(Json::as_str);
        let said = header(&headers, "content-type").and_then(samples::essence);
        let media_type = said.or_else(|| body::media_type_of(language?).map(str::to_owned));
        Some(Answer { status, headers, media_type, text })
    }
}
