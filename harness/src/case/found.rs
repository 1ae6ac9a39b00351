//! Cases in files that are something else: fuzzers' artifacts, what a property test printed or kept, logs of CI.

use super::file::FileError;
use super::model::Case;

/// How every case begins.
const BEGINNING: &[u8] = b"{\"format\":";
/// The most cases that are taken from one file.
const MOST: usize = 1_024;
/// Bytes of one file that are searched.
const LARGEST: usize = 256 << 20;

/// The cases in these bytes: the whole is one, or they stand anywhere in it, each a JSON object of its own. What
/// begins as a case and is none that may be run is an error of its own, and so is, at the end, what is left out because
/// there are more than 1,024, or more than 256 MiB of anything.
pub fn cases_in(bytes: &[u8]) -> Vec<Result<Case, FileError>> {
    cases_within(bytes, LARGEST)
}

fn cases_within(bytes: &[u8], largest: usize) -> Vec<Result<Case, FileError>> {
    if bytes.trim_ascii_start().starts_with(b"{")
        && let Ok(case) = Case::from_json(bytes)
    {
        return vec![Ok(case)];
    }
    let mut found = Vec::new();
    let mut rest = &bytes[..bytes.len().min(largest)];
    while let Some(at) = beginning(rest) {
        if found.len() >= MOST {
            found.push(Err(FileError::Beyond(format!("this holds more than {MOST} cases"))));
            return found;
        }
        rest = &rest[at..];
        let mut objects = serde_json::Deserializer::from_slice(rest).into_iter::<serde_json::Value>();
        let object = objects.next();
        let end = objects.byte_offset();
        rest = &rest[end.max(BEGINNING.len()).min(rest.len())..];
        match object {
            Some(Ok(json)) => found.push(Case::from_json(json.to_string().as_bytes())),
            // Cut off, or something else that begins so.
            Some(Err(error)) => found.push(Err(FileError::Malformed(error.to_string()))),
            None => break,
        }
    }
    if bytes.len() > largest {
        found.push(Err(FileError::Beyond(format!("this is larger than {} MiB", LARGEST >> 20))));
    }
    found
}

/// Where something begins as a case does, spaces left out.
fn beginning(bytes: &[u8]) -> Option<usize> {
    memchr::memchr_iter(b'{', bytes).find(|at| {
        let key = bytes[at + 1..].trim_ascii_start();
        key.strip_prefix(b"\"format\"").is_some_and(|rest| rest.trim_ascii_start().starts_with(b":"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn case(name: &str) -> Case {
        Case::new("input-server-error", format!("GET /{name}"))
    }

    fn compact(case: &Case) -> String {
        serde_json::to_string(case).expect("JSON")
    }

    #[test]
    fn cases_stand_alone_or_in_texts() {
        let (one, two) = (case("one"), case("two"));
        assert_eq!(cases_in(one.to_json().as_bytes()), [Ok(one.clone())]);
        let log = format!(
            "running 1 test\nthread panicked: {{\"format\": \ncc 12ab # shrinks to case {}\nand {}\n{{\"other\": 1}}",
            compact(&one),
            two.to_json()
        );
        let found: Vec<_> = cases_in(log.as_bytes()).into_iter().filter_map(Result::ok).collect();
        assert_eq!(found, [one, two]);
    }

    #[test]
    fn what_is_no_case_is_told_and_ends() {
        assert!(cases_in(b"\xff\x00 no case {} {\"a\": 1}").is_empty());
        assert!(matches!(cases_in(b"{\"format\": 99}")[..], [Err(FileError::Newer { found: 99 })]));
        assert!(matches!(cases_in(b"{\"format\": 1, \"check\": ")[..], [Err(FileError::Malformed(_))]));
    }

    #[test]
    fn what_is_left_out_is_told() {
        let beyond =
            |found: &[Result<Case, FileError>]| matches!(found.last(), Some(Err(FileError::Beyond(_))));
        let text = |number: usize| format!("{}\n", compact(&case("one"))).repeat(number);
        let (many, all) = (cases_in(text(MOST + 1).as_bytes()), cases_in(text(MOST).as_bytes()));
        assert_eq!((many.len(), beyond(&many)), (MOST + 1, true));
        assert_eq!((all.len(), beyond(&all)), (MOST, false));
        let endless = cases_in("{\"format\":".repeat(5_000).as_bytes());
        assert_eq!((endless.len(), beyond(&endless)), (MOST + 1, true));
        let two = text(2);
        let cut = cases_within(two.as_bytes(), two.len() - 1);
        assert_eq!((cut.len(), beyond(&cut)), (3, true), "two cases, the break of the line left out");
        assert!(!beyond(&cases_within(two.as_bytes(), two.len())));
    }
}
