//! Colorization, as REDQUEEN has it: what is too small to be told from chance becomes something that is not.

use std::rc::Rc;

use super::operand::{SHORT, SMALL, whole};
use crate::case::{Case, Value};
use crate::engine::fuzz::mutate::stretched;
use crate::generate::Source;
use crate::shrink::{Node, each_node};

/// A case with such values, and where they are.
#[derive(Debug)]
pub(in crate::engine::fuzz) struct Colorized {
    pub(in crate::engine::fuzz) case: Rc<Case>,
    pub(in crate::engine::fuzz) nodes: Vec<Node>,
}

/// The case with other values where comparisons of its own tell nothing: all of them, or one, since some are needed as
/// they are. `None` where each is told already.
pub(in crate::engine::fuzz) fn colorized(case: &Case, src: &mut dyn Source) -> Option<Colorized> {
    let mut plain: Vec<(Node, bool)> = Vec::new();
    each_node(case, &mut |node, value, _| {
        let is_small = whole(value).is_some_and(|number| number < SMALL);
        let is_short = || value.as_text().is_some_and(|text| (text.len() as u64) < SHORT);
        if is_small || is_short() {
            plain.push((node, is_small));
        }
    });
    if plain.len() > 1 && src.ratio(1, 2) {
        let one = src.index(plain.len());
        plain.swap(0, one);
        plain.truncate(1);
    }
    let mut case = (!plain.is_empty()).then(|| case.clone())?;
    // Some types are narrow: a byte, or half a word with a sign.
    let is_byte = src.ratio(1, 4);
    for (node, is_number) in &plain {
        let number = if is_byte { src.int(129..=250) } else { src.int(257..=0x7fff) };
        let length = usize::try_from(src.int(SHORT + 1..=24)).unwrap_or(4);
        node.change(&mut case, |value| {
            *value = match value {
                Value::Number(_) => Value::Number(number.into()),
                _ if *is_number => Value::text(number.to_string()),
                _ => Value::Text(stretched(value.as_text().unwrap_or_default(), length)),
            }
        });
    }
    Some(Colorized { case: Rc::new(case), nodes: plain.into_iter().map(|(node, _)| node).collect() })
}

#[cfg(test)]
mod tests {
    use super::super::tests::{case, number};
    use super::*;
    use crate::generate::Seeded;

    #[test]
    fn what_is_small_becomes_large_and_what_is_large_stays() {
        let sent = case(vec![("few", number(1)), ("many", number(4_711)), ("name", Value::text(""))]);
        let mut seen = std::collections::HashSet::new();
        for seed in 0..200 {
            let colored = colorized(&sent, &mut Seeded::new(seed)).expect("something is small").case;
            let mut values = Vec::new();
            each_node(&colored, &mut |_, value, _| values.push(value.clone()));
            assert!(values.contains(&number(4_711)));
            let number = values.iter().filter_map(whole).find(|number| *number != 4_711).expect("a number");
            assert!((number == 1 || number >= SMALL) && number <= 0x7fff, "{number}");
            let length = values.iter().filter_map(Value::as_text).map(str::len).find(|length| *length < 30);
            seen.insert((number == 1, length == Some(0)));
            assert_ne!(*colored, sent);
        }
        assert_eq!(seen.len(), 3, "each alone, and both: {seen:?}");
        let told = case(vec![("many", number(4_711)), ("name", Value::text("four"))]);
        assert!(colorized(&told, &mut Seeded::new(1)).is_none());
    }
}
