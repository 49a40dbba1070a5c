//! Finds the readers of files in a query's syntax tree.

use serde_json::Value;

use crate::engine::duckdb::functions;
use crate::model::{Format, OptionValue, Scalar};

/// A place in a query that reads files: a call of a reader function, or the name of a file.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct FileReader {
    /// The byte offset of its start.
    pub at: usize,
    /// Whether it is a function call; otherwise it is the name of a file.
    pub is_call: bool,
    /// The format of the files; `None` if neither the function nor the name shows it.
    pub format: Option<Format>,
    /// The paths or patterns, as written.
    pub paths: Vec<String>,
    /// The named arguments; the value is `None` if it is not a constant.
    pub options: Vec<(String, Option<OptionValue>)>,
    /// The name that qualifies its columns.
    pub name: String,
    /// Whether the query contains that name.
    pub is_named: bool,
    /// Whether the query reads the numbers of the rows.
    pub is_numbered: bool,
}

/// Returns all readers of files in a query's syntax tree, in the order of the text.
///
/// `is_file` returns whether the name of a table is the path of a file.
pub(crate) fn find(tree: &Value, is_file: &dyn Fn(&str) -> bool) -> Vec<FileReader> {
    let mut found = Vec::new();
    walk(tree, is_file, &mut found);
    found.sort_by_key(|reader| reader.at);
    found
}

fn walk(value: &Value, is_file: &dyn Fn(&str) -> bool, found: &mut Vec<FileReader>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| walk(item, is_file, found)),
        Value::Object(fields) => {
            if let Some(reader) = reader(value, is_file) {
                found.push(reader);
                return;
            }
            fields.values().for_each(|field| walk(field, is_file, found));
        }
        _ => {}
    }
}

fn reader(value: &Value, is_file: &dyn Fn(&str) -> bool) -> Option<FileReader> {
    let at = usize::try_from(value["query_location"].as_u64()?).ok()?;
    let alias = value["alias"].as_str().filter(|alias| !alias.is_empty());
    let (is_call, format, paths, options, fallback) = match value["type"].as_str()? {
        "TABLE_FUNCTION" => {
            let function = &value["function"];
            let name = function["qualified_name"]["path"].as_array()?.last()?.as_str()?;
            let (_, format) =
                functions::READERS.iter().find(|(reader, _)| reader.eq_ignore_ascii_case(name)).copied()?;
            let (mut paths, mut options) = (Vec::new(), Vec::new());
            for (index, argument) in function["arguments"].as_array()?.iter().enumerate() {
                match named(argument) {
                    Some((name, value)) => options.push((name.to_owned(), constant(value))),
                    None if index == 0 => texts(argument, &mut paths),
                    None => options.push((format!("{}", index + 1), None)),
                }
            }
            (true, Some(format), paths, options, name)
        }
        "BASE_TABLE" => {
            let [path] = value["qualified_name"]["path"].as_array()?.as_slice() else {
                return None;
            };
            let path = path.as_str().filter(|path| is_file(path))?;
            let file = path.rsplit('/').next().unwrap_or_default();
            let stem = file.split('.').next().unwrap_or_default();
            (false, Format::of_path(path), vec![path.to_owned()], Vec::new(), stem)
        }
        _ => return None,
    };
    Some(FileReader {
        at,
        is_call,
        format,
        paths,
        options,
        name: alias.unwrap_or(fallback).to_owned(),
        is_named: alias.is_some(),
        is_numbered: value["with_ordinality"].as_str().is_some_and(|word| word != "WITHOUT_ORDINALITY"),
    })
}

/// Returns a named argument of a call, written `name = value` or `name := value`.
fn named(argument: &Value) -> Option<(&str, &Value)> {
    let expression = argument.get("expression").unwrap_or(argument);
    if let Some(name) = argument["name"].as_str().filter(|name| !name.is_empty()) {
        return Some((name, expression));
    }
    let [Value::String(name)] = expression["left"]["column_names"].as_array()?.as_slice() else {
        return None;
    };
    (expression["type"] == "COMPARE_EQUAL").then_some((name.as_str(), &expression["right"]))
}

/// Returns the value of a constant expression: a literal, or a list or a struct of constants.
fn constant(value: &Value) -> Option<OptionValue> {
    if value["class"] == "CONSTANT" {
        let text = value["literal"]["text"].as_str()?;
        let scalar = match value["literal"]["kind"].as_str()? {
            "STRING" => Scalar::String(text.to_owned()),
            "INTEGER" => Scalar::Integer(text.parse().ok()?),
            "NUMERIC" => Scalar::Float(text.parse().ok()?),
            "BOOLEAN" => Scalar::Boolean(text.parse().ok()?),
            _ => return None,
        };
        return Some(OptionValue::Scalar(scalar));
    }
    let arguments = value["arguments"].as_array()?.iter();
    match value["function_name"].as_str()? {
        "list_value" => {
            let items = arguments.map(|item| constant(item.get("expression").unwrap_or(item)));
            items.collect::<Option<_>>().map(OptionValue::List)
        }
        "struct_pack" => {
            let fields = arguments.map(|field| {
                let (name, value) = named(field)?;
                Some((name.to_owned(), constant(value)?))
            });
            fields.collect::<Option<_>>().map(OptionValue::Struct)
        }
        _ => None,
    }
}

/// Collects constant texts in an argument: one, or a list.
fn texts(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| texts(item, found)),
        Value::Object(fields) => match value["literal"]["text"].as_str() {
            Some(text) => found.push(text.to_owned()),
            None => fields.values().for_each(|field| texts(field, found)),
        },
        _ => {}
    }
}
