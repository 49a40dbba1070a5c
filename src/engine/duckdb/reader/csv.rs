//! The query that reads CSV files after dp has scanned them.

use std::collections::{BTreeMap, BTreeSet};

use crate::intake::{CsvPart, ReadColumn, Reading};
use crate::model::{OptionValue, Scalar};
use crate::seam::SourceReader;
use crate::sql::quote;

use super::{files, null, partitioned, shown_path};

/// Options that are passed to the engine's reader unchanged.
const HANDED_ON: [&str; 7] = [
    "allow_quoted_nulls",
    "compression",
    "decimal_separator",
    "encoding",
    "force_not_null",
    "null_padding",
    "thousands",
];

/// The line length in bytes up to which the engine's default suffices.
const USUAL_LINE: u64 = 1 << 20;

/// Returns the query for one part. With `as_text`, every column is text.
pub(super) fn part_sql(source: &SourceReader, reading: &Reading, part: &CsvPart, as_text: bool) -> String {
    let dialect = &part.dialect;
    let byte = |byte: Option<u8>| quote::literal(&byte.map(char::from).map(String::from).unwrap_or_default());
    let by_name: BTreeMap<&str, &ReadColumn> =
        reading.columns.iter().map(|column| (column.name.as_str(), column)).collect();
    let types = part.names.iter().map(|name| {
        let read_as = by_name
            .get(name.as_str())
            .copied()
            .filter(|column| !as_text && !goes_by_text(column))
            .map_or("VARCHAR", |column| &column.data_type);
        format!("{}: {}", quote::literal(name), quote::literal(read_as))
    });
    let mut arguments = vec![
        files(&part.files),
        "auto_detect = false".to_owned(),
        format!("columns = {{{}}}", types.collect::<Vec<_>>().join(", ")),
        format!("header = {}", dialect.header),
        format!("skip = {}", dialect.skip),
        format!("delim = {}", byte(Some(dialect.delim))),
        format!("quote = {}", byte(dialect.quote)),
        format!("escape = {}", byte(dialect.escape)),
        format!("comment = {}", byte(dialect.comment)),
    ];
    let given = |name: &str| source.options.iter().find(|(option, _)| option == name);
    arguments
        .push(format!("nullstr = {}", given("nullstr").map_or_else(|| "['']".to_owned(), |(_, value)| value.sql())));
    if given("allow_quoted_nulls").is_none() {
        arguments.push("allow_quoted_nulls = false".to_owned());
    }
    for name in HANDED_ON {
        if let Some((name, value)) = given(name) {
            arguments.push(format!("{} = {}", quote::identifier(name), OptionValue::sql(value)));
        }
    }
    if dialect.carriage_return {
        arguments.push("new_line = '\\r'".to_owned());
    }
    if let Some((_, value)) = given("max_line_size") {
        arguments.push(format!("max_line_size = {}", value.sql()));
    } else if part.longest > USUAL_LINE {
        arguments.push(format!("max_line_size = {}", 2 * part.longest));
    }
    arguments.extend(partitioned(reading));
    let names: BTreeSet<&str> = part.names.iter().map(String::as_str).collect();
    let partitions: BTreeSet<&str> = reading.partitions.iter().map(String::as_str).collect();
    let mut columns: Vec<String> = reading
        .columns
        .iter()
        .map(|column| {
            let name = quote::identifier(&column.name);
            let is_partition = partitions.contains(column.name.as_str());
            match is_partition || names.contains(column.name.as_str()) {
                false => null(column),
                true if as_text => name,
                true if is_partition || goes_by_text(column) => {
                    let text = if column.data_type == "VARCHAR" { name.clone() } else { format!("nullif({name}, '')") };
                    let moment = format(source, &column.data_type).filter(|_| column.unjudged);
                    let value =
                        moment.map_or(text.clone(), |format| format!("strptime({text}, {})", quote::literal(format)));
                    format!("CAST({value} AS {}) AS {name}", column.data_type)
                }
                true => name,
            }
        })
        .collect();
    columns.extend(shown_path(source, reading.filename.as_deref()));
    format!("SELECT {} FROM read_csv({})", columns.join(", "), arguments.join(", "))
}

/// Whether a column is read as text and then cast: its type is not decided yet, or its quoted empty texts are NULL.
fn goes_by_text(column: &ReadColumn) -> bool {
    column.unjudged || (column.empty_text && column.data_type != "VARCHAR")
}

/// Returns the format for values of a type, if the options set one.
pub(super) fn format<'s>(source: &'s SourceReader, data_type: &str) -> Option<&'s str> {
    let option = match data_type {
        "DATE" => "dateformat",
        "TIMESTAMP" => "timestampformat",
        _ => return None,
    };
    source.options.iter().find_map(|(name, value)| match value {
        OptionValue::Scalar(Scalar::String(text)) if name == option => Some(text.as_str()),
        _ => None,
    })
}
