//! `dp schema`: what it says of files, held against files that are right and files that are wrong.
//!
//! The judge below knows as much of JSON Schema as dp uses, and fails on anything else.

use std::path::{Path, PathBuf};

use regex_lite::Regex;
use serde_json::{Value, json};

use crate::sandbox::Sandbox;

fn schema(which: &str) -> Value {
    let schema = Sandbox::bare().dp(["schema", which]).success().json();
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    schema
}

/// TOML as those who check it with a schema see it: dates are texts.
fn value(text: &str) -> Value {
    fn plain(value: toml::Value) -> Value {
        match value {
            toml::Value::Datetime(date) => json!(date.to_string()),
            toml::Value::Array(items) => items.into_iter().map(plain).collect(),
            toml::Value::Table(table) => {
                Value::Object(table.into_iter().map(|(key, value)| (key, plain(value))).collect())
            }
            other => serde_json::to_value(other).expect("a value of JSON"),
        }
    }
    plain(toml::Value::Table(text.parse().unwrap_or_else(|error| panic!("{error}\n{text}"))))
}

fn has_type(value: &Value, name: &str) -> bool {
    match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "number" => value.is_number(),
        "integer" => value.is_i64() || value.is_u64(),
        other => panic!("unknown type {other}"),
    }
}

/// What is wrong with a value, and where.
fn judge(schema: &Value, value: &Value, at: &str, problems: &mut Vec<String>) {
    let fits = |schema: &Value, value: &Value| {
        let mut problems = Vec::new();
        judge(schema, value, at, &mut problems);
        problems.is_empty()
    };
    for (keyword, rule) in schema.as_object().unwrap_or_else(|| panic!("no schema: {schema}")) {
        let list = || rule.as_array().unwrap_or_else(|| panic!("{keyword} is no list"));
        let fine = match keyword.as_str() {
            "$schema" | "title" | "description" | "then" => true,
            "type" => match rule {
                Value::String(name) => has_type(value, name),
                _ => list().iter().any(|name| has_type(value, name.as_str().expect("a name"))),
            },
            "enum" => list().contains(value),
            "const" => value == rule,
            "pattern" => {
                let pattern = Regex::new(rule.as_str().expect("a text")).expect("a regular expression");
                value.as_str().is_none_or(|text| pattern.is_match(text))
            }
            "minimum" => value.as_f64().is_none_or(|number| number >= rule.as_f64().expect("a number")),
            "required" => {
                list().iter().all(|key| !value.is_object() || value.get(key.as_str().expect("a name")).is_some())
            }
            "items" => {
                for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                    judge(rule, item, &format!("{at}[{index}]"), problems);
                }
                true
            }
            "properties" => {
                for (key, rule) in rule.as_object().expect("a table") {
                    if let Some(value) = value.get(key) {
                        judge(rule, value, &format!("{at}.{key}"), problems);
                    }
                }
                true
            }
            "additionalProperties" => {
                let known = schema.get("properties");
                let others = value.as_object().into_iter().flatten();
                for (key, value) in others.filter(|(key, _)| known.and_then(|known| known.get(*key)).is_none()) {
                    match rule {
                        Value::Bool(false) => problems.push(format!("{at}.{key} is unknown")),
                        rule => judge(rule, value, &format!("{at}.{key}"), problems),
                    }
                }
                true
            }
            "propertyNames" => value.as_object().into_iter().flatten().all(|(key, _)| fits(rule, &json!(key))),
            "anyOf" => list().iter().any(|rule| fits(rule, value)),
            "allOf" => {
                for rule in list() {
                    judge(rule, value, at, problems);
                }
                true
            }
            "if" => {
                if fits(rule, value) {
                    judge(&schema["then"], value, at, problems);
                }
                true
            }
            other => panic!("the judge does not know `{other}`"),
        };
        if !fine {
            problems.push(format!("{at}: {keyword} {rule}"));
        }
    }
}

fn problems(schema: &Value, text: &str) -> Vec<String> {
    let mut problems = Vec::new();
    judge(schema, &value(text), "", &mut problems);
    problems
}

