//! The query that reads a source's files.

use super::foreign;
use super::session::Session;
use crate::project::{Format, OptionValue};
use crate::sql::quote;
use crate::state::Schema;
use crate::warehouse::{EngineError, SourceReader};

/// Options that say themselves what types columns have.
const TYPE_OPTIONS: [&str; 5] = ["columns", "types", "dtypes", "column_types", "schema"];

const SELECT_ALL: &str = "SELECT * FROM ";

/// Whether contract types are to be handed to the reader.
pub(super) fn takes_types(source: &SourceReader) -> bool {
    source.format.is_text() && !source.types.is_empty() && !has_type_options(source)
}

fn has_type_options(source: &SourceReader) -> bool {
    source.options.iter().any(|(name, _)| TYPE_OPTIONS.contains(&name.as_str()))
}

/// The query that reads all files of a source.
///
/// `sniffed` are the columns that a first look found; JSON needs all of them once one type is given.
pub(super) fn read_sql(source: &SourceReader, sniffed: Option<&Schema>) -> String {
    let function = match source.format {
        Format::Csv => "read_csv",
        Format::Json => "read_json",
        Format::Ndjson => "read_ndjson",
        Format::Parquet => "read_parquet",
    };
    let mut arguments = vec![files_sql(source)];
    for (name, value) in &source.options {
        arguments.push(format!("{} = {}", quote::identifier(name), value.sql()));
    }
    if !source.options.iter().any(|(name, _)| name == "hive_partitioning") {
        // Otherwise every `name=value` folder above the file, even above the project, adds a column.
        arguments.push("hive_partitioning = false".to_owned());
    }
    if takes_types(source) {
        let types = &source.types;
        match (source.format, sniffed) {
            (Format::Csv, _) => arguments.push(format!("types = {}", structure(types.iter().cloned()))),
            (_, Some(schema)) => {
                let columns = schema.0.iter().map(|column| {
                    let wanted = types.iter().find(|(name, _)| name.eq_ignore_ascii_case(&column.name));
                    (column.name.clone(), wanted.map_or(&column.data_type, |(_, data_type)| data_type).clone())
                });
                arguments.push(format!("columns = {}", structure(columns)));
            }
            (_, None) => {}
        }
    }
    format!("{SELECT_ALL}{function}({})", arguments.join(", "))
}

fn files_sql(source: &SourceReader) -> String {
    quote::list(source.files.iter().map(|file| escape_glob(&file.to_string_lossy())))
}

/// The query that reads all files of a source whose format says itself what columns there are.
pub(super) fn guarded_sql(source: &SourceReader, session: &Session) -> Result<String, EngineError> {
    let sql = read_sql(source, None);
    let reader = sql.strip_prefix(SELECT_ALL).unwrap_or(&sql);
    if source.format != Format::Parquet {
        return Ok(sql);
    }
    let columns = foreign::columns(session, reader, &files_sql(source))?;
    Ok(columns.map_or_else(|| sql.clone(), |columns| format!("SELECT {columns} FROM {reader}")))
}

fn structure(fields: impl Iterator<Item = (String, String)>) -> String {
    let fields = fields.map(|(name, text)| (name, OptionValue::Scalar(crate::project::Scalar::String(text)))).collect();
    OptionValue::Struct(fields).sql()
}

/// A path as a pattern that matches it alone.
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

    #[test]
    fn contract_types_go_to_the_reader_unless_options_have_types() {
        let mut source = SourceReader {
            format: Format::Csv,
            files: vec!["/p/a.csv".into()],
            options: Vec::new(),
            types: vec![("id".to_owned(), "BIGINT".to_owned())],
        };
        assert_eq!(
            read_sql(&source, None),
            "SELECT * FROM read_csv(['/p/a.csv'], hive_partitioning = false, types = {'id': 'BIGINT'})"
        );
        source.options.push(("columns".to_owned(), OptionValue::Struct(Vec::new())));
        assert!(!read_sql(&source, None).contains("types ="));
    }
}
