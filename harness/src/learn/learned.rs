//! What one operation taught.

use super::lesson::{Kind, Lesson, Rule, Where};
use super::path::is_index;
use crate::generate::Naming;

/// Lessons that are kept of one operation.
const MOST: usize = 256;

/// What the refusals of one operation taught: a bounded set of lessons, the last learned last.
///
/// * The same lesson again is counted. Values narrow: of two lists, what both hold.
/// * Of two lessons that contradict each other the later one stays.
/// * Items of one list are one place.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Learned {
    kept: Vec<Kept>,
    /// The path ends otherwise than in the document: with a slash, or without.
    pub(super) ends_otherwise: bool,
    /// Which of their names the objects of the path go by.
    pub naming: Naming,
}

#[derive(Clone, Debug, PartialEq)]
struct Kept {
    lesson: Lesson,
    count: u32,
}

impl Learned {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes lessons in. Whether any of them was news: a lesson that is there already, or one time more of a
    /// refusal without a reason, is none.
    pub fn learn(&mut self, lessons: impl IntoIterator<Item = Lesson>) -> bool {
        // Not `any`, which would stop at the first.
        lessons.into_iter().filter(|lesson| self.take(lesson.clone())).count() > 0
    }

    /// Takes in where an answer sends to. Whether that was news: see [`super::ending`].
    pub(crate) fn learn_ending(&mut self, exchange: &crate::trace::Exchange) -> bool {
        // Sent back and forth, there is no path at all.
        let is_news = !self.ends_otherwise && super::other_ending(exchange);
        self.ends_otherwise |= is_news;
        is_news
    }

    /// No lesson was learned.
    pub fn is_empty(&self) -> bool {
        self.kept.is_empty() && !self.ends_otherwise
    }

    /// The lessons, and how often each was taught.
    pub fn lessons(&self) -> impl ExactSizeIterator<Item = (&Lesson, u32)> {
        self.kept.iter().map(|kept| (&kept.lesson, kept.count))
    }

    /// The places that refer to objects which do not exist, so that somebody may make them.
    pub fn missing(&self) -> impl Iterator<Item = &Where> {
        self.lessons().filter(|(lesson, _)| lesson.rule == Rule::Missing).map(|(lesson, _)| &lesson.place)
    }

    fn take(&mut self, mut lesson: Lesson) -> bool {
        if let Where::Body(tokens) | Where::Field(tokens) = &mut lesson.place {
            tokens.iter_mut().filter(|token| is_index(token)).for_each(|token| "0".clone_into(token));
        }
        let place = lesson.place.clone();
        let same = |kept: &Kept| kept.lesson.place == place;
        let slot = slot(&lesson.rule);
        let mut count = 1;
        let mut news = true;
        if let Some(at) =
            self.kept.iter().position(|kept| same(kept) && self::slot(&kept.lesson.rule) == slot)
        {
            let old = self.kept.remove(at);
            count = old.count.saturating_add(1);
            if old.lesson == lesson {
                news = false;
            } else {
                lesson.rule = merged(old.lesson.rule.clone(), lesson.rule);
                news = old.lesson.rule != lesson.rule;
            }
        }
        self.kept.retain(|kept| !same(kept) || !contradict(&kept.lesson.rule, &lesson.rule));
        // A reason is better than none.
        if lesson.rule == Rule::Refused
            && self.kept.iter().any(|kept| same(kept) && kept.lesson.rule != Rule::Required)
        {
            news = false;
        }
        if self.kept.len() >= MOST {
            self.kept.remove(0);
        }
        self.kept.push(Kept { lesson, count });
        news
    }
}

/// Rules of one slot take each other's place.
fn slot(rule: &Rule) -> u8 {
    match rule {
        Rule::Required | Rule::Unknown => 0,
        Rule::Kind(_) => 1,
        Rule::OneOf(_) | Rule::Const(_) => 2,
        Rule::AtLeast { .. } => 3,
        Rule::AtMost { .. } => 4,
        Rule::MultipleOf(_) => 5,
        Rule::Length { .. } => 6,
        Rule::Items { .. } => 7,
        Rule::Pattern(_) => 8,
        Rule::Format(_) => 9,
        Rule::Taken => 10,
        Rule::Missing => 11,
        Rule::NotEmpty => 12,
        Rule::Same(_) => 13,
        Rule::Refused => 14,
    }
}

