//! Converts the keys of an export to its format.

use super::shape::{Placed, Section};
use crate::base::diagnostic::{Problem, Problems};
use crate::model::{ExportCompression, ExportFormat, ExportStyle};

/// Returns the format of an export; `None` if there is a mistake, which is reported.
pub(super) fn export_style(
    section: &Section<'_>,
    format: ExportFormat,
    path: &str,
    problems: &mut Problems,
) -> Option<ExportStyle> {
    let written = section.word("compression", &ExportCompression::WORDS, problems);
    let compression = written.unwrap_or_else(|| ExportCompression::of_path(path));
    let delimiter = section.string("delimiter", problems);
    let mut refuse = |key: &str, value: &str, help: &str| {
        let span = section.get(key).map_or_else(|| section.span.clone(), toml::Spanned::span);
        problems.push(section.bad_value(key, value, help.to_owned(), span));
        None
    };
    if format == ExportFormat::Parquet && compression != ExportCompression::None {
        let help = "remove `compression`, and use a name that ends in .parquet: Parquet compresses its columns itself";
        let key = if written.is_some() { "compression" } else { "file" };
        return refuse(key, if written.is_some() { compression.word() } else { path }, help);
    }
    let delimiter = match delimiter {
        None => None,
        Some(text) if format != ExportFormat::Csv => {
            return refuse("delimiter", &text.value, "remove it: only CSV files have a delimiter");
        }
        Some(text) => match text.value.chars().collect::<Vec<_>>().as_slice() {
            [one] if one.is_ascii() && !matches!(one, '"' | '\n' | '\r' | '\0') => Some(*one).filter(|one| *one != ','),
            _ => return refuse("delimiter", &text.value, "write one ASCII character, such as `;` or `\\t`"),
        },
    };
    Some(ExportStyle {
        format,
        compression,
        delimiter,
    })
}

/// Creates the problem that the name of a file does not show a format.
pub(super) fn no_format(section: &Section<'_>, key: &str, path: &Placed<String>) -> Problem {
    let extension = path.value.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
    match extension.as_deref() {
        Some("xls" | "xlsx" | "xlsm" | "ods") => {
            let help = "save the sheet as CSV: dp reads and writes CSV, JSON, NDJSON and Parquet, but no spreadsheets";
            section.bad_value(key, &path.value, help.to_owned(), path.span.clone())
        }
        _ => section.missing("format", "format = \"csv\""),
    }
}
