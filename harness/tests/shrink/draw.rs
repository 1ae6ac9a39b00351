//! Cases drawn at random: every part of the format, references between steps, shared baselines.

use proofhouse::case::{
    Act, Base, Body, Case, Compress, Content, CredentialRef, Dynamic, Edit, Excerpt, Forgery, FreshKind,
    IdentityNeed, Nest, Pairs, Part, Place, Repeat, Request, Role, Step, Value, Wait,
};
use proofhouse::generate::Source;
use serde_json::json;

const NAMES: [&str; 6] = ["q", "limit", "name", "note", "$sort", "a/b"];
const IDENTITIES: [&str; 3] = ["alice", "bob", "anonymous"];
const TEXTS: [&str; 8] = [
    "soup",
    "' AND '1'='1",
    "12",
    "leave it at the door, please, and ring twice",
    "é✓ü",
    "",
    "x",
    "../../etc/passwd",
];

/// A case of one to nine steps that is read back as it is written.
pub(crate) fn case(src: &mut dyn Source) -> Case {
    loop {
        let case = any(src);
        if Case::from_json(case.to_json().as_bytes()).is_ok_and(|read| read == case) {
            return case;
        }
    }
}

fn any(src: &mut dyn Source) -> Case {
    let mut case = Case::new("input-check", "GET /things");
    let count = src.int(1..=9) as usize;
    for index in 0..src.int(1..=3) {
        let request = request(src, count);
        let operation = format!("{} {}", request.method, request.path);
        case.bases.push(Base { name: format!("base-{index}"), operation, request });
    }
    for index in 0..count {
        let step = step(src, index, &case.bases);
        case.steps.push(step);
    }
    let operations = case.bases.iter().map(|base| base.operation.as_str()).chain(["GET /unused"]);
    for name in operations {
        if case.excerpt(name).is_none() {
            case.operations.push(std::sync::Arc::new(Excerpt {
                name: name.to_owned(),
                responses: [].into(),
                needs_credential: None,
                rate_limit: None,
            }));
        }
    }
    for name in ["alice", "bob", "carol"] {
        case.identities.push(IdentityNeed { name: name.to_owned(), role: None });
    }
    case
}

fn request(src: &mut dyn Source, steps: usize) -> Request {
    let method = ["GET", "POST"][src.index(2)].to_owned();
    let path = ["/things/{id}", "/things"][src.index(2)].to_owned();
    let mut request = Request { method, path, ..Request::default() };
    if request.path.contains("{id}") {
        request.path_params.set("id", value(src, steps, 1));
    }
    request.query = pairs(src, steps);
    request.headers = pairs(src, steps);
    request.cookies = pairs(src, steps);
    let content = match src.int(0..=5) {
        0..=2 => Content::Json(value(src, steps, 4)),
        3 => Content::Form(pairs(src, steps)),
        4 => Content::Multipart(vec![Part {
            name: "file".into(),
            filename: None,
            media_type: None,
            value: value(src, steps, 1),
        }]),
        _ => return request,
    };
    request.body = Some(Body { media_type: "application/json".into(), content });
    request
}

fn pairs(src: &mut dyn Source, steps: usize) -> Pairs {
    let mut pairs = Pairs::default();
    for _ in 0..src.int(0..=3) {
        pairs.set(NAMES[src.index(NAMES.len())], value(src, steps, 1));
    }
    pairs
}

fn step(src: &mut dyn Source, index: usize, bases: &[Base]) -> Step {
    let role =
        [Role::Setup, Role::Control, Role::Attack, Role::Attack, Role::Observe, Role::Cleanup][src.index(6)];
    let identity = IDENTITIES[src.index(3)];
    let edits = (0..src.int(0..=3)).map(|_| edit(src, index)).collect();
    let base = &bases[src.index(bases.len())].name;
    let mut step = Step::send(format!("step-{index}"), role, identity, base, edits);
    match src.int(0..=9) {
        0 => step.act = Act::Raw(value(src, index, 1)),
        1 => {
            let retry_after = (index > 0 && src.ratio(1, 2)).then(|| format!("step-{}", src.index(index)));
            step.act = Act::Wait(Wait { millis: src.int(1..=5_000), retry_after, at_most: 60_000 });
        }
        2 => step.act = Act::Hook("reset".into()),
        _ => {}
    }
    if src.ratio(1, 4) {
        step.copies = src.int(2..=300) as u32;
    }
    step.overlap = src.ratio(1, 6);
    step.connection = src.ratio(1, 6).then(|| "one".to_owned());
    step.source = src.ratio(1, 8).then(|| [127, 0, 0, 9].into());
    step.retry = src.int(0..=2) as u8;
    step
}

fn edit(src: &mut dyn Source, before: usize) -> Edit {
    let name = NAMES[src.index(NAMES.len())];
    let at = [Place::Query(name.into()), Place::Header(name.into()), Place::Body][src.index(3)].clone();
    let value = value(src, before, 2);
    let label = String::new();
    match src.int(0..=7) {
        0 | 1 => Edit::Set { at, value, label },
        2 => Edit::Remove { at, label },
        3 => Edit::Insert { at, value, label },
        4 => Edit::Append { at, value, label },
        5 => Edit::Splice { at, offset: src.int(0..=40) as u32, delete: src.int(0..=9) as u32, value, label },
        6 => Edit::Duplicate { at, value, label },
        _ => {
            let claims = json!({"sub": "bob", "exp": 1, "scope": ["a", "b"]});
            let claims = serde_json::from_value(claims).expect("a map");
            Edit::ForgeToken { forgery: Forgery { claims, ..Forgery::default() }, label }
        }
    }
}

/// A value; references name one of the steps before.
fn value(src: &mut dyn Source, before: usize, depth: u32) -> Value {
    let text = TEXTS[src.index(TEXTS.len())];
    if depth > 1 && src.ratio(2, 3) {
        let count = src.int(0..=4);
        return if src.ratio(1, 3) {
            Value::List((0..count).map(|_| value(src, before, depth - 1)).collect())
        } else {
            let mut members = Pairs::default();
            (0..count)
                .for_each(|_| members.set(NAMES[src.index(NAMES.len())], value(src, before, depth - 1)));
            Value::Object(members.0)
        };
    }
    match src.int(0..=17) {
        0..=7 => Value::text(text),
        8 => Value::Number(src.int(0..=5_000).into()),
        9 => Value::Number((-src.int(0..=u64::MAX / 4).cast_signed()).into()),
        10 => Value::Bool(src.ratio(1, 2)),
        11 | 12 if before > 0 => Value::reference(format!("step-{}", src.index(before)), "/id"),
        11 | 12 => Value::Null,
        13 => Value::fresh("name", FreshKind::Word),
        14 => Value::concat([Value::text(text), value(src, before, 1)]),
        15 => Value::dynamic(Dynamic::Repeat(Repeat {
            value: value(src, before, 0),
            times: src.int(1..=30) as u32,
        })),
        16 => Value::dynamic(Dynamic::Nest(Nest {
            open: "[".into(),
            inner: text.into(),
            close: "]".into(),
            depth: src.int(1..=10_000) as u32,
        })),
        _ => Value::dynamic(match src.int(0..=3) {
            0 => Dynamic::Base64(vec![0, 159, 146, 150]),
            1 => Dynamic::Compress(Compress { method: "gzip".into(), value: Value::text(text) }),
            2 => Dynamic::Credential(CredentialRef { identity: "bob".into(), part: "secret".into() }),
            _ => Dynamic::Canary("c".into()),
        }),
    }
}
