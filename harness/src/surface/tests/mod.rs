//! Each format with a small document of its own.

mod har;
mod hostile;
mod merge;
mod newest;
mod postman;
mod requests;
mod swagger;
mod unknown;

use super::{Operation, Parameter, Surface};

fn names(surface: &Surface) -> Vec<String> {
    surface.operations.iter().map(Operation::name).collect()
}

fn notes(surface: &Surface) -> String {
    let notes = surface.broken.iter().map(|note| format!("{}: {}", note.pointer, note.reason));
    notes.collect::<Vec<_>>().join("\n")
}

fn operation<'a>(surface: &'a Surface, name: &str) -> &'a Operation {
    surface.named(name).unwrap_or_else(|| panic!("{name} is not among {:?}", names(surface))).1
}

fn parameter<'a>(operation: &'a Operation, name: &str) -> &'a Parameter {
    let found = operation.parameters.iter().find(|parameter| parameter.name == name);
    found.unwrap_or_else(|| panic!("no {name}"))
}

/// Everything that a surface holds, as text.
fn everything(surface: &Surface) -> String {
    format!("{surface:?}")
}
