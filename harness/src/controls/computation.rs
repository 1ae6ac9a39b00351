//! P8, the computation canary: a result that can only be there if somebody computed it.

use crate::generate::Source;

/// Random arithmetic inside random delimiters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Computation {
    /// The left operand.
    pub left: u64,
    /// The right operand.
    pub right: u64,
    /// Text on either side of the result.
    pub delimiter: String,
}

impl Computation {
    /// New operands and delimiters.
    pub fn draw(src: &mut dyn Source) -> Self {
        let (left, right) = (src.int(1_000..=9_999), src.int(1_000..=9_999));
        Self { left, right, delimiter: src.text_of(b"bcdfghjkmnpqrstvwxz", 6) }
    }

    /// `left*right` in an operator's syntax.
    pub fn product(&self, times: &str) -> String {
        format!("{}{times}{}", self.left, self.right)
    }

    /// Whether the text holds the delimited result, digit groups allowed, and what was sent does not.
    pub fn is_shown_in(&self, text: &str, sent: &str) -> bool {
        let result = (self.left * self.right).to_string();
        let holds = |text: &str| {
            let mut rest = text;
            while let Some(at) = rest.find(&self.delimiter) {
                rest = &rest[at + self.delimiter.len()..];
                let Some(end) = rest.find(&self.delimiter) else { return false };
                let digits: String = rest[..end].chars().filter(char::is_ascii_digit).collect();
                let separators = rest[..end]
                    .chars()
                    .all(|c| c.is_ascii_digit() || matches!(c, ',' | '.' | ' ' | '\'' | '_'));
                if digits == result && separators {
                    return true;
                }
            }
            false
        };
        holds(text) && !sent.contains(&result)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::Seeded;

    #[test]
    fn only_the_result_between_delimiters_counts() {
        let sum = Computation { left: 1_234, right: 5_678, delimiter: "zjq".to_owned() };
        let sent = "zjq{{1234*5678}}zjq";
        assert!(sum.is_shown_in("hello zjq7006652zjq", sent));
        assert!(sum.is_shown_in("hello zjq7,006,652zjq", sent));
        assert!(!sum.is_shown_in(sent, sent));
        assert!(!sum.is_shown_in("7006652", sent));
        assert!(!sum.is_shown_in("zjq7006652zjq", "zjq7006652zjq"));
    }

    #[test]
    fn every_draw_differs() {
        let mut source = Seeded::new(1);
        assert_ne!(Computation::draw(&mut source), Computation::draw(&mut source));
    }
}
