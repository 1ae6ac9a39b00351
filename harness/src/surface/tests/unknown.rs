//! What is of no format, or of one that cannot be used.

use super::names;
use crate::surface::Surface;

#[test]
fn errors_say_what_was_expected_and_what_was_seen() {
    let said = [
        "{\"name\": \"list\", \"version\": \"1.0.0\"}",
        "{\"requests\": [], \"order\": [], \"name\": \"old\"}",
        "{\"log\": {}}",
        "{\"log\": {\"entries\": [}",
        "<html></html>",
        "asyncapi: 3.0.0",
        "apiVersion: v1\nkind: Pod",
        "just text",
        "# only a comment",
        "",
        "@base = https://api.example.com\n",
        "swagger: '1.2'",
        "openapi: 4.0.0",
    ]
    .map(|text| Surface::from_text(text, "api").expect_err(text).to_string());
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn the_content_decides_and_not_the_name() {
    let yaml = "#### The API ####\n# GET /nothing\nopenapi: 3.1.0\npaths: {/a: {get: {}}}\n";
    assert_eq!(names(&Surface::from_text(yaml, "a.http").expect("loads")), ["GET /a"]);
    let list = "### One\nGET https://api.example.com/a\n";
    assert_eq!(names(&Surface::from_text(list, "openapi.yaml").expect("loads")), ["GET /a"]);
    let marked = "\u{feff}{\"log\": {\"entries\": []}}";
    assert!(names(&Surface::from_text(marked, "x").expect("loads")).is_empty());
}
