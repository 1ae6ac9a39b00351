//! Texts and bytes: cutting pieces out of them.

use super::node::{Node, each_node};
use crate::case::{Case, Dynamic, Value};

/// A text of a case.
#[derive(Clone, Debug)]
pub(super) struct Text {
    node: Node,
    field: Field,
    /// How many characters it has, or bytes if it is no text.
    pub(super) len: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
    Whole,
    Open,
    Inner,
    Close,
}

/// The texts of a case.
pub(super) fn texts(case: &Case) -> Vec<Text> {
    let mut texts = Vec::new();
    each_node(case, &mut |node, value, _| {
        let mut push = |field, len| texts.push(Text { node: node.clone(), field, len });
        match value {
            Value::Text(text) => push(Field::Whole, text.chars().count()),
            Value::Dynamic(leaf) => match &**leaf {
                Dynamic::Base64(bytes) => push(Field::Whole, bytes.len()),
                Dynamic::Nest(nest) => {
                    push(Field::Open, nest.open.chars().count());
                    push(Field::Inner, nest.inner.chars().count());
                    push(Field::Close, nest.close.chars().count());
                }
                _ => {}
            },
            _ => {}
        }
    });
    texts
}

impl Text {
    /// How short it may get: an empty value is another thing than a short one.
    pub(super) fn least(&self) -> usize {
        usize::from(self.field == Field::Whole)
    }

    /// The case without `len` characters from `start` on.
    pub(super) fn cut(&self, case: &Case, start: usize, len: usize) -> Case {
        let mut case = case.clone();
        self.node.change(&mut case, |value| match value {
            Value::Text(text) => cut(text, start, len),
            Value::Dynamic(leaf) => match &mut **leaf {
                Dynamic::Base64(bytes) => {
                    let end = bytes.len().min(start + len);
                    bytes.drain(start.min(end)..end);
                }
                Dynamic::Nest(nest) => match self.field {
                    Field::Open => cut(&mut nest.open, start, len),
                    Field::Inner => cut(&mut nest.inner, start, len),
                    Field::Close => cut(&mut nest.close, start, len),
                    Field::Whole => {}
                },
                _ => {}
            },
            _ => {}
        });
        case
    }
}

fn cut(text: &mut String, start: usize, len: usize) {
    let all = text.chars().enumerate();
    *text = all.filter(|(index, _)| !(start..start + len).contains(index)).map(|(_, char)| char).collect();
}
