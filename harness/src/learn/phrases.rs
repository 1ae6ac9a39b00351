//! What messages say, for every framework alike: one table, first match first.
//!
//! Groups: `f` a field, `fs` several, `a` and `b` numbers, `u` what is counted, `l` values, `t` a type, `k` a format,
//! `p` a pattern, `s` another field.

/// What a phrase means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// Understood, and nothing to learn.
    Silent,
    Required,
    /// Missing and empty are told apart by nobody here.
    RequiredNotEmpty,
    RequiredKind,
    Unknown,
    Kind,
    OneOf,
    True,
    Least(bool),
    Most(bool),
    Between,
    Exactly,
    Positive(bool),
    Multiple,
    Even,
    Pattern,
    Digits,
    ObjectId,
    Format,
    Taken,
    Missing,
    NotEmpty,
    Same,
    Confirmed,
    Refused,
}

const A: &str = r#"['"`]?(?P<a>-?\d+(?:\.\d+)?)['"`]?"#;
const B: &str = r#"['"`]?(?P<b>-?\d+(?:\.\d+)?)['"`]?"#;
const U: &str = r"(?:\s*(?P<u>char|letter|symbol|digit|in length|long|item|element|entr))?";
const TYPE: &str = "(?P<t>strings?|str|text|integers?|int(?:32|64)?|whole number|numbers?|numeric|decimal|float|double|\
     bool(?:ean)?s?|true or false|arrays?|lists?|sequence|objects?|dict(?:ionary)?|hash|map(?:ping)?(?: type)?)";
const FORMAT: &str = "(?P<k>e-?mail(?: address)?|uuid(?:v4)?|guid|iso[ -]?8601(?: date(?: ?time| string)?)?|date or datetime|\
     date[ -]?time|datestring|date string|timestamp|date|time|duration|ur[li](?: address)?|https? ur[li]|iri|fully-qualified http, https, or ftp url|ip(?:v[46])?(?: or ipv6)?(?: address)?|hostname|\
     domain(?: name)?|fqdn|(?:mobile )?phone(?: number)?|e\\.?164(?: phone number)?|base64)";

