//! Documents and references between them.
//!
//! A reference leads to the same document or to a file of the first document's folder, never elsewhere: a
//! document is untrusted input, and must make proofhouse read no other file and fetch nothing.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use serde_json::Value as Json;

use super::load;
use crate::case::{escape_token, tokens};

/// Files that one document may refer to.
const MAX_FILES: usize = 256;
/// Their size together, in bytes.
const MAX_BYTES: usize = 64 << 20;
/// References in a row.
const MAX_HOPS: usize = 32;
/// Begins the file part of a reference that a conversion wrote: the number of a document follows. No reference to a
/// file holds this character.
const MADE: char = '\0';

/// Something that cannot be used, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Problem {
    pub(super) pointer: String,
    pub(super) reason: String,
}

pub(super) type Outcome<T> = Result<T, Problem>;

/// The first document and the files that it refers to.
#[derive(Debug)]
pub(super) struct Documents {
    /// The first is the document itself.
    documents: Vec<Document>,
    /// From a document and the file part of a reference in it.
    files: HashMap<(usize, String), Result<usize, String>>,
    /// Where the first document was made from another: what its places are called there.
    origins: Origins,
}

/// Places of a document that was made from another, and what people call them there.
#[derive(Debug, Default)]
pub(in crate::surface) struct Origins {
    /// By pointer into the document that was made.
    pub(in crate::surface) places: HashMap<String, String>,
    /// What stands below such a place stands below its origin too.
    pub(in crate::surface) nested: bool,
}

impl Origins {
    /// The origin of a place, or of the nearest place above it that has one.
    fn of(&self, pointer: &str) -> String {
        let mut at = pointer.len();
        loop {
            if let Some(origin) = self.places.get(&pointer[..at]) {
                return if self.nested { format!("{origin}{}", &pointer[at..]) } else { origin.clone() };
            }
            match pointer[..at].rfind('/') {
                Some(slash) => at = slash,
                None => return pointer.to_owned(),
            }
        }
    }
}

#[derive(Debug)]
struct Document {
    /// Relative to the folder; empty for the first.
    name: String,
    folder: Option<PathBuf>,
    anchors: HashMap<String, String>,
    /// `$self`: by which its own references may name it (OpenAPI 3.2, "OpenAPI Object").
    own: Option<String>,
    root: Json,
}

impl Document {
    fn new(name: String, folder: Option<PathBuf>, root: Json) -> Self {
        let mut found = HashMap::new();
        anchors(&root, &mut Vec::new(), &mut found);
        let own = root.get("$self").and_then(Json::as_str).filter(|own| !own.is_empty());
        let own = own.map(|own| own.split('#').next().unwrap_or_default().to_owned());
        Self { name, folder, anchors: found, own, root }
    }
}

/// A place in a document.
#[derive(Clone, Debug)]
pub(super) struct Node<'a> {
    pub(super) document: usize,
    pub(super) pointer: String,
    pub(super) json: &'a Json,
}

impl<'a> Node<'a> {
    /// What stands below this key.
    pub(super) fn get(&self, key: &str) -> Option<Self> {
        self.json.get(key).map(|json| self.below(key, json))
    }

    pub(super) fn below(&self, key: &str, json: &'a Json) -> Self {
        Self { document: self.document, pointer: format!("{}/{}", self.pointer, escape_token(key)), json }
    }

    /// The members of an object.
    pub(super) fn members(&self) -> impl Iterator<Item = (&'a str, Self)> + use<'a, '_> {
        let members = self.json.as_object().into_iter().flatten();
        members.map(|(key, json)| (key.as_str(), self.below(key, json)))
    }

    /// The items of a list.
    pub(super) fn items(&self) -> impl Iterator<Item = Self> + use<'a, '_> {
        let items = self.json.as_array().into_iter().flatten();
        items.enumerate().map(|(index, json)| self.below(&index.to_string(), json))
    }

    pub(super) fn text(&self, key: &str) -> Option<&'a str> {
        self.json.get(key).and_then(Json::as_str)
    }

    pub(super) fn flag(&self, key: &str) -> bool {
        self.json.get(key) == Some(&Json::Bool(true))
    }
}

impl Documents {
    /// A document without a folder.
    pub(super) fn alone(root: Json) -> Self {
        let documents = vec![Document::new(String::new(), None, root)];
        Self { documents, files: HashMap::new(), origins: Origins::default() }
    }

    /// A document that was made from samples, whose places have other names.
    pub(super) fn made(root: Json, origins: Origins) -> Self {
        Self { origins, ..Self::alone(root) }
    }