/// Two rules of one slot as one; where they exclude each other, the later one.
fn merged(old: Rule, new: Rule) -> Rule {
    let range = |old: (Option<u32>, Option<u32>), new: (Option<u32>, Option<u32>)| {
        let (min, max) = (new.0.or(old.0), new.1.or(old.1));
        match (min, max) {
            (Some(low), Some(high)) if low > high => new,
            both => both,
        }
    };
    match (old, new) {
        (Rule::OneOf(old), Rule::OneOf(new)) => {
            let both: Vec<_> = old.into_iter().filter(|value| new.contains(value)).collect();
            Rule::OneOf(if both.is_empty() { new } else { both })
        }
        (Rule::Length { min: a, max: b }, Rule::Length { min, max }) => {
            let (min, max) = range((a, b), (min, max));
            Rule::Length { min, max }
        }
        (Rule::Items { min: a, max: b }, Rule::Items { min, max }) => {
            let (min, max) = range((a, b), (min, max));
            Rule::Items { min, max }
        }
        (_, new) => new,
    }
}

/// Whether an old rule cannot hold beside a new one.
fn contradict(old: &Rule, new: &Rule) -> bool {
    let above = |low: &serde_json::Number, high: &serde_json::Number| low.as_f64() > high.as_f64();
    let is_text = |rule: &Rule| matches!(rule, Rule::Pattern(_) | Rule::Format(_) | Rule::Length { .. });
    let is_number =
        |rule: &Rule| matches!(rule, Rule::AtLeast { .. } | Rule::AtMost { .. } | Rule::MultipleOf(_));
    match (old, new) {
        (Rule::AtLeast { limit: low, .. }, Rule::AtMost { limit: high, .. })
        | (Rule::AtMost { limit: high, .. }, Rule::AtLeast { limit: low, .. }) => above(low, high),
        (old, Rule::Kind(kind)) => match kind {
            Kind::String => is_number(old),
            Kind::Array => is_number(old) || matches!(old, Rule::Pattern(_) | Rule::Format(_)),
            _ => is_text(old) || matches!(old, Rule::Items { .. }),
        },
        (Rule::Kind(kind), Rule::Format(_) | Rule::Pattern(_)) => *kind != Kind::String,
        (Rule::Kind(kind), Rule::Items { .. }) => *kind != Kind::Array,
        (Rule::Kind(kind), rule) if is_number(rule) => !matches!(kind, Kind::Integer | Kind::Number),
        (Rule::Pattern(_), Rule::Format(_)) | (Rule::Format(_), Rule::Pattern(_)) | (_, Rule::Unknown) => {
            true
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn at(rule: Rule) -> Lesson {
        Lesson { place: Where::Body(vec!["a".to_owned()]), rule }
    }

    fn rules(learned: &Learned) -> Vec<Rule> {
        learned.lessons().map(|(lesson, _)| lesson.rule.clone()).collect()
    }

    #[test]
    fn values_narrow_and_lengths_join() {
        let mut learned = Learned::new();
        assert!(learned.learn([at(Rule::OneOf(vec![json!("a"), json!("b")]))]));
        assert!(learned.learn([at(Rule::OneOf(vec![json!("b"), json!("c")]))]));
        assert!(!learned.learn([at(Rule::OneOf(vec![json!("b")]))]), "nothing new");
        learned.learn([
            at(Rule::Length { min: Some(3), max: None }),
            at(Rule::Length { min: None, max: Some(9) }),
        ]);
        let expected = vec![Rule::OneOf(vec![json!("b")]), Rule::Length { min: Some(3), max: Some(9) }];
        assert_eq!(rules(&learned), expected);
    }

    #[test]
    fn of_a_contradiction_the_later_one_stays() {
        let mut learned = Learned::new();
        learned.learn([at(Rule::AtLeast { limit: 10.into(), exclusive: false })]);
        learned.learn([at(Rule::AtMost { limit: 5.into(), exclusive: false })]);
        assert_eq!(rules(&learned), [Rule::AtMost { limit: 5.into(), exclusive: false }]);
        learned.learn([at(Rule::Required), at(Rule::Unknown)]);
        assert_eq!(rules(&learned), [Rule::Unknown]);
    }

    #[test]
    fn it_counts_and_is_bounded() {
        let mut learned = Learned::new();
        learned.learn((0..3).map(|_| at(Rule::Required)));
        assert_eq!(learned.lessons().map(|(_, count)| count).collect::<Vec<_>>(), [3]);
        let many = (0..5_000).map(|n| Lesson { place: Where::Query(format!("q{n}")), rule: Rule::Required });
        learned.learn(many);
        assert_eq!(learned.lessons().len(), MOST);
    }

    #[test]
    fn items_of_one_list_are_one_place() {
        let item = |index: &str| Where::Body(vec!["items".to_owned(), index.to_owned(), "n".to_owned()]);
        let mut learned = Learned::new();
        learned.learn(["0", "1", "17"].map(|index| Lesson { place: item(index), rule: Rule::Required }));
        assert_eq!(learned.lessons().len(), 1);
    }
}
