//! The JSON Schema of the files, for completion and checks in editors.
//!
//! It matches the parser as far as a schema can: `dp validate` refuses everything that the schema refuses. Where the
//! two differ (patterns of durations, for example), the schema accepts more.

use serde_json::{Map, Value, json};

use super::keys::{ASSET, ASSET_NAME, DP_TOML};
use super::{Form, KeyTable};

/// The two kinds of files that users write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// `dp.toml`.
    Project,
    /// A file in `assets`.
    Asset,
}

impl FileKind {
    /// Returns the top-level keys of the file.
    pub fn keys(self) -> &'static KeyTable {
        match self {
            Self::Project => &DP_TOML,
            Self::Asset => &ASSET,
        }
    }
}

/// A number and its unit anywhere; dp checks the rest.
const DURATION: &str = "[0-9]\\s*[A-Za-zµ]";

/// Returns the schema of a file, in JSON Schema draft 2020-12.
pub fn schema(file: FileKind) -> Value {
    let mut schema = table(file.keys());
    let (title, description) = match file {
        FileKind::Project => ("dp.toml", "A dp project"),
        FileKind::Asset => ("dp asset", "One asset of a dp project: a file in its folder `assets`"),
    };
    schema["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    schema["title"] = json!(title);
    schema["description"] = json!(description);
    if file == FileKind::Asset {
        let needs = |kind: &str, needs: Value| json!({ "if": { "properties": { "kind": { "const": kind } }, "required": ["kind"] }, "then": needs });
        let one_of =
            |keys: &[&str]| json!({ "anyOf": keys.iter().map(|key| json!({ "required": [key] })).collect::<Vec<_>>() });
        schema["allOf"] = json!([
            needs("source", json!({ "required": ["source"] })),
            needs("sql", one_of(&["sql", "sql_file"])),
            needs(
                "command",
                json!({ "required": ["command"], "anyOf": one_of(&["output", "outputs", "files"])["anyOf"] })
            ),
        ]);
    }
    schema
}

fn table(keys: &KeyTable) -> Value {
    let mut properties = Map::new();
    for (name, form, what) in keys.keys {
        let mut value = self::form(*form);
        value["description"] = json!(what.trim_end_matches("; required"));
        properties.insert((*name).to_owned(), value);
    }
    let mut schema = json!({ "type": "object", "properties": properties, "additionalProperties": false });
    if !keys.required.is_empty() {
        schema["required"] = json!(keys.required);
    }
    schema
}

fn form(form: Form) -> Value {
    // Tools that check TOML with a schema treat dates as strings.
    let scalar = json!(["string", "number", "boolean"]);
    match form {
        Form::Text => json!({ "type": "string" }),
        Form::Word(words) => json!({ "type": "string", "enum": words }),
        Form::Pattern(pattern) => json!({ "type": "string", "pattern": pattern }),
        Form::Duration => json!({ "type": "string", "pattern": DURATION }),
        Form::DurationOr(word) => {
            json!({ "anyOf": [{ "type": "string", "const": word }, { "type": "string", "pattern": DURATION }] })
        }
        Form::Integer => json!({ "type": "integer", "minimum": 0 }),
        Form::Boolean => json!({ "type": "boolean" }),
        Form::Bound => json!({ "type": scalar }),
        Form::Texts => json!({ "type": "array", "items": { "type": "string" } }),
        Form::Assets => json!({ "type": "array", "items": { "type": "string", "pattern": ASSET_NAME } }),
        Form::AssetOrAssets => {
            json!({ "anyOf": [self::form(Form::Pattern(ASSET_NAME)), self::form(Form::Assets)] })
        }
        Form::Values => json!({ "type": "array", "items": { "type": scalar } }),
        Form::Table(keys) => table(keys),
        Form::Variables => json!({ "type": "object", "additionalProperties": { "type": scalar } }),
        Form::NamedTexts => json!({ "type": "object", "additionalProperties": { "type": "string" } }),
        Form::Anything => json!({ "type": "object" }),
        Form::Named("", keys) => json!({ "type": "object", "additionalProperties": table(keys) }),
        Form::Named(pattern, keys) => {
            json!({ "type": "object", "propertyNames": { "pattern": pattern }, "additionalProperties": table(keys) })
        }
        Form::Tables(keys) => json!({ "type": "array", "items": table(keys) }),
        Form::WordOrTable(words, keys) => json!({ "anyOf": [{ "type": "string", "enum": words }, table(keys)] }),
        Form::WordsAndTables(words, keys) => {
            json!({ "type": "array", "items": { "anyOf": [{ "type": "string", "enum": words }, table(keys)] } })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::KEY_TABLES;
    use super::*;

    #[test]
    fn what_is_required_is_said_in_words_too() {
        for table in KEY_TABLES {
            for name in table.required {
                assert!(table.names().any(|known| known == *name), "{name} of {}", table.title);
            }
            for (name, _, what) in table.keys {
                let said = what.ends_with("; required");
                assert!(!said || table.required.contains(name), "`{name}` of {} is required", table.title);
            }
        }
    }

    #[test]
    fn every_table_is_reached_from_a_file() {
        fn walk(table: &'static KeyTable, reached: &mut Vec<&'static str>) {
            reached.push(table.title);
            table.keys.iter().filter_map(|(_, form, _)| form.table()).for_each(|below| walk(below, reached));
        }
        let mut reached = Vec::new();
        walk(FileKind::Project.keys(), &mut reached);
        walk(FileKind::Asset.keys(), &mut reached);
        for table in KEY_TABLES {
            assert!(reached.contains(&table.title), "{} is in no schema", table.title);
        }
    }
}
