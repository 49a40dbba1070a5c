//! The query that reads a source's files exactly, after dp has inspected every row.

mod confirm;
mod csv;
mod declared;
mod json;
mod parquet;

use std::path::PathBuf;

use super::analyst::describe;
use super::session::Session;
use super::types::DataType;
use crate::intake::{self, Bond, Parts, Question, ReadColumn, Reading, Wanted};
use crate::model::{self, Dialect, Format};
use crate::seam::{ReadError, SourceRead, SourceReader};
use crate::sql::quote;

/// Returns the columns of a source, and the query that reads its files.
///
/// # Errors
/// What can't be read exactly, with its place, or the engine's error.
pub(super) fn read(session: &Session, source: &SourceReader) -> Result<SourceRead, ReadError> {
    let source = &SourceReader {
        options: declared::canonical(session, intake::canonical_options(&source.options)?)?,
        ..source.clone()
    };
    if source.format == Format::Parquet {
        return parquet::read(session, source);
    }
    let wanted = wanted(source);
    let question = Question {
        format: source.format,
        root: &source.root,
        files: &source.files,
        options: &source.options,
        wanted: &wanted,
    };
    let reading = intake::look(&question)?;
    confirm::columns(session, source, &question, &reading)?;
    let sql = sql(source, &reading, false);
    let columns = reading.columns.iter();
    let place = |column: &ReadColumn| Some((column.name.clone(), column.place.as_ref()?.to_string()));
    let misfit = |column: &ReadColumn| {
        let (place, value) = column.misfit.as_ref()?;
        Some((column.name.clone(), format!("{place} `{value}`")))
    };
    Ok(SourceRead {
        schema: describe(session, &sql)?,
        places: columns.clone().filter_map(place).collect(),
        misfits: columns.filter_map(misfit).collect(),
        reading: recorded(source, &reading),
        sql,
    })
}

/// Returns what is recorded of a reading.
fn recorded(source: &SourceReader, reading: &Reading) -> model::Reading {
    let shown = |files: &[PathBuf]| {
        let first = files.first().map_or(source.root.as_path(), PathBuf::as_path);
        first.strip_prefix(&source.root).unwrap_or(first).display().to_string()
    };
    let dialect = |files: &[PathBuf], written: String| Dialect {
        written,
        files: files.len(),
        first: shown(files),
    };
    let mut dialects: Vec<Dialect> = Vec::new();
    match &reading.parts {
        Parts::Csv(parts) => {
            for part in parts {
                let found = dialect(&part.files, part.dialect.to_string());
                match dialects.iter_mut().find(|known| known.written == found.written) {
                    Some(known) => known.files += found.files,
                    None => dialects.push(found),
                }
            }
        }
        Parts::Json(parts) => dialects.extend(parts.iter().map(|part| dialect(&part.files, part.form.to_string()))),
    }
    let without_values = reading.columns.iter().filter(|column| !column.seen).map(|column| column.name.clone());
    model::Reading {
        rows: Some(reading.rows),
        dialects,
        without_values: without_values.collect(),
    }
}

/// Returns the columns with a given type. A declared type has priority over one that an earlier reading found.
fn wanted(source: &SourceReader) -> Vec<Wanted> {
    let wanted = |(name, data_type): &(String, String), bond: Bond| Wanted {
        name: name.clone(),
        data_type: data_type.clone(),
        shape: DataType::parse(data_type).map_or(intake::Shape::Other, |parsed| parsed.shape()),
        bond,
        except: Vec::new(),
    };
    let in_contract = |name: &str| source.types.iter().any(|(column, _)| column.eq_ignore_ascii_case(name));
    let by_options = declared::by_column(&source.options);
    let by_options = by_options.iter().filter(|(name, _)| !in_contract(name));
    let declared = source
        .types
        .iter()
        .chain(by_options)
        .map(|column| wanted(column, if source.lenient.contains(&column.0) { Bond::Lenient } else { Bond::Exact }));
    declared.chain(source.kept.iter().map(|column| wanted(column, Bond::Kept))).collect()
}

/// Returns the query for all parts. With `as_text`, the columns of CSV files are text.
fn sql(source: &SourceReader, reading: &Reading, as_text: bool) -> String {
    let parts: Vec<String> = match &reading.parts {
        Parts::Csv(parts) => parts.iter().map(|part| csv::part_sql(source, reading, part, as_text)).collect(),
        Parts::Json(parts) => parts.iter().map(|part| json::part_sql(source, reading, part)).collect(),
    };
    if parts.is_empty() {
        let mut columns: Vec<String> = reading.columns.iter().map(null).collect();
        columns.extend(
            reading.filename.iter().map(|name| format!("CAST(NULL AS VARCHAR) AS {}", quote::identifier(name))),
        );
        return format!("SELECT {} WHERE false", columns.join(", "));
    }
    parts.join("\nUNION ALL ")
}

/// Returns the expression for a column that the files of a part do not have.
fn null(column: &ReadColumn) -> String {
    format!("CAST(NULL AS {}) AS {}", column.data_type, quote::identifier(&column.name))
}

/// Returns the files as a list of patterns, each matching exactly one file.
fn files(files: &[PathBuf]) -> String {
    quote::list(files.iter().map(|file| escape_glob(&file.to_string_lossy())))
}

/// Returns the arguments for the paths of the files. Without them the engine adds a column for each `name=value`
/// folder above a file, even above the project.
fn partitioned(reading: &Reading) -> Vec<String> {
    let mut arguments = vec![format!("hive_partitioning = {}", !reading.partitions.is_empty())];
    if !reading.partitions.is_empty() {
        arguments.push("hive_types_autocast = false".to_owned());
    }
    if reading.filename.is_some() {
        arguments.push(format!("filename = {}", quote::literal(PATH)));
    }
    arguments
}

/// The engine's name for the column with the absolute path, before it is made relative.
const PATH: &str = "_dp_path";

/// Returns the column with each row's file, relative to the project, if it is requested.
fn shown_path(source: &SourceReader, name: Option<&str>) -> Option<String> {
    let name = quote::identifier(name?);
    let root = quote::literal(&format!("{}/", source.root.display()));
    Some(format!("replace({}, {root}, '') AS {name}", quote::identifier(PATH)))
}

/// Returns a pattern that matches exactly this path.
pub fn escape_glob(path: &str) -> String {
    let mut pattern = String::with_capacity(path.len());
    for char in path.chars() {
        match char {
            '[' => pattern.push_str("[[]"),
            '*' => pattern.push_str("[*]"),
            '?' => pattern.push_str("[?]"),
            other => pattern.push(other),
        }
    }
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_in_file_names_match_themselves() {
        assert_eq!(escape_glob("a[1]*?.csv"), "a[[]1][*][?].csv");
    }
}
