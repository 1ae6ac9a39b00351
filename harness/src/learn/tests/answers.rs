//! Answers as frameworks give them, and what is learned from them.

use super::super::{Where, lessons, plain_words};

/// The answers of a file: the status, the media type, a name, and the body behind each heading.
fn answers(text: &'static str) -> impl Iterator<Item = (u16, &'static str, &'static str, &'static str)> {
    text.split("### ").filter(|part| !part.trim().is_empty()).map(|part| {
        let (heading, body) = part.split_once('\n').expect("a body");
        let mut words = heading.splitn(3, ' ');
        let status = words.next().and_then(|status| status.parse().ok()).expect("a status");
        (status, words.next().expect("a media type"), words.next().unwrap_or("plain"), body.trim())
    })
}

fn learned(text: &'static str) -> String {
    let mut out = String::new();
    for (status, media_type, name, body) in answers(text) {
        out.push_str(&format!("{name}\n"));
        for lesson in lessons(status, Some(media_type), body.as_bytes()) {
            let sure = if matches!(lesson.place, Where::Field(_)) { "somewhere: " } else { "" };
            out.push_str(&format!("    {sure}{}\n", plain_words(&lesson)));
        }
    }
    out
}

macro_rules! frameworks {
    ($($name:ident)*) => {$(
        #[test]
        fn $name() {
            let text = include_str!(concat!("answers/", stringify!($name), ".txt"));
            assert!(answers(text).count() >= 5);
            insta::assert_snapshot!(learned(text));
        }
    )*};
}

frameworks! {
    ajv aspnet drf express_validator fastapi go joi laravel marshmallow nestjs openapi problem rails serde spring zod
}

#[test]
fn other_answers_teach_nothing() {
    for (status, media_type, _, body) in answers(include_str!("answers/unrelated.txt")) {
        assert_eq!(lessons(status, Some(media_type), body.as_bytes()), [], "{status} {body}");
    }
}
