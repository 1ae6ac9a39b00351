//! The loader of documents: whatever a stranger serves as one.
#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};
use proofhouse::surface::Surface;

fuzz_target!(|data: &[u8]| -> Corpus {
    let Ok(text) = std::str::from_utf8(data) else { return Corpus::Reject };
    match Surface::from_text(text, "document") {
        Err(error) => {
            // What is told of it is told in full.
            assert!(!error.to_string().is_empty());
            Corpus::Keep
        }
        Ok(surface) => {
            // Schemas are made when somebody looks at them.
            for operation in surface.operations.iter().take(64) {
                for schema in operation.parameters.iter().map(|parameter| &parameter.schema) {
                    let _ = schema.accepts(&serde_json::json!("a"));
                }
                for body in &operation.bodies {
                    let _ = body.schema.accepts(&serde_json::json!({"a": [1]}));
                }
            }
            let _ = proofhouse::engine::fuzz::Words::of(&surface).dictionary();
            Corpus::Keep
        }
    }
});