/// Every file of a project in the repository.
fn files() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    for folder in ["examples", "tests/docs/example", "src/cli/init"] {
        for entry in walkdir::WalkDir::new(root.join(folder)).sort_by_file_name() {
            let path = entry.expect("the repository can be read").into_path();
            if path.extension().is_some_and(|extension| extension == "toml") {
                files.push(path);
            }
        }
    }
    assert!(files.len() > 25, "{files:?}");
    files
}

#[test]
fn every_file_of_the_examples_is_right() {
    let (project, asset) = (schema("project"), schema("asset"));
    for path in files() {
        let text = std::fs::read_to_string(&path).expect("the repository can be read");
        let schema = if path.ends_with("dp.toml") { &project } else { &asset };
        assert_eq!(problems(schema, &text), Vec::<String>::new(), "{}", path.display());
    }
}

#[test]
fn what_dp_refuses_is_wrong() {
    let asset = schema("asset");
    let fine = "kind = \"sql\"\nsql = \"select 1 as a\"\n";
    assert_eq!(problems(&asset, fine), Vec::<String>::new());
    for (wrong, problem) in [
        ("onwer = \"me\"", ".onwer is unknown"),
        ("tags = \"daily\"", ".tags: type \"array\""),
        ("protect = \"yes\"", ".protect: type \"boolean\""),
        ("refresh = \"soon\"", ".refresh: anyOf"),
        ("moved_from = \"Raw.Orders\"", ".moved_from: anyOf"),
        ("materialize = \"tabel\"", ".materialize: anyOf"),
        ("materialize = { file = \"x.csv\", formt = \"csv\" }", ".materialize: anyOf"),
        ("[columns.a]\ntyp = \"BIGINT\"", ".columns.a.typ is unknown"),
        ("[columns.a]\nchecks = [\"not_nul\"]", ".columns.a.checks[0]: anyOf"),
        ("[[checks]]\nrow_count = { min = -1 }", ".checks[0].row_count.min: minimum"),
        ("[[checks]]\nunique = [\"a\"]\nseverity = \"fatal\"", ".checks[0].severity: enum"),
    ] {
        let found = problems(&asset, &format!("{fine}{wrong}\n"));
        assert!(found.len() == 1 && found[0].starts_with(problem), "{wrong}: {found:?}");
    }
    for (wrong, problem) in [
        ("kind = \"table\"", ".kind: enum"),
        ("kind = \"sql\"", ": anyOf"),
        ("kind = \"source\"", ": required"),
        ("kind = \"source\"\n[source]\nformat = \"csv\"", ".source: required"),
        ("sql = \"select 1\"", ": required"),
    ] {
        let found = problems(&asset, wrong);
        assert!(found.len() == 1 && found[0].starts_with(problem), "{wrong}: {found:?}");
    }
    let project = schema("project");
    for (wrong, problem) in [
        ("", ": required"),
        ("[project]\nname = 1", ".project.name: type"),
        ("[project]\nname = \"a\"\n[vars]\na = [1]", ".vars.a: type"),
        ("[project]\nname = \"a\"\n[environments.Dev]", ".environments: propertyNames"),
        ("[project]\nname = \"a\"\n[connections.w]\nengine = \"postgres\"", ".connections.w.engine: enum"),
    ] {
        let found = problems(&project, wrong);
        assert!(found.len() == 1 && found[0].starts_with(problem), "{wrong}: {found:?}");
    }
}

#[test]
fn keys_are_explained() {
    let asset = schema("asset");
    let owner = &asset["properties"]["owner"];
    assert_eq!(owner, &json!({ "type": "string", "description": "Documentation; never a reason to rebuild" }));
    assert_eq!(
        asset["properties"]["source"]["properties"]["format"]["enum"],
        json!(["csv", "json", "ndjson", "parquet"])
    );
    Sandbox::bare().dp(["schema"]).exits(64);
    Sandbox::bare().dp(["schema", "table"]).exits(64);
}
