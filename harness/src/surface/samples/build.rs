//! From samples to a surface, by way of a document.

use serde_json::{Map, Value as Json, json};

use super::secret::Secrets;
use super::{MAX_SAMPLES, Sample, credentials, filter, fold, operation};
use crate::case::escape_token;
use crate::surface::openapi::Origins;
use crate::surface::{Broken, Surface};

/// Methods that have a field of their own in a path item.
const METHODS: [&str; 9] = ["GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE", "QUERY"];

/// The surface that these samples show. Paths are whole ones; [`Surface::at_base`] makes them relative.
pub(in crate::surface) fn surface(title: &str, mut samples: Vec<Sample>, mut notes: Vec<Broken>) -> Surface {
    if samples.len() > MAX_SAMPLES {
        let pointer = samples[MAX_SAMPLES].pointer.clone();
        let reason = format!("more than {MAX_SAMPLES} requests; this and the later ones are left out");
        notes.push(Broken { pointer, reason });
        samples.truncate(MAX_SAMPLES);
    }
    // Credentials that went elsewhere are credentials, too.
    let secrets = Secrets::of(&samples);
    let (origin, samples) = filter::of_the_api(samples, &mut notes);
    let mut document = Written::default();
    for folded in fold::fold(&samples) {
        let group: Vec<&Sample> = folded.samples.iter().map(|index| &samples[*index]).collect();
        let json = operation::operation(&folded, &group, &secrets);
        document.add(&folded.path, &group[0].method, &group[0].pointer, json);
    }
    for sample in &samples {
        let stated = sample.security.iter().flatten().cloned();
        for (name, scheme) in stated.chain(credentials::schemes(sample)) {
            document.schemes.entry(name).or_insert(scheme);
        }
    }
    let title = match (title, origin) {
        ("", Some(origin)) => format!("Recording of {origin}"),
        (title, _) => title.to_owned(),
    };
    let mut surface = document.surface(&title);
    surface.operations.iter_mut().for_each(|operation| operation.inferred = true);
    surface.broken.splice(0..0, notes);
    surface
}

/// The document as it is written.
#[derive(Default)]
struct Written {
    paths: Map<String, Json>,
    schemes: Map<String, Json>,
    origins: Origins,
}

impl Written {
    fn add(&mut self, path: &str, method: &str, pointer: &str, operation: Json) {
        let item = self.paths.entry(path.to_owned()).or_insert_with(|| json!({}));
        let mut at = format!("/paths/{}", escape_token(path));
        let key = if METHODS.contains(&method) {
            let key = method.to_ascii_lowercase();
            item[&key] = operation;
            key
        } else {
            at.push_str("/additionalOperations");
            item["additionalOperations"][method] = operation;
            escape_token(method)
        };
        self.origins.places.insert(format!("{at}/{key}"), pointer.to_owned());
    }

    fn surface(self, title: &str) -> Surface {
        let document = json!({
            "openapi": "3.2.0",
            "info": {"title": title},
            "paths": self.paths,
            "components": {"securitySchemes": self.schemes},
        });
        Surface::from_made(document, self.origins)
    }
}