    /// Puts a document that was made from the first in front of it. Its references are those of [`Self::reference`].
    pub(super) fn converted(self, root: Json, origins: Origins) -> Self {
        let mut files = HashMap::new();
        for ((from, file), found) in self.files {
            let found = found.map(|index| index + 1);
            if from == 0 {
                files.insert((0, file.clone()), found.clone());
            }
            files.insert((from + 1, file), found);
        }
        let mut documents = vec![Document::new(String::new(), None, root)];
        documents.extend(self.documents);
        Self { documents, files, origins }
    }

    /// How a document that is put in front of these by [`Self::converted`] refers to what `reference` means in
    /// document `from`.
    pub(super) fn reference(&self, from: usize, reference: &str) -> String {
        let (file, fragment) = reference.split_once('#').unwrap_or((reference, ""));
        let target = match file {
            "" => Some(from),
            file => self.files.get(&(from, file.to_owned())).and_then(|found| found.clone().ok()),
        };
        target.map_or_else(|| reference.to_owned(), |index| format!("{MADE}{}#{fragment}", index + 1))
    }

    /// A document and every file of its folder that it refers to, directly or not.
    pub(super) fn with_folder(root: Json, path: &Path) -> Self {
        let mut this = Self::alone(root);
        let Ok(path) = path.canonicalize() else { return this };
        let Some(folder) = path.parent().map(Path::to_path_buf) else { return this };
        this.documents[0].folder = Some(folder.clone());
        let mut known = HashMap::from([(path, Ok(0))]);
        let mut bytes = 0;
        let mut next = 0;
        while next < this.documents.len() {
            let mut files = BTreeSet::new();
            file_parts(&this.documents[next].root, &mut files);
            for file in files {
                let key = (next, file);
                let base = this.documents[next].folder.clone().unwrap_or_else(|| folder.clone());
                let found = inside(&folder, &base, &key.1).and_then(|path| {
                    let found = known.get(&path).cloned();
                    let found = found.unwrap_or_else(|| this.add(&folder, &path, &mut bytes));
                    known.insert(path, found.clone());
                    found
                });
                this.files.insert(key, found);
            }
            next += 1;
        }
        this
    }

    fn add(&mut self, folder: &Path, path: &Path, bytes: &mut usize) -> Result<usize, String> {
        if self.documents.len() > MAX_FILES {
            return Err(format!("the document refers to more than {MAX_FILES} files"));
        }
        let text = load::read(path).map_err(|error| error.to_string())?;
        *bytes += text.len();
        if *bytes > MAX_BYTES {
            return Err(format!("the files together are larger than {} MiB", MAX_BYTES >> 20));
        }
        let name = path.strip_prefix(folder).unwrap_or(path).display().to_string();
        let root = load::parse(&text, &name).map_err(|error| error.to_string())?;
        self.documents.push(Document::new(name, path.parent().map(Path::to_path_buf), root));
        Ok(self.documents.len() - 1)
    }

    /// The first document's root.
    pub(super) fn root(&self) -> Node<'_> {
        Node { document: 0, pointer: String::new(), json: &self.documents[0].root }
    }

    /// The place as people write it: with the file's name when it is not the first document.
    pub(super) fn place(&self, node: &Node<'_>) -> String {
        match self.documents[node.document].name.as_str() {
            "" if node.document == 0 && !self.origins.places.is_empty() => self.origins.of(&node.pointer),
            "" => node.pointer.clone(),
            name => format!("{name}#{}", node.pointer),
        }
    }

    pub(super) fn problem(&self, node: &Node<'_>, reason: impl Into<String>) -> Problem {
        Problem { pointer: self.place(node), reason: reason.into() }
    }

    /// What a reference in `from` leads to.
    pub(super) fn find(&self, from: &Node<'_>, reference: &str) -> Outcome<Node<'_>> {
        self.lookup(from.document, reference).map_err(|reason| {
            let shown = match reference.strip_prefix(MADE) {
                Some(own) => own.trim_start_matches(|c: char| c.is_ascii_digit()),
                None => reference,
            };
            self.problem(from, format!("`{}`: {reason}", shown.escape_debug()))
        })
    }

    fn lookup(&self, from: usize, reference: &str) -> Result<Node<'_>, String> {
        let (file, fragment) = reference.split_once('#').unwrap_or((reference, ""));
        let document = if file.is_empty() || self.documents[from].own.as_deref() == Some(file) {
            from
        } else if let (0, Some(number)) = (from, file.strip_prefix(MADE)) {
            let number = number.parse().ok().filter(|number| *number < self.documents.len());
            number.ok_or("there is no such document")?
        } else {
            refuse_elsewhere(file)?;
            let found = self.files.get(&(from, file.to_owned())).cloned();
            found.unwrap_or_else(|| Err("a document that is not a file has no other files".to_owned()))?
        };
        let fragment = percent_decoded(fragment).ok_or("the fragment is not UTF-8")?;
        let root = &self.documents[document].root;
        if !fragment.is_empty() && !fragment.starts_with('/') {
            let pointer = self.documents[document].anchors.get(&fragment).ok_or("there is no such anchor")?;
            let json = root.pointer(pointer).ok_or("there is no such anchor")?;
            return Ok(Node { document, pointer: pointer.clone(), json });
        }
        let json = root.pointer(&fragment).ok_or("there is nothing at this place")?;
        let pointer = tokens(&fragment)
            .unwrap_or_default()
            .iter()
            .fold(String::new(), |pointer, token| pointer + "/" + &escape_token(token));
        Ok(Node { document, pointer, json })
    }

    /// Follows references, at most [`MAX_HOPS`] in a row.
    pub(super) fn follow<'a>(&'a self, node: &Node<'a>) -> Outcome<Node<'a>> {
        let mut at = node.clone();
        for _ in 0..MAX_HOPS {
            match at.json.get("$ref") {
                None => return Ok(at),
                Some(Json::String(reference)) => at = self.find(&at, reference)?,
                Some(_) => return Err(self.problem(&at, "`$ref` is not text")),
            }
        }
        Err(self.problem(node, "references lead to each other without end"))
    }
}