/// The table. `{A}`, `{B}`, `{U}`, `{TYPE}` and `{FORMAT}` stand for the expressions above.
pub(super) const PHRASES: &[(&str, Shape)] = &[
    // Fields that the message itself names.
    (r#"must have required propert(?:y|ies):? ['"`]?(?P<fs>[^'"`;]+)"#, Shape::Required),
    (r"'(?P<f>[^']+)' is a required property", Shape::Required),
    (r"missing field `(?P<f>[^`]+)`", Shape::Required),
    (r"missing required creator property '(?P<f>[^']+)'", Shape::Required),
    (r"null\) value for creator parameter (?P<f>\w+)", Shape::Required),
    (r"missing required properties,? including(?: the following)?: (?P<fs>[^.]+)", Shape::Required),
    (r"param(?:eter)? is missing or the value is empty(?: or invalid)?: (?P<f>\w+)", Shape::Required),
    (
        r"required (?:request |query |form |url )?(?:\w+ )?(?:parameter|header|cookie|part|path variable)s? '(?P<f>[^']+)'.*(?:not present|missing)",
        Shape::Required,
    ),
    (
        r#"missing (?:required )?(?:request |query |form |body |url )?(?:header|cookie|path variable|(?:query |form )?param(?:eter)?)s?:? ['"`]?(?P<f>[\w.\[\]-]+)"#,
        Shape::Required,
    ),
    (
        r#"missing required (?:propert(?:y|ies)|fields?|keys?|arguments?|attributes?|values?)(?: in body)?:? \[?(?P<fs>['"`]?[\w.\[\]-]+['"`]?(?:, ?['"`]?[\w.\[\]-]+['"`]?)*)"#,
        Shape::Required,
    ),
    (
        r#"missing (?:field|property|key|argument|attribute)s?:? \[?(?P<fs>['"`]?[\w.\[\]-]+['"`]?(?:, ?['"`]?[\w.\[\]-]+['"`]?)*)"#,
        Shape::Required,
    ),
    (
        r#"(?:required|mandatory) (?:field|property|key|attribute)s? (?:is |are )?missing:? ['"`]?(?P<fs>[\w.\[\]-]+(?:, ?[\w.\[\]-]+)*)"#,
        Shape::Required,
    ),
    (r"path `(?P<f>[^`]+)` is required", Shape::Required),
    (
        r#"required (?:property|field|key) ['"`](?P<f>[^'"`]+)['"`] (?:is |was )?(?:missing|not)"#,
        Shape::Required,
    ),
    (
        r#"^(?:(?:key|field|property|parameter|member) ['"`]?|['"`])(?P<f>[\w.\[\]-]+)['"`]? (?:is |was )?(?:missing|not (?:present|specified|set|given|provided|found)) or (?:is )?not (?:an? )?{TYPE}\b"#,
        Shape::RequiredKind,
    ),
    (
        r"^(?:is |was )?(?:missing|not (?:present|specified|set|given|provided|found)) or (?:is )?not (?:an? )?{TYPE}\b",
        Shape::RequiredKind,
    ),
    (r"\b(?:provide|specify|supply|give|send|include) at least one of\b", Shape::Required),
    (
        r"\bno (?:values?|data|body|input|content|payload|results?|permissions?|access|authentication|credentials?|tokens?) (?:was |were )?(?:given|provided|specified|supplied)",
        Shape::Silent,
    ),
    (
        r#"\bno ['"`]?(?P<f>[\w.-]+)['"`]? (?:was |were )?(?:given|provided|specified|supplied)\b"#,
        Shape::Required,
    ),
    (r"unknown field `(?P<f>[^`]+)`, (?:expected|there are no)", Shape::Unknown),
    (r#"unknown field ["'](?P<f>[^"']+)["']"#, Shape::Unknown),
    (r"property (?P<f>[\w.$-]+) should not exist", Shape::Unknown),
    (r#"unrecognized field "(?P<f>[^"]+)""#, Shape::Unknown),
    (r#"unrecognized key(?:s|\(s\))?(?: in object)?: (?P<fs>['"`].+)"#, Shape::Unknown),
    (r"additional properties are not allowed \((?P<fs>.+?) (?:was|were) unexpected\)", Shape::Unknown),
    (r"must not have (?:additional|unevaluated) properties[;:] (?:found )?['`](?P<f>[^'`]+)", Shape::Unknown),
    (r"found unpermitted parameters?: :?(?P<fs>[\w:, ]+)", Shape::Unknown),
    (
        r#"(?:unknown|unexpected|extra|unrecognized|unsupported) (?:request |query |body |url )?(?:field|property|parameter|param|key|attribute|argument)(?:s|\(s\))?:? ['"`](?P<f>[\w.\[\]$-]+)['"`]"#,
        Shape::Unknown,
    ),
    (r"extra query parameter\(s\) (?P<fs>[\w, ]+) not in spec", Shape::Unknown),
    (r"must not have (?:additional|unevaluated) properties", Shape::Silent),
    (
        r"is required to be |is not required|not found (?:for|in) (?:this|the) (?:url|route|server)",
        Shape::Silent,
    ),
    (r"^json decode error|json parse error - |^(?:invalid|malformed) json|unexpected token", Shape::Silent),
    (r"^unknown fields?(?:\(s\))?\.?$|^should not exist\.?$", Shape::Unknown),
    // Values.
    (r"(?:must|should|has to) be (?P<l>'[^']*'(?:, '[^']*')*,? or '[^']*')", Shape::OneOf),
    (r"not one of the values accepted for enum class: (?P<l>\[[^\]]*\])", Shape::OneOf),
    (r"must be one of the following(?: values)?:? (?P<l>.+)", Shape::OneOf),
    (
        r"(?:equal to one of the allowed values|is not one of(?: the allowed values)?|permitted|(?:must|should|has to|needs to|can) be (?:any |one |either )?(?:one )?of):? ?(?P<l>[\[('\x22`].+)",
        Shape::OneOf,
    ),
    (r"(?:equal to one of the allowed values|permitted): (?P<l>.+)", Shape::OneOf),
    (r"(?:must|should|has to|needs to) be one of:? (?P<l>.+)", Shape::OneOf),
    (r"unknown variant `[^`]*`, expected (?:one of )?(?P<l>`[^`]+`(?:(?:, | or )`[^`]+`)*)", Shape::OneOf),
    (r"invalid enum value\. expected (?P<l>.+), received", Shape::OneOf),
    (r"expected one of:? (?P<l>.+)", Shape::OneOf),
    (r#"invalid (?:input: expected|literal value, expected) (?P<l>"[^"]*"|-?\d+|true|false)"#, Shape::OneOf),
    (r"input should be (?P<l>'[^']*'(?:, '[^']*')*(?: or '[^']*')?)$", Shape::OneOf),
    (
        r"(?:allowed|valid|accepted|permitted|possible|supported|available) (?:values?|options?|choices?)(?: are| is|:| include)+:? (?P<l>.+)",
        Shape::OneOf,
    ),
    (r"(?:must|should) be (?:either |in )?(?P<l>\[[^\]:]+\])$", Shape::OneOf),
    (r#"must be either (?P<l>["'`].+)"#, Shape::OneOf),
    (r"must be accepted|must be (?:set to |equal to )?true$", Shape::True),
    // Another field.
    (r"must be \[ref:(?P<s>[\w.]+)\]", Shape::Same),
    (r"confirmation does(?:n't| not) match|must be confirmed", Shape::Confirmed),
    // Uniqueness and references.
    (r"key \((?P<f>\w+)\)=\(.*\) already exists", Shape::Taken),
    (r#"unique constraint failed on the (?:fields?|constraint): \(?[`'"]?(?P<f>\w+)"#, Shape::Taken),
    (r"dup(?:licate)? key(?: error.*?dup key)?: \{ ?(?P<f>\w+):", Shape::Taken),
    (r"unique constraint failed: \w+\.(?P<f>\w+)", Shape::Taken),
    (r"with (?:this|that|the same) (?P<f>[a-z][\w -]{0,40}?) already exists", Shape::Taken),
    (
        r"already (?:been )?(?:taken|exists?|in use|used|registered)|must be unique|is taken\b|is not unique|not available$",
        Shape::Taken,
    ),
    (r"key \((?P<f>\w+)\)=\(.*\) is not present in table", Shape::Missing),
    (
        r"object does not exist|^must exist$|violates foreign key|references? (?:an? )?(?:unknown|missing|non-?existent)|(?:does(?:n't| not) exist|could not be found|not found)\.?$",
        Shape::Missing,
    ),
    // Empty and missing.
    (
        r"not allowed to be empty|(?:may|must|can) ?not be (?:an )?empty(?: string)?$|should be non-empty|list may not be empty|may not be (?:null|blank)|(?:is|was|be) (?:an )?empty(?: string)?$|cannot be null|can't be null|non-empty",
        Shape::NotEmpty,
    ),
    (
        r"(?:can't|cannot|can not|must not|should not|mustn't|shouldn't|may not) be (?:blank|empty)|is blank",
        Shape::RequiredNotEmpty,
    ),
    (r"(?:must not|should not|can not|may not) be null|not\.null|must not be undefined", Shape::Required),
    (r"expected (?P<t>\w+), received undefined", Shape::RequiredKind),
    // Bounds. The longer phrase stands first: "not less than" is not "less than".
    (
        r"(?:minimum length of|(?:longer|greater) than or equal to|at least) {A},? (?:and|but) (?:a |be )?(?:maximum length of|(?:shorter|less) than or equal to|at most|no more than) {B}{U}",
        Shape::Between,
    ),
    (r"between {A} (?:and|to|-) {B}(?: \(?inclusive\)?)?{U}", Shape::Between),
    (r"(?:in|within|from|range|in the range)(?: of| from)? \[?{A} ?(?:\.\.|to|,|-|and) ?{B}", Shape::Between),
    (r"{A} (?:to|-) {B} ?(?P<u>char|letter|item|element)", Shape::Between),
    (r"must be {A} (?P<u>digits?)", Shape::Digits),
    (r"must be {A} (?P<u>char|item|element)", Shape::Exactly),
    (
        r"(?:less(?: than)? or equals?(?: to)?|lower than or equal to|smaller than or equal to|shorter than or equal to|at most|no (?:more|greater|longer|larger|higher) than|(?:not|cannot|can't|never) (?:be |have |contain |exceed )?(?:more|greater|longer|larger|higher|bigger) than|(?:not|cannot|can't) exceed|longer than maximum length|maximum(?: length| value| size| number)?(?: allowed)?(?: of| is|:)?|max(?:imum)? length(?: of| is|:)?|up to|<=|≤|equal to or less than) ?(?:a )?(?:maximum )?{B}{U}",
        Shape::Most(false),
    ),
    (
        r"{B}{U}\w*(?:\(s\))? (?:or (?:less|fewer|lower|below|smaller)|at most|maximum|max\b)",
        Shape::Most(false),
    ),
    (
        r"(?:greater(?: than)? or equals?(?: to)?|more than or equal to|longer than or equal to|larger than or equal to|at least|no (?:less|fewer|lower|smaller|shorter) than|not (?:be |have |contain )?(?:less|fewer|shorter|smaller|lower) than|shorter than minimum length|minimum(?: length| value| size| number)?(?: allowed)?(?: of| is|:)?|min(?:imum)? length(?: of| is|:)?|>=|≥|equal to or greater than) ?(?:a )?(?:minimum )?{A}{U}",
        Shape::Least(false),
    ),
    (
        r"{A}{U}\w*(?:\(s\))? (?:or (?:greater|more|higher|above|larger|longer)|at least|minimum|min\b)",
        Shape::Least(false),
    ),
    (
        r"(?:(?:greater|more|larger|bigger|longer|higher) than|(?:must be|number to be|should be|value) ?>|must be above) ?{A}{U}",
        Shape::Least(true),
    ),
    (
        r"(?:(?:less|fewer|shorter|smaller|lower) than|(?:must be|number to be|should be|value) ?<|must be (?:below|under)) ?{B}{U}",
        Shape::Most(true),
    ),
    (
        r"(?:exactly|wrong length \(should be|length must be|must be of length|must have a length of|length (?:of|should be)) {A}{U}",
        Shape::Exactly,
    ),
    (
        r"(?:be|valid) (?:a )?positive (?:or zero|or 0)|non-?negative|positive number or zero",
        Shape::Positive(false),
    ),
    (r"(?:must|should|to) be (?:a |an )?positive|is not (?:a )?positive", Shape::Positive(true)),
    (r"(?:multiple of|divisible by) {A}", Shape::Multiple),
    (r"must be even$", Shape::Even),
    // Patterns.
    (r"fails to match the required pattern: /(?P<p>.+)/[a-z]*$", Shape::Pattern),
    (r"must match /(?P<p>.+)/[a-z]* regular expression", Shape::Pattern),
    (r"must match (?:the )?pattern:? /(?P<p>.+)/[a-z]*$", Shape::Pattern),
    (
        r#"(?:match(?:es)?|match (?:the )?(?:regular expression|pattern|regex)):? "(?P<p>[\^\\\[(.].*)""#,
        Shape::Pattern,
    ),
    (
        r"(?:match(?:es)?|match (?:the )?(?:regular expression|pattern|regex)):? '(?P<p>[\^\\\[(.].*)'",
        Shape::Pattern,
    ),
    (r#"match (?:the )?(?:regular expression|pattern|regex):? ["'](?P<p>.+)["']"#, Shape::Pattern),
    (r"mongodb id|valid objectid|cast to objectid failed|24 (?:character )?hex", Shape::ObjectId),
    (
        r#"(?:match|equal|be the same as|same as) (?:the )?["'`]?(?P<s>[a-z_][\w ]{0,40}?)["'`]?(?: field)?\.?$"#,
        Shape::Same,
    ),
    (r"passwords? (?:do|does|must|should)(?:n't| not)? (?:match|be the same|be equal)", Shape::Confirmed),
    (r"cannot parse `.*?` (?:with value `.*?` )?to an? `(?P<t>[^`]+)`", Shape::Kind),
    // Formats.
    (r#"match(?:es)? (?:the )?format:? ["'`]?{FORMAT}\b"#, Shape::Format),
    (r"{FORMAT} has wrong format", Shape::Format),
    (r"^(?:invalid|bad) {FORMAT}\b", Shape::Format),
    (
        r#"(?:valid|well-formed|invalid|must be an?|should be an?|is not an?|be in|expected an?|to be an?) ["'`“]?{FORMAT}(?:["'`”]| |\.|,|:|$)"#,
        Shape::Format,
    ),
    (r"(?:invalid|unparse?able|malformed) {FORMAT}(?: format| string|$)", Shape::Format),
    (r"{FORMAT} parsing failed", Shape::Format),
    // Types.
    (r"json value could not be converted to (?P<t>[\w.`\[\]+]+?)(?:\.? path:|$|\. )", Shape::Kind),
    (
        r"cannot (?:deserialize|construct) (?:value|instance) of (?:type )?`?(?P<t>[\w.<>$\[\]]+)`?",
        Shape::Kind,
    ),
    (r"(?:to|of) required type '(?P<t>[^']+)'", Shape::Kind),
    (r"cannot unmarshal .+? of type (?P<t>[\w.\[\]*]+)", Shape::Kind),
    (r"invalid (?:type|value): .*?, expected (?P<t>.+?)(?: at line \d+.*)?$", Shape::Kind),
    (r"is not of type '?(?P<t>\w+)", Shape::Kind),
    (r"strconv\.parse(?P<t>int|float|bool)", Shape::Kind),
    (r#"expected (?:type:? |an? |to be )?['"`]?{TYPE}\b"#, Shape::Kind),
    (
        r#"(?:must|should|has to|needs to|can only) (?:only )?be (?:either )?(?:of (?:the )?type:? |of type:? |an? |valid |in |["'`])*{TYPE}\b"#,
        Shape::Kind,
    ),
    (r"(?:not|isn't) (?:a |an )?(?:valid )?{TYPE}\b", Shape::Kind),
    (r"(?:invalid|valid) {TYPE}\b", Shape::Kind),
    (r"value could not be parsed to an? {TYPE}", Shape::Kind),
    (r"{TYPE} type expected", Shape::Kind),
    (r"expecting an? {TYPE}", Shape::Kind),
    (
        r"not a valid (?:choice|enum value)|is not included in the list|^invalid value|is not valid\b|is invalid\b|^invalid\.?$|does not match expected|one of the allowed values",
        Shape::Refused,
    ),
    // Missing and unknown, where nothing else is said.
    (
        r"^unknown field\.?$|extra fields? not permitted|extra inputs are not permitted|(?:is|are) not (?:allowed|permitted|expected|recognized)\.?$|is (?:unknown|unexpected|prohibited)\.?$|field is prohibited|unexpected (?:field|property|parameter|key)\.?$",
        Shape::Unknown,
    ),
    (
        r"\b(?:is|are) (?:a )?(?:required|mandatory)\b|(?:^|: )required\.?$|^required field\.?$|field required|for required field|(?:is|was|are) missing|must be (?:provided|supplied|specified|present|set|defined|given)|(?:was|is|were) not (?:provided|supplied|present|specified|set)|cannot be (?:undefined|omitted)|^missing\.?$|is undefined",
        Shape::Required,
    ),
];

/// An expression with its parts put in.
pub(super) fn expanded(pattern: &str) -> String {
    let parts = [("{A}", A), ("{B}", B), ("{U}", U), ("{TYPE}", TYPE), ("{FORMAT}", FORMAT)];
    parts.iter().fold(format!("(?is){pattern}"), |text, (name, part)| text.replace(name, part))
}
