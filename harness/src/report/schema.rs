//! The JSON Schemas of what is written.

use serde_json::{Map, Value, json};

use super::{Report, SCHEMA_VERSION};

/// The JSON Schema (draft 2020-12) of `report.json`. Readers ignore members that they do not know, so it allows them.
pub fn report_schema() -> Value {
    let schema =
        schemars::generate::SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<Report>();
    let mut head = Map::from_iter([
        ("$schema".to_owned(), json!("https://json-schema.org/draft/2020-12/schema")),
        ("title".to_owned(), json!(format!("proofhouse report {SCHEMA_VERSION}"))),
    ]);
    if let Value::Object(members) = schema.to_value() {
        for (name, value) in members {
            head.entry(name).or_insert(value);
        }
    }
    Value::Object(head)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::text::sample;

    fn errors(report: &Value) -> Vec<String> {
        let validator = jsonschema::draft202012::new(&report_schema()).expect("the schema is one");
        validator.iter_errors(report).map(|error| format!("{}: {error}", error.instance_path())).collect()
    }

    #[test]
    fn reports_are_as_the_schema_says() {
        jsonschema::draft202012::meta::validate(&report_schema()).expect("the schema is one");
        for report in [sample::report(), sample::empty(), sample::hostile()] {
            let json = serde_json::to_value(report).expect("a report is JSON");
            assert_eq!(errors(&json), Vec::<String>::new());
        }
    }

    #[test]
    fn what_is_no_report_is_refused() {
        let mut json = serde_json::to_value(sample::report()).expect("a report is JSON");
        json["practices"][0]["verdict"] = json!("fine");
        json["findings"][0]["severity"] = json!(7);
        json["seed"] = json!(-1);
        assert_eq!(errors(&json).len(), 3, "{:?}", errors(&json));
        json.as_object_mut().expect("an object").remove("vacuous");
        assert_eq!(errors(&json).len(), 4, "{:?}", errors(&json));
    }

    /// Every member that a reader of `report.json` may rely on, as paths; `[]` is an item of a list.
    const MEMBERS: &str = "schema_version tool target seed started finished requests requests_per_second environment \
        config_digest practices practices[].id practices[].title practices[].verdict practices[].proven \
        practices[].applicable practices[].figures practices[].checks practices[].checks[].id \
        practices[].checks[].verdict practices[].checks[].requests practices[].checks[].operations findings \
        findings[].fingerprint findings[].cause findings[].issue findings[].check findings[].practice findings[].state \
        findings[].severity findings[].severity_reason findings[].confidence findings[].cwe findings[].owasp \
        findings[].wfc_code findings[].operation findings[].operation.method findings[].operation.path findings[].place \
        findings[].title findings[].detail findings[].expected findings[].actual findings[].falsified_by \
        findings[].identity findings[].reproduced findings[].reproduced.k findings[].reproduced.n findings[].case_file \
        findings[].evidence findings[].evidence[].label findings[].evidence[].request findings[].evidence[].response \
        findings[].curl findings[].first_seen findings[].status operations operations[].method operations[].path \
        operations[].requests operations[].statuses matrix series vacuous skipped skipped[].check skipped[].reason \
        skipped[].enable";

    #[test]
    fn the_schema_has_every_member_that_readers_rely_on() {
        let schema = report_schema();
        let resolve = |mut at: Value| {
            while let Some(name) = at["$ref"].as_str() {
                at = schema.pointer(&name[1..]).cloned().unwrap_or_default();
            }
            at
        };
        for path in MEMBERS.split_whitespace() {
            let mut at = schema.clone();
            for name in path.split('.') {
                let (name, item) = name.strip_suffix("[]").map_or((name, false), |name| (name, true));
                at = resolve(at["properties"][name].clone());
                if item {
                    at = resolve(at["items"].clone());
                }
            }
            assert!(at.is_boolean() || at.as_object().is_some_and(|members| !members.is_empty()), "{path}");
        }
    }
}