/// Whether a reference leads to another host: nothing is fetched from there.
pub(super) fn lies_elsewhere(json: &Json) -> bool {
    let reference = json.get("$ref").and_then(Json::as_str).unwrap_or_default();
    ["https://", "http://", "//"].iter().any(|start| reference.starts_with(start))
}

/// The file parts of all references of a document.
fn file_parts(json: &Json, files: &mut BTreeSet<String>) {
    match json {
        Json::Array(items) => items.iter().for_each(|item| file_parts(item, files)),
        Json::Object(members) => {
            for (key, value) in members {
                if let (true, Some(reference)) = (key == "$ref", value.as_str()) {
                    files.extend(
                        reference.split('#').next().filter(|file| !file.is_empty()).map(str::to_owned),
                    );
                }
                file_parts(value, files);
            }
        }
        _ => {}
    }
}

/// The file that a reference in the folder `base` names, if it is a plain file inside `folder`.
fn inside(folder: &Path, base: &Path, file: &str) -> Result<PathBuf, String> {
    refuse_elsewhere(file)?;
    let file = percent_decoded(file).ok_or("the name is not UTF-8")?;
    refuse_elsewhere(&file)?;
    let path = base.join(file).canonicalize().map_err(|error| format!("no such file: {error}"))?;
    // Only now are `..` and symbolic links gone.
    match () {
        () if !path.starts_with(folder) => {
            Err("it is outside the document's folder; copy it inside".to_owned())
        }
        () if !path.is_file() => Err("it is not a plain file".to_owned()),
        () => Ok(path),
    }
}

fn refuse_elsewhere(file: &str) -> Result<(), String> {
    let before_slash = file.split('/').next().unwrap_or_default();
    match () {
        () if before_slash.contains(':') || file.starts_with("//") => {
            Err("references to other places are not followed; bundle the document".to_owned())
        }
        () if file.starts_with('/') || file.contains('\\') || file.contains('\0') => {
            Err("only files relative to the document are read".to_owned())
        }
        () => Ok(()),
    }
}

/// Every `$anchor` of a document with its pointer; the first of a name wins.
fn anchors(json: &Json, path: &mut Vec<String>, found: &mut HashMap<String, String>) {
    let mut below = |key: String, value| {
        path.push(key);
        anchors(value, path, found);
        path.pop();
    };
    match json {
        Json::Array(items) => items.iter().enumerate().for_each(|(at, item)| below(at.to_string(), item)),
        Json::Object(members) => {
            members.iter().for_each(|(key, value)| below(escape_token(key), value));
            for keyword in ["$anchor", "$dynamicAnchor"] {
                if let Some(name) = members.get(keyword).and_then(Json::as_str) {
                    let pointer = path.iter().fold(String::new(), |pointer, token| pointer + "/" + token);
                    found.entry(name.to_owned()).or_insert(pointer);
                }
            }
        }
        _ => {}
    }
}

/// Percent-decoding (RFC 3986 section 2.1); what is not an escape stays.
pub(crate) fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let escaped = match (first, tail) {
            (b'%', [high, low, ..]) => {
                char::from(*high).to_digit(16).zip(char::from(*low).to_digit(16)).map(|(h, l)| h * 16 + l)
            }
            _ => None,
        };
        bytes.push(escaped.map_or(*first, |byte| byte as u8));
        rest = if escaped.is_some() { &tail[2..] } else { tail };
    }
    String::from_utf8(bytes).ok()
}
