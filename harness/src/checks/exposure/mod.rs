//! As little as possible is shared, and nobody's secrets are.

mod expose_seeded_secret;
mod expose_undocumented_field;
mod fields;

pub use expose_seeded_secret::SeededSecret;
pub use expose_undocumented_field::UndocumentedField;
