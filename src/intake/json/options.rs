//! The options of a JSON source, each with what dp does with it.

use std::path::Path;

use super::super::bytes::{Compression, Encoding, Text};
use super::super::option::{self, boolean, fields, integer, text, wrong};
use super::super::refusal::Refusal;
use crate::project::OptionValue;

/// How JSON files are written, as far as somebody said so.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct JsonOptions {
    compression: Option<Compression>,
    /// All columns with their types; other keys are refused.
    pub columns: Option<Vec<(String, String)>>,
    pub filename: Option<String>,
    /// Whether folders `name=value` are columns.
    pub hive: bool,
}

/// Options that only guess.
const GUESSING: [&str; 10] = [
    "auto_detect",
    "sample_size",
    "maximum_sample_files",
    "union_by_name",
    "maximum_depth",
    "field_appearance_threshold",
    "map_inference_threshold",
    "convert_strings_to_integers",
    "records",
    "format",
];

/// Options that dp takes.
const KNOWN: [&str; 7] =
    ["columns", "compression", "dateformat", "filename", "hive_partitioning", "maximum_object_size", "timestampformat"];

impl JsonOptions {
    pub(super) fn parse(options: &[(String, OptionValue)]) -> Result<Self, Refusal> {
        let mut parsed = Self::default();
        for (name, value) in options {
            match name.to_ascii_lowercase().as_str() {
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
                "dateformat" | "date_format" | "timestampformat" | "timestamp_format" => {
                    text(name, value)?;
                }
                "maximum_object_size" => {
                    integer(name, value)?;
                }
                "ignore_errors" if boolean(name, value).is_ok_and(|set| !set) => {}
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
