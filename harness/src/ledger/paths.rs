//! What the document says of collections, and of the operations that delete.

use std::collections::HashMap;

use crate::surface::{Surface, Template};

/// Paths longer than this are no object's.
const LONGEST: usize = 1_024;

/// What a document says of the paths that objects hang below.
#[derive(Debug, Default)]
pub(super) struct Paths {
    /// By path template.
    known: HashMap<String, Known>,
    deletes: Vec<Template>,
}

/// What a document says of one path.
#[derive(Clone, Debug, Default)]
pub(super) struct Known {
    /// Objects hang below it, or are listed there: what is sent here by POST makes one.
    pub(super) collection: bool,
    /// What deletes an object that hangs below it.
    pub(super) item: Option<Template>,
    /// What deletes what is at this very path.
    pub(super) itself: Option<Template>,
}

impl Paths {
    pub(super) fn new(surface: &Surface) -> Self {
        let (mut shapes, mut lists, mut deletes) = (Vec::new(), Vec::new(), HashMap::new());
        for operation in &surface.operations {
            let shape = Template::new(&operation.path).shape();
            match operation.method.as_str() {
                "GET" => lists.push(shape.clone()),
                "DELETE" => {
                    deletes.extend(
                        Template::of_objects(&operation.path).map(|template| (shape.clone(), template)),
                    );
                }
                _ => {}
            }
            shapes.push(shape);
        }
        let known = surface.operations.iter().zip(&shapes).map(|(operation, shape)| {
            let item = format!("{shape}/{{}}");
            let known = Known {
                collection: shapes.contains(&item) || lists.contains(shape),
                item: deletes.get(&item).cloned(),
                itself: deletes.get(shape).cloned(),
            };
            (operation.path.clone(), known)
        });
        Self { known: known.collect(), deletes: deletes.into_values().collect() }
    }

    pub(super) fn of(&self, template: &str) -> Known {
        self.known.get(template).cloned().unwrap_or_default()
    }

    /// What deletes the object at this path.
    pub(super) fn deleting(&self, path: &str) -> Option<&Template> {
        let fitting = self.deletes.iter().filter(|template| template.fits(path));
        // `/shops/main/orders/{id}` is more exactly meant than `/shops/{shop}/orders/{id}`.
        fitting.min_by_key(|template| (template.parameters(), template.path()))
    }
}

/// The name of the operation that deletes.
pub(super) fn name_of(template: &Template) -> String {
    format!("DELETE {}", template.path())
}

/// Whether a path may be sent as it is: no more than a path, and no way out of where it points.
pub(super) fn is_safe(path: &str) -> bool {
    let dots = |segment: &str| {
        let plain = segment.to_ascii_lowercase().replace("%2e", ".");
        plain == "." || plain == ".."
    };
    path.len() <= LONGEST
        && path.len() > 1
        && path.starts_with('/')
        && !path.starts_with("//")
        && path.bytes().all(|byte| byte.is_ascii_graphic() && !b"{}?#\\\"<>".contains(&byte))
        && !path.split('/').any(dots)
}

#[cfg(test)]
mod tests {
    use super::is_safe;

    #[test]
    fn what_leads_elsewhere_is_not_sent() {
        for path in ["/orders/7", "/orders/a%2Fb/"] {
            assert!(is_safe(path), "{path}");
        }
        let bad = "|/|orders/7|//host/7|/orders/../admin|/orders/%2e%2E/x|/a?x=1|/a b|/a\r\n|/{id}";
        for path in bad.split('|') {
            assert!(!is_safe(path), "{path}");
        }
    }
}
