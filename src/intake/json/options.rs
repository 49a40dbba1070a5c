//! The options of a JSON source, and how dp handles each.

use std::path::Path;

use super::super::bytes::{Compression, Encoding, Text};
use super::super::option::{self, boolean, fields, integer, text, wrong};
use super::super::refusal::Refusal;
use super::JsonForm;
use crate::model::{OptionValue, Scalar};

/// The declared form of JSON files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct JsonOptions {
    compression: Option<Compression>,
    /// All columns with their types; other keys are refused.
    pub columns: Option<Vec<(String, String)>>,
    pub filename: Option<String>,
    /// The declared layout, if there is one.
    pub form: Option<JsonForm>,
    /// Whether folders `name=value` are columns.
    pub hive: bool,
}

/// Options that only affect guessing.
const GUESSING: [&str; 9] = [
    "auto_detect",
    "sample_size",
    "maximum_sample_files",
    "union_by_name",
    "maximum_depth",
    "field_appearance_threshold",
    "map_inference_threshold",
    "convert_strings_to_integers",
    "records",
];

/// The options that dp accepts.
const KNOWN: [&str; 6] = ["columns", "compression", "filename", "format", "hive_partitioning", "maximum_object_size"];

impl JsonOptions {
    pub(super) fn parse(options: &[(String, OptionValue)]) -> Result<Self, Refusal> {
        let mut parsed = Self::default();
        for (name, value) in options {
            match name.as_str() {
                "columns" => parsed.columns = Some(fields(name, value)?),
                "compression" => match text(name, value)?.as_str() {
                    "auto" | "auto_detect" => {}
                    word => {
                        let found = Compression::parse(word);
                        parsed.compression =
                            Some(found.ok_or_else(|| wrong(name, "`none`, `gzip`, `zstd` or `auto`"))?);
                    }
                },
                "filename" => parsed.filename = option::filename(name, value)?,
                "hive_partitioning" => parsed.hive = boolean(name, value)?,
                "dateformat" | "timestampformat" => {
                    return Err(Refusal::Option {
                        name: name.clone(),
                        why: "is not an option of JSON sources".to_owned(),
                        help: "remove it, and convert the strings in a query: `strptime(column, format)`".to_owned(),
                    });
                }
                "maximum_object_size" => {
                    integer(name, value)?;
                }
                "format" => parsed.form = form(name, value)?,
                "records" if wants_records(value) => {}
                _ if option::asks_for_the_default(name, value) => {}
                "ignore_errors" => return Err(option::drops(name)),
                lower if GUESSING.contains(&lower) => return Err(option::guesses(name)),
                _ => return Err(option::unknown(name, "JSON", &KNOWN)),
            }
        }
        Ok(parsed)
    }

    pub(super) fn open(&self, path: &Path) -> Result<Text, Refusal> {
        Text::open(path, self.compression.unwrap_or_else(|| Compression::of_path(path)), Encoding::Utf8)
    }
}

/// Returns the declared layout; `None` if dp must detect it.
fn form(name: &str, value: &OptionValue) -> Result<Option<JsonForm>, Refusal> {
    match text(name, value)?.as_str() {
        "auto" => Ok(None),
        "newline_delimited" | "nd" => Ok(Some(JsonForm::Lines)),
        "array" => Ok(Some(JsonForm::Array)),
        "unstructured" => Ok(Some(JsonForm::Objects)),
        _ => Err(wrong(name, "`newline_delimited`, `array`, `unstructured` or `auto`")),
    }
}

/// Whether the option requests a row per object, which is dp's only mode.
fn wants_records(value: &OptionValue) -> bool {
    match value {
        OptionValue::Scalar(Scalar::Boolean(wanted)) => *wanted,
        OptionValue::Scalar(Scalar::String(word)) => matches!(word.as_str(), "auto" | "true"),
        _ => false,
    }
}
