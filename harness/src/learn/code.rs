//! From the machine-readable part of an error to rules: its code, and the values beside it.

use serde_json::{Map, Number, Value as Json};

use super::lesson::{Format, Kind, Rule};
use super::path::{is, same};
use super::phrase::{count, pattern};
use super::values;

/// What a code says, with the values that stand beside it (`ctx`, `params`, `context`, the error itself).
#[derive(Debug)]
pub(super) struct Code<'a> {
    pub(super) name: &'a str,
    pub(super) beside: Vec<&'a Map<String, Json>>,
}

impl Code<'_> {
    /// The rules, each with the name of the field below the place that it is about. Empty where the code says
    /// nothing that is known here; the message may.
    pub(super) fn rules(&self) -> Vec<(Option<String>, Rule)> {
        let name = self.name.trim_end_matches(".openapi.validation");
        let last = name.rsplit(['.', ':', '/']).next().unwrap_or(name);
        if let Some(fields) = self.fields(last) {
            return fields;
        }
        self.own(last, name).into_iter().map(|rule| (None, rule)).collect()
    }

    /// Rules about fields that stand beside the code.
    fn fields(&self, code: &str) -> Option<Vec<(Option<String>, Rule)>> {
        let texts = |value: &Json| -> Vec<String> {
            let one = value.as_str().into_iter();
            let many = value.as_array().into_iter().flatten().filter_map(Json::as_str);
            one.chain(many).take(32).map(str::to_owned).collect()
        };
        let (names, rule): (&[&str], Rule) = match () {
            () if is(code, &["required"]) => (&["missingproperty"], Rule::Required),
            () if is(code, &["additionalproperties", "unevaluatedproperties"]) => {
                (&["additionalproperty", "unevaluatedproperty"], Rule::Unknown)
            }
            () if is(code, &["unrecognizedkeys"]) => (&["keys"], Rule::Unknown),
            () => return None,
        };
        let found = texts(self.value(names)?);
        (!found.is_empty()).then(|| found.into_iter().map(|name| (Some(name), rule.clone())).collect())
    }

    fn own(&self, code: &str, whole: &str) -> Vec<Rule> {
        let one = |rule: Option<Rule>| rule.into_iter().collect::<Vec<_>>();
        match () {
            () if is(code, &["required", "missing", "isdefined", "notnull", "null", "requiredfield"]) => {
                // `required` of ajv speaks of a property, and names it.
                vec![if same(code, "null") { Rule::NotEmpty } else { Rule::Required }]
            }
            () if is(code, &["extraforbidden", "extra", "additionalproperties", "notpermitted"]) => {
                vec![Rule::Unknown]
            }
            () if is(
                code,
                &["enum", "literalerror", "invalidenumvalue", "invalidvalue", "only", "oneof"],
            ) || same(code, "const") =>
            {
                one(self.values())
            }
            () if is(code, &["invalidliteral"]) => one(self.value(&["expected"]).cloned().map(Rule::Const)),
            () if is(code, &["type", "invalidtype", "wrongtype"]) => self.kind(),
            () if is(code, &["uuidparsing", "uuidtype", "uuid", "isuuid", "guid", "uuid4"]) => {
                format(Format::Uuid)
            }
            () if is(code, &["email", "isemail", "emailinvalid"]) => format(Format::Email),
            () if is(code, &["url", "urlparsing", "isurl", "uri", "httpurl"]) => format(Format::Uri),
            () if is(code, &["datetimeparsing", "datetimetype", "datetimefromdateparsing", "datetime"]) => {
                format(Format::DateTime)
            }
            () if is(code, &["dateparsing", "datetype", "datefromdatetimeparsing"]) => format(Format::Date),
            () if is(code, &["timeparsing", "timetype"]) => format(Format::Time),
            () if is(code, &["ip", "ipv4", "ipaddress"]) => format(Format::Ip),
            () if is(code, &["e164"]) => format(Format::Phone),
            () if is(code, &["format", "invalidformat", "invalidstring"]) => self.format(),
            () if is(code, &["pattern", "stringpatternmismatch", "regex", "matches"]) => {
                one(self.text(&["pattern", "regex"]).map(pattern))
            }
            () if is(code, &["unique", "taken", "notunique", "duplicate", "alreadyexists"]) => {
                vec![Rule::Taken]
            }
            () if is(code, &["doesnotexist", "notexists"]) => vec![Rule::Missing],
            () if is(code, &["blank", "notblank", "notempty", "isnotempty"]) => {
                vec![Rule::Required, Rule::NotEmpty]
            }
            () if is(code, &["empty"]) => vec![Rule::NotEmpty],
            () if is(code, &["multipleof", "notmultipleof"]) => {
                one(self.number(&["multipleof", "divisor"]).map(Rule::MultipleOf))
            }
            () if is(code, &["alpha"]) && whole == "alpha" => {
                one(Some(Rule::Pattern("^[A-Za-z]+$".to_owned())))
            }
            () if is(code, &["alphanum"]) && whole == "alphanum" => {
                one(Some(Rule::Pattern("^[A-Za-z0-9]+$".to_owned())))
            }
            () => {
                let bound = self.bound(code);
                if bound.is_empty() { typed(code) } else { bound }
            }
        }
    }

    fn bound(&self, code: &str) -> Vec<Rule> {
        let lower = is(
            code,
            &[
                "minimum",
                "exclusiveminimum",
                "greaterthan",
                "greaterthanequal",
                "notge",
                "notgt",
                "minlength",
                "stringtooshort",
                "tooshort",
                "minitems",
                "toosmall",
                "min",
            ],
        );
        let upper = is(
            code,
            &[
                "maximum",
                "exclusivemaximum",
                "lessthan",
                "lessthanequal",
                "notle",
                "notlt",
                "maxlength",
                "stringtoolong",
                "toolong",
                "maxitems",
                "toobig",
                "max",
            ],
        );
        if !lower && !upper {
            return Vec::new();
        }
        let names: &[&str] = if lower {
            &["ge", "gt", "minimum", "minlength", "minitems", "limitvalue", "limit", "min"]
        } else {
            &["le", "lt", "maximum", "maxlength", "maxitems", "limitvalue", "limit", "max"]
        };
        let Some(limit) = self.number(names) else { return Vec::new() };
        let exclusive =
            is(code, &["exclusiveminimum", "exclusivemaximum", "greaterthan", "lessthan", "notgt", "notlt"])
                || self.value(&["inclusive"]) == Some(&Json::Bool(false))
                || matches!(self.text(&["comparison"]), Some("<" | ">"));
        let counted = self.text(&["origin", "type"]).unwrap_or_default();
        let items =
            is(code, &["minitems", "maxitems", "tooshort", "toolong"]) || is(counted, &["array", "set"]);
        let length = is(code, &["minlength", "maxlength", "stringtooshort", "stringtoolong"])
            || same(counted, "string");
        let by = |step: i64| if exclusive { step } else { 0 };
        let size = |step| count(&limit, by(step));
        let exact = self.value(&["exact"]) == Some(&Json::Bool(true));
        let (min, max) = match lower {
            _ if exact => (size(0), size(0)),
            true => (size(1), None),
            false => (None, size(-1)),
        };
        let rule = match () {
            () if (items || length) && min.is_none() && max.is_none() => return Vec::new(),
            () if items => Rule::Items { min, max },
            () if length => Rule::Length { min, max },
            // A length, a count or a number: the message tells.
            () if is(code, &["min", "max"]) => return Vec::new(),
            () if is(counted, &["date", "file", "bigint"]) => return Vec::new(),
            () if lower => Rule::AtLeast { limit, exclusive },
            () => Rule::AtMost { limit, exclusive },
        };
        vec![rule]
    }

    fn kind(&self) -> Vec<Rule> {
        if self.text(&["received"]) == Some("undefined") {
            let mut rules = vec![Rule::Required];
            rules.extend(self.text(&["expected"]).map(values::type_rules).unwrap_or_default());
            return rules;
        }
        let name = self
            .text(&["expected"])
            .or_else(|| self.beside.iter().skip(1).find_map(|map| map.get("type")?.as_str()));
        name.filter(|name| !name.contains(',')).map(values::type_rules).unwrap_or_default()
    }

    fn format(&self) -> Vec<Rule> {
        if let Some(text) = self
            .text(&["pattern"])
            .filter(|text| text.len() > 2 && self.text(&["format", "validation"]) == Some("regex"))
        {
            // Zod writes the slashes of the literal.
            let inner = text
                .strip_prefix('/')
                .and_then(|text| text.rsplit_once('/'))
                .map_or(text, |(inner, _)| inner);
            return vec![pattern(inner)];
        }
        let name = self.text(&["format", "validation"]);
        name.and_then(values::format).map(format).unwrap_or_default()
    }

    fn values(&self) -> Option<Rule> {
        let listed = ["enumvalues", "permitted", "allowedvalues", "options", "values", "valids", "choices"];
        if let Some(list) = self.value(&listed).and_then(Json::as_array) {
            let scalars =
                list.iter().filter(|value| !value.is_array() && !value.is_object() && !value.is_null());
            let values: Vec<Json> = scalars.take(100).cloned().collect();
            return (!values.is_empty()).then_some(Rule::OneOf(values));
        }
        if let Some(only) = self.value(&["allowedvalue", "const"]) {
            return Some(Rule::Const(only.clone()));
        }
        let values = values::list(self.text(&["expected"])?);
        (!values.is_empty()).then_some(Rule::OneOf(values))
    }

    fn value(&self, names: &[&str]) -> Option<&Json> {
        names.iter().find_map(|name| {
            self.beside.iter().find_map(|map| {
                map.iter().find(|(key, value)| same(key, name) && !value.is_null()).map(|(_, value)| value)
            })
        })
    }

    fn text(&self, names: &[&str]) -> Option<&str> {
        self.value(names)?.as_str()
    }

    fn number(&self, names: &[&str]) -> Option<Number> {
        match self.value(names)? {
            Json::Number(number) => Some(number.clone()),
            Json::String(text) => values::number(text),
            _ => None,
        }
    }
}

fn format(format: Format) -> Vec<Rule> {
    vec![Rule::Format(format)]
}

/// Codes that name a type, such as `int_parsing`, `type_error.integer`, `isString`.
fn typed(code: &str) -> Vec<Rule> {
    let kind = match () {
        () if is(code, &["intparsing", "inttype", "intfromfloat", "integer", "isint", "notint"]) => {
            Kind::Integer
        }
        () if is(
            code,
            &[
                "floatparsing",
                "floattype",
                "float",
                "isnumber",
                "decimalparsing",
                "decimaltype",
                "numeric",
                "number",
            ],
        ) =>
        {
            Kind::Number
        }
        () if is(code, &["boolparsing", "booltype", "bool", "boolean", "isboolean"]) => Kind::Boolean,
        () if is(code, &["stringtype", "str", "isstring", "string"]) => Kind::String,
        () if is(code, &["listtype", "list", "array", "isarray", "tupletype", "settype", "notalist"]) => {
            Kind::Array
        }
        () if is(
            code,
            &["dicttype", "modeltype", "modelattributestype", "dict", "object", "isobject", "dataclasstype"],
        ) =>
        {
            Kind::Object
        }
        () => return Vec::new(),
    };
    vec![Rule::Kind(kind)]
}
