//! What is learned from comparisons, and what values become by it.

use super::super::compared::{compared, compared_bytes, listening};
use super::*;
use crate::case::{ANONYMOUS, Base, Body, Content, Request, Role, Step};
use crate::generate::Seeded;

pub(in crate::engine::fuzz) fn case(members: Vec<(&str, Value)>) -> Case {
    let mut case = Case::new("explore", "POST /a");
    let members = members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    let content = Content::Json(Value::Object(members));
    let body = Some(Body { media_type: "application/json".to_owned(), content });
    let request = Request { method: "POST".to_owned(), path: "/a".to_owned(), body, ..Request::default() };
    case.bases.push(Base { name: "a".to_owned(), operation: "POST /a".to_owned(), request });
    case.steps.push(Step::send("attack", Role::Attack, ANONYMOUS, "a", Vec::new()));
    case
}

pub(in crate::engine::fuzz) fn number(number: u64) -> Value {
    Value::Number(number.into())
}

/// What a value becomes with what was compared while a case ran, in some hundred draws.
fn becomes(value: &Value, comparing: impl FnOnce()) -> Vec<Value> {
    let case = case(vec![("a", value.clone())]);
    let mut hints = Hints::default();
    listening(comparing);
    hints.learn(&case, &mut |_, _, _| {});
    let mut src = Seeded::new(1);
    (0..200).filter_map(|_| hints.take(&case, &mut src)).map(|(_, new)| new).collect()
}

#[test]
fn a_number_becomes_what_it_or_a_half_of_it_was_compared_with() {
    assert!(becomes(&number(4_711), || compared(2, 0xb6e5, 4_711)).contains(&number(0xb6e5)));
    let sent = number(0x1234_5678);
    assert!(becomes(&sent, || compared(4, 0x1234, 0x9c3b)).contains(&number(0x9c3b_5678)));
    assert!(becomes(&sent, || compared(4, 0x1234_0000, 0x9c3b_0000)).contains(&number(0x9c3b_5678)));
    assert!(becomes(&sent, || compared(4, 0x5678, 0x51d7)).contains(&number(0x1234_51d7)));
    assert!(becomes(&sent, || compared(4, 0x1234_5678, 0xffff_fff6)).contains(&Value::Number((-10).into())));
    assert!(becomes(&sent, || compared(4, 7, 9)).is_empty(), "nothing of it was compared");
    assert!(becomes(&number(7), || compared(4, 7, 9_999)).is_empty(), "what is small is compared by chance");
    assert!(becomes(&number(4_711), || compared(4, 4_711, 9)).is_empty(), "what is small is met by chance");
    assert!(
        becomes(&number(4_711), || compared(8, 4_711, u64::MAX)).is_empty(),
        "and that stands for nothing"
    );
    assert!(becomes(&sent, || compared(4, 0x5678, 0x1_51d7)).is_empty(), "a half has no room for more");
    let below = Value::Number((-300).into());
    let wanted = Value::Number((-301).into());
    assert!(becomes(&below, || compared(4, 0xffff_fed4, 0xffff_fed3)).contains(&wanted));
    assert!(becomes(&Value::text("4711"), || compared(4, 4_711, 815)).contains(&Value::text("815")));
}

#[test]
fn a_text_gets_the_length_and_the_words_that_it_was_compared_with() {
    let text = "abcdefghijklmnopqrst";
    let lengths: Vec<_> = becomes(&Value::text(text), || compared(8, 20, 769))
        .into_iter()
        .filter_map(|value| value.as_text().map(str::len))
        .collect();
    assert!((767..=771).all(|length| lengths.contains(&length)), "{lengths:?}");
    let words = becomes(&Value::text("small"), || {
        #[expect(unsafe_code, reason = "pointers are handed over as the compiler does")]
        unsafe {
            compared_bytes(b"large".as_ptr(), b"small".as_ptr(), 5);
        }
    });
    assert!(words.contains(&Value::text("large")));
    let half = u32::from_le_bytes(*b"smal");
    let tall = u32::from_le_bytes(*b"tall");
    assert!(
        becomes(&Value::text("small"), || compared(4, half.into(), tall.into()))
            .contains(&Value::text("talll"))
    );
}

#[test]
fn what_is_seen_with_many_values_goes_first() {
    let mut hints = Hints::default();
    for sent in 100..400_u64 {
        listening(|| {
            compared(4, sent, 0xbeef);
            // Chance: another one each time, and more than are kept.
            compared(8, sent, sent.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20);
        });
        hints.learn(&case(vec![("a", number(sent))]), &mut |_, _, _| {});
    }
    let (case, mut src) = (case(vec![("a", number(77))]), Seeded::new(3));
    let taken = (0..100).filter_map(|_| hints.take(&case, &mut src));
    let right = taken.filter(|(_, new)| (0xbeed..=0xbef1).any(|near| *new == number(near))).count();
    assert!(right > 15, "{right}");
}

#[test]
fn only_what_is_seen_with_several_values_is_likely() {
    let likely = |values: std::ops::Range<u64>, times: usize| {
        let mut hints = Hints::default();
        for sent in values.cycle().take(times) {
            listening(|| compared(4, sent, 0xbeef));
            hints.learn(&case(vec![("a", number(sent))]), &mut |_, _, _| {});
        }
        hints.likely(&case(vec![("a", number(77))]), 8, &mut Seeded::new(1)).len()
    };
    assert_eq!(likely(100..101, 40), 0, "one value is compared as often as it is sent");
    assert_eq!(likely(100..108, 8), 3, "that, a little more and a little less");
}

#[test]
fn a_case_of_many_values_is_not_learned_from_for_ever() {
    let many = Value::List(vec![number(4_711); 2 * LEARNED]);
    let mut visited = 0;
    listening(|| compared(4, 4_711, 0xbeef));
    Hints::default().learn(&case(vec![("a", many)]), &mut |_, _, _| visited += 1);
    assert_eq!(visited, LEARNED);
}

#[test]
fn fields_are_told_apart_by_operation_and_name() {
    let (one, other) = (case(vec![("a", number(77)), ("b", number(77))]), case(vec![("b", number(77))]));
    let fields = |case: &Case| {
        let mut fields = Vec::new();
        each_node(case, &mut |node, value, _| {
            if matches!(value, Value::Number(_)) {
                fields.push(field(&node, case));
            }
        });
        fields
    };
    let (of_one, of_other) = (fields(&one), fields(&other));
    assert_eq!((of_one.len(), of_other.len()), (2, 1));
    assert_ne!(of_one[0], of_one[1]);
    assert_eq!(of_one[1], of_other[0]);
    let mut elsewhere = other;
    elsewhere.bases[0].operation = "POST /b".to_owned();
    assert_ne!(fields(&elsewhere), of_other);
}
