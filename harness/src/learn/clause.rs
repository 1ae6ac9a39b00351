//! A message cut into its clauses: several errors in one text.

/// Clauses of one message.
const MOST: usize = 24;
/// Bytes of one message that are read.
const LONGEST: usize = 2_048;

/// The clauses of a message, trimmed, none empty.
pub(super) fn clauses(message: &str) -> Vec<&str> {
    let message = head(message);
    let mut clauses = Vec::new();
    let mut start = 0;
    let bytes = message.as_bytes();
    let (mut quote, mut depth) = (None, 0_u32);
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            b'"' | b'`' if quote == Some(*byte) => quote = None,
            b'"' | b'`' if quote.is_none() => quote = Some(*byte),
            b'[' | b'(' if quote.is_none() => depth += 1,
            b']' | b')' if quote.is_none() => depth = depth.saturating_sub(1),
            b'\n' => {
                clauses.push(&message[start..at]);
                start = at + 1;
                (quote, depth) = (None, 0);
            }
            b';' | b',' | b'.' if quote.is_none() && depth == 0 && ends(*byte, &message[at + 1..]) => {
                clauses.push(&message[start..at]);
                start = at + 1;
            }
            _ => {}
        }
        if clauses.len() >= MOST {
            return trimmed(clauses);
        }
    }
    clauses.push(&message[start..]);
    trimmed(clauses)
}

fn trimmed(clauses: Vec<&str>) -> Vec<&str> {
    clauses.into_iter().map(str::trim).filter(|clause| !clause.is_empty()).collect()
}

/// As much of a message as is read.
pub(super) fn head(message: &str) -> &str {
    let mut end = message.len().min(LONGEST);
    while !message.is_char_boundary(end) {
        end -= 1;
    }
    &message[..end]
}

/// Whether a new clause begins behind this mark.
fn ends(mark: u8, rest: &str) -> bool {
    let Some(next) = rest.strip_prefix(' ') else { return false };
    let parts =
        ["body", "querystring", "params", "headers", "request/", "request.", "query/", "path/", "Key: "];
    let named = parts.iter().any(|part| next.starts_with(part));
    let speaks = |text: &str| {
        [" must ", " should ", " is ", " can't ", " cannot ", " has ", " may ", " does", " are "]
            .iter()
            .any(|verb| text.contains(verb))
    };
    let clause = next.split([';', '\n']).next().unwrap_or_default();
    match mark {
        b';' => true,
        b',' => named || (next.starts_with(|c: char| c.is_ascii_uppercase() || c == '"') && speaks(clause)),
        _ => next.starts_with('"') && speaks(clause),
    }
}
